import { randomBytes, webcrypto } from "node:crypto";
import * as x509 from "./x509";
import { z } from "zod";
import type { Problem } from "../provider/resource";
import type { Properties } from "../provider/wire";

/** The words of `allowedUses` (HashiCorp tls provider, "allowed_uses") that have a stand-in. */
const keyUses = {
  digital_signature: x509.KeyUsageFlags.digitalSignature,
  content_commitment: x509.KeyUsageFlags.nonRepudiation,
  key_encipherment: x509.KeyUsageFlags.keyEncipherment,
  data_encipherment: x509.KeyUsageFlags.dataEncipherment,
  key_agreement: x509.KeyUsageFlags.keyAgreement,
  cert_signing: x509.KeyUsageFlags.keyCertSign,
  crl_signing: x509.KeyUsageFlags.cRLSign,
} as const;
/** RFC 5280 §4.2.1.12, RFC 4945 §5.1.3.12. */
const extendedUses = {
  server_auth: "1.3.6.1.5.5.7.3.1",
  client_auth: "1.3.6.1.5.5.7.3.2",
  code_signing: "1.3.6.1.5.5.7.3.3",
  ocsp_signing: "1.3.6.1.5.5.7.3.9",
  ipsec_end_system: "1.3.6.1.5.5.7.3.5",
  ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
  ipsec_user: "1.3.6.1.5.5.7.3.7",
} as const;

const useNames = new Set<string>([...Object.keys(keyUses), ...Object.keys(extendedUses)]);

/** Inputs that self-signed and locally signed certificates share. */
export const certificateInputs = {
  allowedUses: z.array(
    z.string().refine((use) => useNames.has(use), "the lab has no stand-in for one of the uses"),
  ),
  validityPeriodHours: z.int().min(1),
  earlyRenewalHours: z.int().min(0).default(0),
  isCaCertificate: z.boolean().default(false),
  maxPathLength: z.int().min(0).optional(),
  setSubjectKeyId: z.boolean().default(false),
};
export type CertificateInputs = z.output<z.ZodObject<typeof certificateInputs>>;

export const certificateOutputs = [
  ...["certPem", "readyForRenewal", "validityEndTime", "validityStartTime"],
] as const;

export function checkCertificate({ isCaCertificate, maxPathLength }: CertificateInputs): Problem[] {
  return maxPathLength !== undefined && !isCaCertificate
    ? [{ property: "maxPathLength", reason: "only a certificate with isCaCertificate has a path length" }]
    : [];
}

/** Names in a subject, in the order that Go's `pkix.Name` writes them. */
export const subject = z
  .strictObject({
    country: z.string().length(2).optional(),
    organization: z.string().optional(),
    organizationalUnit: z.string().optional(),
    locality: z.string().optional(),
    province: z.string().optional(),
    commonName: z.string().max(64).optional(),
  })
  .optional();

export function nameOf(given: z.output<typeof subject>): x509.Name {
  const { country, organization, organizationalUnit, locality, province, commonName } = given ?? {};
  const parts = {
    C: country,
    O: organization,
    OU: organizationalUnit,
    L: locality,
    ST: province,
    CN: commonName,
  };
  return new x509.Name(
    Object.entries(parts).flatMap(([type, value]) => (value === undefined ? [] : [{ [type]: [value] }])),
  );
}

/** What a certificate says of its use, critical where RFC 5280 wants it and Go's x509 writes it. */
export async function useExtensions(
  inputs: CertificateInputs,
  publicKey: webcrypto.CryptoKey,
): Promise<x509.Extension[]> {
  const { allowedUses, isCaCertificate, maxPathLength, setSubjectKeyId } = inputs;
  const flags = Object.entries(keyUses).reduce(
    (sum, [use, flag]) => (allowedUses.includes(use) ? sum | flag : sum),
    0,
  );
  const extended = Object.entries(extendedUses).flatMap(([use, oid]) =>
    allowedUses.includes(use) ? [oid] : [],
  );
  return [
    ...(flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, true)]),
    ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
    new x509.BasicConstraintsExtension(isCaCertificate, maxPathLength, true),
    ...(setSubjectKeyId
      ? [await x509.SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto)]
      : []),
  ];
}

export interface Lifetime {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** From now, in whole seconds, as certificates count. */
export function lifetimeOf({ validityPeriodHours }: CertificateInputs): Lifetime {
  const seconds = Math.floor(Date.now() / 1000);
  const at = (second: number) => new Date(second * 1000);
  return { notBefore: at(seconds), notAfter: at(seconds + validityPeriodHours * 3600) };
}

/** 128 random bits, the first clear: a positive number of one length (RFC 5280 §4.1.2.2). */
export function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

/** The outputs of a certificate that was made just now; its id is its serial number, decimal. */
export function madeCertificate(certificate: x509.X509Certificate, { notBefore, notAfter }: Lifetime) {
  return {
    id: BigInt(`0x${certificate.serialNumber}`).toString(),
    outputs: {
      certPem: `${certificate.toString("pem").trimEnd()}\n`,
      readyForRenewal: false,
      validityStartTime: notBefore.toISOString().replace(".000Z", "Z"),
      validityEndTime: notAfter.toISOString().replace(".000Z", "Z"),
    },
  };
}

/** A certificate within its early renewal period is made anew by the next update, whatever that is about. */
export function dueForRenewal(state: Properties): readonly string[] {
  const read = z
    .object({ validityEndTime: z.iso.datetime(), earlyRenewalHours: z.number().default(0) })
    .safeParse(state);
  if (!read.success) return [];
  const { validityEndTime, earlyRenewalHours } = read.data;
  return Date.now() >= Date.parse(validityEndTime) - earlyRenewalHours * 3_600_000 ? ["readyForRenewal"] : [];
}
