import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto);

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** An authority that signs a certificate per name; PEM. Two with one name still have two keys. */
export async function createAuthority(name: string): Promise<(identity: string) => Promise<string>> {
  const keys = await webcrypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  let serial = 0;
  return async (identity) => {
    const own = await webcrypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
    serial += 1;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial.toString(16).padStart(4, "0"),
      issuer: `CN=${name}`,
      subject: `CN=${identity}`,
      notBefore: new Date(Date.now() - 3600_000),
      notAfter: new Date(Date.now() + 86_400_000),
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: identity }])],
    });
    return certificate.toString("pem");
  };
}
