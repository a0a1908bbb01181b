import { optionsOf } from "../options";
import type { Plan, PlannedTunnel } from "../plan";
import type { Report } from "../report";
import { linkPath } from "./suites";
import { endOf } from "../tunnel-ends";
import { explainUnknown, knows, type System, systemsThatKnow } from "../system";

/** Every gateway's daemons know all that its release would say: strongSwan drops a connection for one unknown word. */
export function checkSystems({ regions, links }: Plan, report: Report): void {
  const tunnels = new Map<string, PlannedTunnel[]>();
  for (const tunnel of links.flatMap((link) => link.tunnels))
    for (const { gateway } of tunnel.ends) tunnels.set(gateway, [...(tunnels.get(gateway) ?? []), tunnel]);
  const said = new Set<System>();
  for (const region of regions)
    for (const { id, system } of region.gateways) {
      const { name } = region;
      const end = endOf(region, id);
      const within = region.pairTunnels.filter(({ ends }) => ends.some(({ gateway }) => gateway === id));
      const options = optionsOf(end, [...(tunnels.get(end) ?? []), ...within]);
      const unknown = options.filter((option) => !knows(system, option));
      if (unknown.length === 0 || said.has(system)) continue;
      said.add(system);
      const others = systemsThatKnow(options);
      report.error(
        "OptionUnknown",
        unknown.includes("ke1_mlkem") ? proposalPath(links, report) : `regions.${name}.system`,
        `${id}: ${unknown.map((option) => explainUnknown(system, option)).join("; ")}.`,
        others.length === 0
          ? "Leave it out: none of the systems here has it yet. `postQuantum: ppk` protects the same today."
          : `Leave it out, or write \`system: ${others.join("` or `")}\`.`,
      );
    }
}

/** Post-quantum key exchanges come from a proposal that the file names, or from what it says of them. */
function proposalPath(links: Plan["links"], report: Report): string {
  const [link] = links.filter(({ tunnels }) => tunnels.some(({ ikeSa }) => ikeSa.proposal.includes("ke1_")));
  return (
    ["crypto", ...(link === undefined ? [] : [linkPath(link.id, report)])]
      .flatMap((at) => [`${at}.postQuantum`, `${at}.ike`, `${at}.esp`])
      .find((path) => report.has(path)) ?? "crypto"
  );
}
