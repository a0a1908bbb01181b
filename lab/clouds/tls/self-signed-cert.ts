import { webcrypto } from "node:crypto";
import * as x509 from "./x509";
import { z } from "zod";
import {
  certificateInputs,
  certificateOutputs,
  checkCertificate,
  dueForRenewal,
  lifetimeOf,
  madeCertificate,
  nameOf,
  newSerial,
  subject,
  useExtensions,
} from "./certificate";
import { signingKey } from "./keys";
import { tlsType } from "./type";

const inputs = {
  ...certificateInputs,
  privateKeyPem: z.string(),
  subject,
  setAuthorityKeyId: z.boolean().default(false),
};

export const selfSignedCert = tlsType({
  token: "tls:index/selfSignedCert:SelfSignedCert",
  inputs,
  // Only when to renew can change without a new certificate.
  replacedBy: [
    ...(["allowedUses", "isCaCertificate", "maxPathLength", "privateKeyPem", "setAuthorityKeyId"] as const),
    ...(["setSubjectKeyId", "subject", "validityPeriodHours"] as const),
  ],
  computed: [...certificateOutputs, "keyAlgorithm"],
  secretOutputs: ["privateKeyPem"],
  check: checkCertificate,
  due: dueForRenewal,
  async create(given) {
    const { algorithm, key, publicKey, signature } = signingKey(given.privateKeyPem, "privateKeyPem");
    const lifetime = lifetimeOf(given);
    const name = nameOf(given.subject).toJSON();
    const certificate = await x509.X509CertificateGenerator.create(
      {
        ...lifetime,
        serialNumber: newSerial(),
        subject: name,
        issuer: name,
        publicKey,
        signingKey: key,
        signingAlgorithm: signature,
        extensions: [
          ...(await useExtensions(given, publicKey)),
          ...(given.setAuthorityKeyId
            ? [await x509.AuthorityKeyIdentifierExtension.create(publicKey, false, webcrypto)]
            : []),
        ],
      },
      webcrypto,
    );
    const { id, outputs } = madeCertificate(certificate, lifetime);
    const { isCaCertificate, earlyRenewalHours, setSubjectKeyId, setAuthorityKeyId } = given;
    const completed = { isCaCertificate, earlyRenewalHours, setSubjectKeyId, setAuthorityKeyId };
    return { id, outputs: { ...completed, ...outputs, keyAlgorithm: algorithm } };
  },
  read: () => Promise.resolve({}),
  update: (_id, { earlyRenewalHours }) => Promise.resolve({ earlyRenewalHours }),
  remove: () => Promise.resolve(),
});
