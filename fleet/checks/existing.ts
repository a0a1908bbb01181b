import { type Cidr, contains, formatCidr, overlaps, parseCidr } from "../cidr";
import type { ExistingRules, ExistingSubnetRules, IdRules, OwnerKey } from "../cloud";
import { rulesOf } from "../clouds";
import { defaults as standard } from "../defaults";
import { gatewayLetters } from "../letters";
import { cidrTexts, type PartialFleet, type PartialRegion } from "../parse";
import type { Report } from "../report";
import { checkCidr } from "./networks";

/** Networks that are there already: ids, a subnet for all that lives in one, inside of what the region announces, nothing twice. */
export function checkExistingNetworks({ regions = {}, defaults }: PartialFleet, report: Report): void {
  const owners = new Map<string, string>();
  for (const [name, region] of Object.entries(regions)) {
    // Of a cloud that is not known it is not known, either, what it takes.
    const rules = region.cloud === undefined ? undefined : rulesOf(region.cloud);
    // What the cloud does not have at all, `checks/clouds.ts` says.
    if (rules?.existing === undefined) continue;
    const letters = gatewayLetters(region.gateways ?? defaults?.gateways ?? standard.gateways);
    const subnets = rules.existing.subnets(letters);
    checkRegion(name, region, { ...rules.existing, owner: rules.owner.key, wanted: subnets }, owners, report);
  }
}

interface Rules extends ExistingRules {
  readonly owner: OwnerKey;
  readonly wanted: readonly ExistingSubnetRules[];
}

function checkRegion(
  name: string,
  region: PartialRegion,
  rules: Rules,
  owners: Map<string, string>,
  report: Report,
): void {
  const { network } = region;
  if (network === undefined) return;
  const path = `regions.${name}.network`;
  const id = checkId(rules.networkId, network.id, `${path}.id`, owners, report);
  checkTables(network.routeTables, rules, path, owners, report);
  const subnets = checkSubnets(region, rules, path, owners, report);
  for (const { subnet, message, remedy } of rules.disagreeing({
    owner: region[rules.owner],
    network: id,
    subnets,
  }))
    report.error(
      "IdElsewhere",
      subnet === undefined ? `${path}.id` : `${path}.subnets.${subnet}.id`,
      message,
      remedy,
    );
}

function checkTables(
  given: readonly string[] | undefined,
  { tables }: Rules,
  path: string,
  owners: Map<string, string>,
  report: Report,
): void {
  const at = `${path}.routeTables`;
  if ("none" in tables) {
    if (report.has(at)) report.error("KeyConflict", `${at}#`, tables.none.message, tables.none.remedy);
    return;
  }
  if (!report.has(at))
    report.error(
      "MissingKey",
      at,
      "No route table would take the routes to other regions.",
      `Write \`routeTables: [${tables.id.example}]\` here, with those of the workloads' subnets.`,
    );
  for (const [index, table] of (given ?? []).entries())
    checkId(tables.id, table, `${at}[${String(index)}]`, owners, report);
}

/** @returns their ids by key, of those that have the form */
function checkSubnets(
  region: PartialRegion,
  { wanted, notUsed }: Rules,
  path: string,
  owners: Map<string, string>,
  report: Report,
): Readonly<Record<string, string>> {
  for (const { key, absent } of wanted)
    if (!report.has(`${path}.subnets.${key}`))
      report.error("MissingKey", `${path}.subnets`, absent.message, absent.remedy);
  const ids: Record<string, string> = {};
  const placed: { readonly key: string; readonly cidr: Cidr }[] = [];
  for (const [key, subnet] of Object.entries(region.network?.subnets ?? {})) {
    const at = `${path}.subnets.${key}`;
    const rules = wanted.find((one) => one.key === key);
    if (rules === undefined) {
      report.error(
        "UnknownKey",
        `${at}#`,
        notUsed(key.slice(0, 60)),
        `Write ${wanted.map((one) => one.key).join(", ")}; workloads' subnets need no mention.`,
      );
      continue;
    }
    const id = checkId(rules.id, subnet.id, `${at}.id`, owners, report);
    if (id !== undefined) ids[key] = id;
    const cidr = subnet.cidr === undefined ? undefined : checkCidr(subnet.cidr, `${at}.cidr`, report);
    if (cidr === undefined) continue;
    checkSubnet(cidr, rules, region, `${at}.cidr`, report);
    const clash = placed.find((other) => overlaps(other.cidr, cidr));
    if (clash !== undefined)
      report.error(
        "CidrOverlap",
        `${at}.cidr`,
        `${formatCidr(cidr)} overlaps ${formatCidr(clash.cidr)} of \`subnets.${clash.key}\`.`,
        "Write each subnet's own network, as the cloud shows it.",
      );
    placed.push({ key, cidr });
  }
  return ids;
}

/**
 * The cloud's form, and no other place of the fleet with the same id.
 * @returns the id, where it has the form
 */
function checkId(
  { pattern, called, example }: IdRules,
  id: string | undefined,
  path: string,
  owners: Map<string, string>,
  report: Report,
): string | undefined {
  if (id === undefined) return undefined;
  if (!pattern.test(id)) {
    report.error(
      "IdInvalid",
      path,
      `"${id.slice(0, 200)}" is no ${called}.`,
      `Write it as the cloud shows it, such as ${example}.`,
    );
    return undefined;
  }
  // Azure takes upper and lower case for the same, and AWS' ids have lower case alone.
  const taken = owners.get(id.toLowerCase());
  if (taken !== undefined)
    report.error("IdDuplicate", path, `${id} stands at ${taken} already.`, "Write each id once.");
  else owners.set(id.toLowerCase(), path);
  return id;
}

/** Large enough, and inside of what the region announces: else no peer could reach the gateway's own address. */
function checkSubnet(
  cidr: Cidr,
  { role, longest }: ExistingSubnetRules,
  region: PartialRegion,
  path: string,
  report: Report,
): void {
  const what = role === "gateway" ? "gateways" : "the route service";
  if (cidr.prefix > longest) {
    report.error(
      "CidrSize",
      path,
      `${formatCidr(cidr)} is too small for ${what}.`,
      `Name a subnet with a prefix length of at most ${String(longest)}.`,
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
      `Announce the network that holds the subnet of ${what}: add it to \`cidrs\`.`,
    );
}
