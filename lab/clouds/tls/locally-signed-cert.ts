import { webcrypto } from "node:crypto";
import * as x509 from "./x509";
import { z } from "zod";
import { Refusal } from "../provider/refusal";
import {
  certificateInputs,
  certificateOutputs,
  checkCertificate,
  dueForRenewal,
  lifetimeOf,
  madeCertificate,
  newSerial,
  useExtensions,
} from "./certificate";
import { sameKey, signingKey } from "./keys";
import { tlsType } from "./type";

export const locallySignedCert = tlsType({
  token: "tls:index/locallySignedCert:LocallySignedCert",
  inputs: {
    ...certificateInputs,
    certRequestPem: z.string(),
    caCertPem: z.string(),
    caPrivateKeyPem: z.string(),
  },
  replacedBy: [
    ...(["allowedUses", "caCertPem", "caPrivateKeyPem", "certRequestPem", "isCaCertificate"] as const),
    ...(["maxPathLength", "setSubjectKeyId", "validityPeriodHours"] as const),
  ],
  computed: [...certificateOutputs, "caKeyAlgorithm"],
  secretOutputs: ["caPrivateKeyPem"],
  check: checkCertificate,
  due: dueForRenewal,
  async create(given) {
    const authority = signingKey(given.caPrivateKeyPem, "caPrivateKeyPem");
    const issuer = read(() => new x509.X509Certificate(given.caCertPem), "caCertPem", "certificate");
    const request = read(
      () => new x509.Pkcs10CertificateRequest(given.certRequestPem),
      "certRequestPem",
      "certificate request",
    );
    if (!(await request.verify(webcrypto)))
      throw new Refusal("InvalidRequest", "certRequestPem: the request is not signed with its own key");
    if (!(await sameKey(await issuer.publicKey.export(webcrypto), authority.publicKey)))
      throw new Refusal("InvalidKey", "x509: provided PrivateKey doesn't match parent's PublicKey");
    const lifetime = lifetimeOf(given);
    const publicKey = await request.publicKey.export(webcrypto);
    const certificate = await x509.X509CertificateGenerator.create(
      {
        ...lifetime,
        serialNumber: newSerial(),
        subject: request.subjectName.toJSON(),
        issuer: issuer.subjectName.toJSON(),
        publicKey,
        signingKey: authority.key,
        signingAlgorithm: authority.signature,
        extensions: [
          ...(await useExtensions(given, publicKey)),
          ...(await authorityKeyId(issuer)),
          ...alternativeNames(request),
        ],
      },
      webcrypto,
    );
    const { id, outputs } = madeCertificate(certificate, lifetime);
    const { isCaCertificate, earlyRenewalHours, setSubjectKeyId } = given;
    const completed = { isCaCertificate, earlyRenewalHours, setSubjectKeyId };
    return { id, outputs: { ...completed, ...outputs, caKeyAlgorithm: authority.algorithm } };
  },
  read: () => Promise.resolve({}),
  update: (_id, { earlyRenewalHours }) => Promise.resolve({ earlyRenewalHours }),
  remove: () => Promise.resolve(),
});

/** The issuer's subject key identifier, where it has one (RFC 5280 §4.2.1.1; Go's `x509.CreateCertificate`). */
async function authorityKeyId(issuer: x509.X509Certificate): Promise<x509.Extension[]> {
  const known = issuer.getExtension(x509.SubjectKeyIdentifierExtension);
  if (known === null) return [];
  return [
    await x509.AuthorityKeyIdentifierExtension.create(
      await issuer.publicKey.export(webcrypto),
      false,
      webcrypto,
    ),
  ];
}

/** As the request asks; critical where there is no subject (RFC 5280 §4.2.1.6). */
function alternativeNames(request: x509.Pkcs10CertificateRequest): x509.Extension[] {
  const asked = request.extensions.find(
    (extension) => extension instanceof x509.SubjectAlternativeNameExtension,
  );
  if (asked === undefined) return [];
  return [new x509.SubjectAlternativeNameExtension(asked.names.toJSON(), request.subject === "")];
}

function read<T>(parse: () => T, field: string, what: string): T {
  try {
    return parse();
  } catch {
    throw new Refusal("InvalidPem", `${field}: this is no ${what} in PEM`);
  }
}
