import type { ArgumentProblem } from "../problem";
import { limits } from "./limits";

/** An ASN of a VPN gateway or of who is at the other end of its tunnels. @see Microsoft Learn, "VPN Gateway FAQ", What ASNs can I use */
export function checkVpnAsn(path: "asn" | "peerAsn", asn: number): ArgumentProblem[] {
  const { least, greatest } = limits.vpnGateway.asn;
  const remedy = "Choose one from 64512 to 65514, from 65521 to 65534, or one of 32 bits.";
  if (!Number.isInteger(asn) || asn < least || asn > greatest)
    return [{ path, message: `${asn} is no ASN.`, remedy }];
  return [...limits.asns.kept, limits.vpnGateway.keptBeyond].some(
    (kept) => asn >= kept.least && asn <= kept.greatest,
  )
    ? [{ path, message: `${asn} is one that Azure or IANA keeps.`, remedy }]
    : [];
}
