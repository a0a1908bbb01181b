import { defaults as standard } from "../defaults";
import { gatewayLetters } from "../letters";
import type { PartialFleet } from "../parse";
import type { Report } from "../report";

/** A DNS label (RFC 1123) that also begins logical names in Pulumi; the FQDN of a gateway must stay below 64. */
const fleetName = /^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$/;
/** With `-a` behind it a host name, and short enough for a Linux interface of 15 characters. */
const regionName = /^[a-z][a-z0-9]{0,11}$/;

/** Names that become DNS labels, host names and parts of Linux names. */
export function checkNames({ fleet, regions, defaults }: PartialFleet, report: Report): void {
  if (fleet !== undefined && !fleetName.test(fleet))
    report.error(
      "NameInvalid",
      "fleet",
      `"${fleet.slice(0, 60)}" is no fleet name.`,
      "Write at most 31 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen.",
    );
  for (const [name, { epochs, gateways = defaults?.gateways ?? standard.gateways }] of Object.entries(
    regions ?? {},
  )) {
    if (!regionName.test(name))
      report.error(
        "NameInvalid",
        `regions.${name}#`,
        `"${name.slice(0, 60)}" is no region name.`,
        "Write at most 12 lower-case letters and digits, beginning with a letter.",
      );
    const letters: readonly string[] = gatewayLetters(gateways);
    for (const letter of Object.keys(epochs ?? {}))
      if (!letters.includes(letter))
        report.error(
          "UnknownKey",
          `regions.${name}.epochs.${letter}#`,
          `The region has no gateway "${letter.slice(0, 60)}".`,
          `Write one of: ${letters.join(", ")}.`,
        );
  }
  if (regions !== undefined && Object.keys(regions).length === 0)
    report.error("MissingKey", "regions", "The fleet has no region.", "Write at least one region.");
  if (regions !== undefined && Object.keys(regions).length > mostRegions)
    report.error(
      "TooManyRegions",
      "regions",
      `The fleet has ${String(Object.keys(regions).length)} regions; at most ${String(mostRegions)} are planned.`,
      "Split it into several fleets.",
    );
}

const mostRegions = 200;
