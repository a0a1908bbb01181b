import { z } from "zod";

/**
 * What a VPN gateway's ASN, or that of its peer, may not be.
 * @see Microsoft Learn, "VPN Gateway FAQ", What ASNs can I use; Can I use 32-bit (4-byte) ASNs
 */
const kept = [
  ...[8074, 8075, 12076, 65515, 65517, 65518, 65519, 65520].map((asn) => [asn, asn, "Azure"] as const),
  ...([
    [23456, 23456, "IANA"],
    [64496, 64511, "IANA"],
    [65535, 65551, "IANA"],
  ] as const),
];

export const vpnAsn = z
  .int()
  .min(1)
  .max(4294967295)
  .superRefine((asn, context) => {
    const found = kept.find(([least, greatest]) => asn >= least && asn <= greatest);
    if (found !== undefined)
      context.addIssue({ code: "custom", message: `ASN ${String(asn)} is reserved by ${found[2]}` });
  });
