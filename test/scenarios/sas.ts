import type { GatewayStatus } from "trunkline/gateway/status";

type IkeSa = GatewayStatus["ikeSas"][number];

/**
 * The child SAs that carry traffic. One that was rekeyed stays for late packets, in state DELETED: for five seconds, and
 * until it expires when both ends rekeyed it in one moment (strongSwan 6.0.1).
 */
export function carrying({ childSas }: IkeSa): IkeSa["childSas"] {
  return childSas.filter(({ state }) => state === "INSTALLED");
}
