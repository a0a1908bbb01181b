import type { PlannedTunnel } from "./plan";
import type { Option } from "./system";

/** What a gateway's release would say of its tunnels that not every version of the daemons knows. */
export function optionsOf(gateway: string, tunnels: readonly PlannedTunnel[]): Option[] {
  if (tunnels.length === 0) return [];
  const proposals = tunnels.flatMap(({ ikeSa, childSa }) => [ikeSa.proposal, childSa.proposal]);
  const roles = tunnels.flatMap(({ ends }) =>
    ends.filter((end) => end.gateway === gateway && end.role !== undefined),
  );
  return [
    "childless = force",
    "if_id_in",
    "start_action = trap|start",
    ...(proposals.some((text) => text.split("-").some(isFurtherExchange)) ? (["ke1_mlkem"] as const) : []),
    ...(tunnels.some(({ ppk }) => ppk !== undefined) ? (["ppk_id"] as const) : []),
    ...(roles.length > 0 ? (["local-role"] as const) : []),
  ];
}

/** An additional key exchange of RFC 9370. */
function isFurtherExchange(word: string): boolean {
  return word.startsWith("ke1_mlkem");
}
