import { limits } from "../aws/limits";
import { type Cidr, contains, formatCidr, overlaps, parseCidr } from "../cidr";
import { rulesOf } from "../clouds";
import { defaults as standard } from "../defaults";
import { gatewayLetters } from "../letters";
import { cidrTexts, type PartialFleet, type PartialRegion } from "../parse";
import type { Report } from "../report";
import { checkCidr } from "./networks";

/** Networks that are there already: ids, a subnet for each gateway inside of what the region announces, nothing twice. */
export function checkExistingNetworks({ regions = {}, defaults }: PartialFleet, report: Report): void {
  const owners = new Map<string, string>();
  for (const [name, region] of Object.entries(regions)) {
    const letters = gatewayLetters(region.gateways ?? defaults?.gateways ?? standard.gateways);
    checkRegion(name, region, letters, owners, report);
  }
}

interface PartialSubnet {
  readonly id?: string | undefined;
  readonly cidr?: string | undefined;
}

function checkRegion(
  name: string,
  region: PartialRegion,
  letters: readonly string[],
  owners: Map<string, string>,
  report: Report,
): void {
  const { network } = region;
  // What the cloud does not have at all, `checks/clouds.ts` says.
  if (network === undefined || (region.cloud !== undefined && "network" in rulesOf(region.cloud).lacks))
    return;
  const path = `regions.${name}.network`;
  const { id, subnets = {}, routeTables = [] } = network;
  checkId("vpc", id, `${path}.id`, owners, report);
  for (const [index, table] of routeTables.entries())
    checkId("rtb", table, `${path}.routeTables[${String(index)}]`, owners, report);
  for (const letter of letters)
    if (!report.has(`${path}.subnets.${letter}`))
      report.error(
        "MissingKey",
        `${path}.subnets`,
        `Gateway ${letter} has no subnet.`,
        `Write ${letter}: { id: subnet-…, cidr: … }, of another zone than the others.`,
      );
  const given: readonly (readonly [string, PartialSubnet])[] = Object.entries(subnets);
  const placed: { readonly letter: string; readonly cidr: Cidr }[] = [];
  for (const [letter, subnet] of given) {
    const at = `${path}.subnets.${letter}`;
    if (!letters.includes(letter)) {
      report.error(
        "UnknownKey",
        `${at}#`,
        `The region has no gateway "${letter.slice(0, 60)}".`,
        `Write ${letters.join(", ")}; workloads' subnets need no mention.`,
      );
      continue;
    }
    checkId("subnet", subnet.id, `${at}.id`, owners, report);
    if (subnet.cidr === undefined) continue;
    const cidr = checkCidr(subnet.cidr, `${at}.cidr`, report);
    if (cidr === undefined) continue;
    checkSubnet(cidr, region, `${at}.cidr`, report);
    const clash = placed.find((other) => overlaps(other.cidr, cidr));
    if (clash !== undefined)
      report.error(
        "CidrOverlap",
        `${at}.cidr`,
        `${formatCidr(cidr)} overlaps ${formatCidr(clash.cidr)} of gateway ${clash.letter}'s subnet.`,
        "Write each subnet's own network, as the cloud shows it.",
      );
    placed.push({ letter, cidr });
  }
}

/** The cloud's form, and no other place of the fleet with the same id. */
function checkId(
  prefix: "vpc" | "subnet" | "rtb",
  id: string | undefined,
  path: string,
  owners: Map<string, string>,
  report: Report,
): void {
  if (id === undefined) return;
  const digits = limits.idDigits.map((count) => `[0-9a-f]{${String(count)}}`).join("|");
  if (!new RegExp(`^${prefix}-(${digits})$`).test(id)) {
    report.error(
      "IdInvalid",
      path,
      `"${id.slice(0, 60)}" is no id that begins with ${prefix}-.`,
      `Write it as the cloud shows it, such as ${prefix}-0123456789abcdef0.`,
    );
    return;
  }
  const taken = owners.get(id);
  if (taken !== undefined)
    report.error("IdDuplicate", path, `${id} stands at ${taken} already.`, "Write each id once.");
  else owners.set(id, path);
}

/** A subnet of the cloud, inside of what the region announces: else no peer could reach the gateway's own address. */
function checkSubnet(cidr: Cidr, region: PartialRegion, path: string, report: Report): void {
  if (cidr.prefix > limits.subnetPrefixLongest) {
    report.error(
      "CidrSize",
      path,
      `The cloud has no subnet as small as ${formatCidr(cidr)}.`,
      `A subnet has a prefix length of at most ${String(limits.subnetPrefixLongest)}.`,
    );
    return;
  }
  const texts = cidrTexts(region);
  const own = texts.map(parseCidr).filter((outer) => typeof outer === "object");
  // Where a network of the region is refused, what lies in it cannot be told.
  if (own.length === 0 || own.length < texts.length) return;
  if (!own.some((outer) => contains(outer, cidr)))
    report.error(
      "SubnetOutside",
      path,
      `${formatCidr(cidr)} lies outside of the region's ${texts.join(", ")}.`,
      "Announce the network that holds the gateways' subnets: add it to `cidrs`.",
    );
}
