import { createHash, webcrypto } from "node:crypto";
import * as x509 from "./x509";
import { z } from "zod";
import { nameOf, subject } from "./certificate";
import { signingKey } from "./keys";
import { tlsType } from "./type";

const names = z.array(z.string()).optional();

export const certRequest = tlsType({
  token: "tls:index/certRequest:CertRequest",
  inputs: { privateKeyPem: z.string(), subject, dnsNames: names, ipAddresses: names, uris: names },
  replacedBy: "all",
  computed: ["certRequestPem", "keyAlgorithm"],
  secretOutputs: ["privateKeyPem"],
  async create(given) {
    const { algorithm, key, publicKey, signature } = signingKey(given.privateKeyPem, "privateKeyPem");
    const alternative = [
      ...(given.dnsNames ?? []).map((value) => ({ type: "dns" as const, value })),
      ...(given.ipAddresses ?? []).map((value) => ({ type: "ip" as const, value })),
      ...(given.uris ?? []).map((value) => ({ type: "url" as const, value })),
    ];
    const request = await x509.Pkcs10CertificateRequestGenerator.create(
      {
        name: nameOf(given.subject).toJSON(),
        keys: { privateKey: key, publicKey },
        signingAlgorithm: signature,
        extensions: alternative.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(alternative)],
      },
      webcrypto,
    );
    const certRequestPem = `${request.toString("pem").trimEnd()}\n`;
    const id = createHash("sha1").update(certRequestPem).digest("hex");
    return { id, outputs: { certRequestPem, keyAlgorithm: algorithm } };
  },
  read: () => Promise.resolve({}),
  remove: () => Promise.resolve(),
});
