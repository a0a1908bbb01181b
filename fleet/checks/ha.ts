import { defaults as standard } from "../defaults";
import type { PartialFleet } from "../parse";
import type { Report } from "../report";

/** Who stands by for whom: an active-standby region has somebody who does; `preference` and `address` belong to one. */
export function checkHa(fleet: PartialFleet, report: Report): void {
  const { regions = {}, defaults } = fleet;
  const modeOf = (ha: string | undefined): string => ha ?? defaults?.ha ?? standard.ha;
  for (const [name, { ha, preference, gateways = defaults?.gateways }] of Object.entries(regions)) {
    const standby = modeOf(ha) === "active-standby";
    if (standby && gateways === 1)
      report.warning(
        "NoStandby",
        `regions.${name}.${ha === undefined ? "gateways" : "ha"}`,
        `${name} is active-standby and has one gateway: there is none that stands by.`,
        "Leave `gateways` out for a pair, or remove `ha`.",
      );
    if (preference !== undefined && !standby) misplaced(`regions.${name}.preference`, report);
    checkAddress(name, fleet, report);
  }
  if (
    defaults?.preference !== undefined &&
    !Object.values(regions).some(({ ha }) => modeOf(ha) === "active-standby")
  )
    misplaced("defaults.preference", report);
}

/** One address that moves: a pair of which one stands by, and which may call the cloud's API; nothing is left to prefer. */
function checkAddress(name: string, { regions = {}, defaults }: PartialFleet, report: Report): void {
  const region = { ...defaults, ...regions[name] };
  const own = regions[name]?.address;
  if (region.address !== "moved") return;
  const path = own === undefined ? `regions.${name}` : `regions.${name}.address`;
  const { ha = standard.ha, routes = standard.routes, gateways = standard.gateways, preference } = region;
  if (ha !== "active-standby" || routes !== "agent")
    report.error(
      "MovedAddressMode",
      path,
      `${name} would have one address that moves, with \`ha: ${ha}\` and \`routes: ${routes}\`: the gateway that holds it carries all traffic, and only gateways that move routes may move it.`,
      "Write `ha: active-standby` and `routes: agent` beside it, or leave `address` out.",
    );
  if (gateways !== 2)
    report.error(
      "MovedAddressPair",
      path,
      `${name} would have one address that moves, and ${String(gateways)} ${gateways === 1 ? "gateway" : "gateways"}: two gateways share it, no more and no fewer.`,
      "Leave `gateways` out for a pair, or leave `address` out.",
    );
  if (preference !== undefined)
    report.error(
      "KeyConflict",
      regions[name]?.preference === undefined ? "defaults.preference" : `regions.${name}.preference`,
      `\`preference\` has nothing to prefer where ${name} has one address that moves: there is one tunnel, and it is with who holds the address.`,
      "Remove `preference`, or leave `address` out.",
    );
}

function misplaced(path: string, report: Report): void {
  report.error(
    "KeyConflict",
    path,
    "`preference` belongs to `ha: active-standby`: gateways that all carry traffic are equal.",
    "Write `ha: active-standby`, or remove `preference`.",
  );
}
