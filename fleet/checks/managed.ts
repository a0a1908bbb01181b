import { rulesOf } from "../clouds";
import { cloudNames, type ManagedRules } from "../cloud";
import type { Fleet, FleetRegion } from "../fleet";
import { linkedPairs } from "../links";
import type { PartialFleet, PartialRegion } from "../parse";
import type { Plan } from "../plan";
import type { Report } from "../report";
import { connectionsOf } from "../tunnel-ends";
import { checkCidr } from "./networks";
import { linkPath } from "./suites";

/** Keys that say something of gateways of one's own, and what to do in place of each. */
const selfOnly: Readonly<Partial<Record<keyof PartialRegion, string>>> = {
  gateways: "Remove it: the cloud's gateway has two ends for each gateway that it is linked with.",
  ha: "Remove it: both ends of the cloud's gateway carry traffic.",
  preference: "Remove it: both ends of the cloud's gateway carry traffic.",
  address: "Remove it: the cloud gives each of its ends an address.",
  outside: "Remove it: the cloud's gateway speaks to others over IPv4.",
  bfdMilliseconds: "Remove it: the cloud's gateway speaks no BFD.",
  routes: "Remove it: the network's route tables lead to the cloud's gateway.",
  transitGatewayCidr: "Remove it: nothing speaks GRE there.",
  size: "Remove it: there is no machine.",
  system: "Remove it: there is no machine.",
  trust: "Remove it: the cloud's end proves itself by a preshared key, which Trunkline makes.",
  epochs: "Remove it: there is neither a machine nor a certificate.",
  management: "Remove it: nobody logs in there.",
};

/** What a managed region cannot have, and what is not built for one. */
export function checkManagedRegions(fleet: PartialFleet, report: Report): void {
  const { regions = {}, hubs = [] } = fleet;
  for (const [name, region] of Object.entries(regions)) {
    const { cloud } = region;
    const rules = cloud === undefined ? undefined : rulesOf(cloud).managed;
    checkInside(name, region, rules, report);
    if (region.gateway !== "managed") continue;
    const path = `regions.${name}`;
    if (cloud !== undefined && rules === undefined)
      report.error(
        "NotYetSupported",
        `${path}.gateway`,
        `A managed gateway on ${rulesOf(cloud).title} is not built yet.`,
        `Write \`gateway: self\`, or let the region lie on ${titlesWithManaged()}.`,
      );
    for (const [key, remedy] of Object.entries(selfOnly))
      if (report.has(`${path}.${key}`) && !(key === "size" && rules?.size !== undefined))
        report.error(
          "ManagedOption",
          `${path}.${key}#`,
          `\`${key}\` is of gateways of one's own, and ${name} has \`gateway: managed\`.`,
          `${remedy} Or write \`gateway: self\`.`,
        );
    checkSize(path, region, rules, report);
    checkNotBuilt(name, region, report);
    for (const [index, hub] of hubs.entries())
      if (hub === name)
        report.error(
          "NotYetSupported",
          `hubs[${String(index)}]`,
          `${name} has a managed gateway, and a hub of that kind is not built yet.`,
          "Choose a region with `gateway: self` as hub.",
        );
  }
  checkIpv4Alone(regions, report);
}

/** One that the cloud has, and that its tunnels can be had with. */
function checkSize(
  path: string,
  { size }: PartialRegion,
  rules: ManagedRules | undefined,
  report: Report,
): void {
  const unfit = size === undefined ? undefined : rules?.size?.unfit(size);
  if (unfit !== undefined) report.error("ManagedSize", `${path}.size`, unfit.message, unfit.remedy);
}

/** Where a managed gateway's own addresses inside of tunnels come from, as it is written. */
function checkInside(
  name: string,
  { gateway, insideCidr: text }: PartialRegion,
  rules: ManagedRules | undefined,
  report: Report,
): void {
  if (text === undefined) return;
  const path = `regions.${name}.insideCidr`;
  if (gateway !== "managed" || rules?.inside === undefined) {
    report.error(
      "KeyConflict",
      `${path}#`,
      `\`insideCidr\` is of a managed gateway on ${titlesWith(({ inside }) => inside !== undefined)}, which ${name} has not.`,
      "Remove it: addresses inside of its tunnels are by hash of its links.",
    );
    return;
  }
  const cidr = checkCidr(text, path, report);
  const unfit = cidr === undefined ? undefined : rules.inside.unfit(cidr);
  if (unfit !== undefined) report.error("InsideCidrOutside", path, unfit.message, unfit.remedy);
}

function checkNotBuilt(name: string, { network, ipv6, transit }: PartialRegion, report: Report): void {
  const path = `regions.${name}`;
  if (network !== undefined)
    report.error(
      "NotYetSupported",
      `${path}.network#`,
      "A managed gateway in a network that is there already is not built yet.",
      "Remove `network`: the region gets a new one. Or write `gateway: self`.",
    );
  if (ipv6 !== undefined)
    report.error(
      "NotYetSupported",
      `${path}.ipv6#`,
      "IPv6 in the network of a managed gateway is not built yet.",
      "Remove `ipv6`, or write `gateway: self`.",
    );
  if (transit === true)
    report.error(
      "NotYetSupported",
      `${path}.transit`,
      "A managed gateway that passes traffic on between other regions is not built yet.",
      "Remove `transit`, and link those regions with each other or with a hub that has `gateway: self`.",
    );
}

/** BGP with a managed gateway is of IPv4, and a hub would tell it of what it cannot carry. */
function checkIpv4Alone(regions: NonNullable<PartialFleet["regions"]>, report: Report): void {
  const [managed] = Object.entries(regions).filter(([, region]) => region.gateway === "managed");
  if (managed === undefined) return;
  for (const [name, { gateway, ipv6 }] of Object.entries(regions))
    if (gateway !== "managed" && ipv6 !== undefined)
      report.error(
        "Ipv6Unsupported",
        `regions.${name}.ipv6`,
        `${managed[0]} has a managed gateway, which carries IPv4 alone, and IPv6 beside it in one fleet is not built yet.`,
        "Remove `ipv6`, or give that region gateways of its own (`gateway: self`).",
      );
}

function titlesWithManaged(): string {
  return titlesWith(() => true);
}

function titlesWith(has: (managed: ManagedRules) => boolean): string {
  return cloudNames
    .map(rulesOf)
    .filter(({ managed }) => managed !== undefined && has(managed))
    .map(({ title }) => title)
    .join(" or ");
}

/** The file with regions of own gateways alone. */
export function withOwnGateways(fleet: PartialFleet): PartialFleet {
  const { regions } = fleet;
  if (regions === undefined) return fleet;
  return {
    ...fleet,
    regions: Object.fromEntries(Object.entries(regions).filter(([, { gateway }]) => gateway !== "managed")),
  };
}

/** What each link of a managed region has at its other end, and what protects it. */
export function checkManagedLinks(fleet: Fleet, report: Report): void {
  const regions = new Map(fleet.regions.map((region) => [region.name, region]));
  for (const { id, ends } of linkedPairs(fleet)) {
    const both = ends.flatMap((end) => regions.get(end) ?? []);
    const [managed] = both.filter(({ gateway }) => gateway === "managed");
    const other = both.find((region) => region !== managed);
    if (managed === undefined || other === undefined) continue;
    const path = `regions.${managed.name}.gateway`;
    if (other.gateway === "managed") {
      report.error(
        "NotYetSupported",
        path,
        `The link ${id} has a managed gateway at both ends, which is not built yet.`,
        "Write `gateway: self` for one of the two, or name the fleet's `links` without this one.",
      );
      continue;
    }
    checkPeerAsn(managed, other, report);
    const { peersOfItsCloud } = rulesOf(managed.cloud).managed ?? {};
    if (peersOfItsCloud !== undefined && other.cloud === managed.cloud)
      report.warning(
        "ManagedPeerOfItsCloud",
        path,
        `The gateways of ${other.name} are machines of ${rulesOf(other.cloud).title}, as ${managed.name}'s managed gateway is, and may be refused as its peers: ${peersOfItsCloud}.`,
        `Try it before you rely on it, or write \`gateway: self\` for ${managed.name}.`,
      );
    if (other.address === "moved")
      report.error(
        "NotYetSupported",
        report.has(`regions.${other.name}.address`)
          ? `regions.${other.name}.address`
          : `regions.${other.name}`,
        `${other.name} has one address that moves, and a link of such a pair with a managed gateway (${managed.name}) is not built yet.`,
        "Give each gateway its own address (`address: own`).",
      );
    const { postQuantum } = fleet.crypto.links.get(id) ?? fleet.crypto.choice;
    if (postQuantum !== "off") {
      const own = linkPath(id, report);
      report.error(
        "ManagedPostQuantum",
        report.has(`${own}.postQuantum`) ? `${own}.postQuantum` : "crypto.postQuantum",
        `${rulesOf(managed.cloud).title}'s managed gateway has nothing against quantum computers, and \`postQuantum: ${postQuantum}\` holds for the link ${id}.`,
        `Write \`crypto: { links: { ${id}: { postQuantum: off } } }\`, or give ${managed.name} gateways of its own (\`gateway: self\`).`,
      );
    }
  }
}

/** What the cloud takes of the ASN at the other end. */
function checkPeerAsn(managed: FleetRegion, { name, asn }: FleetRegion, report: Report): void {
  const { title, managed: rules } = rulesOf(managed.cloud);
  if (asn === undefined || rules?.asns === undefined || rules.asns.takes(asn)) return;
  report.error(
    "AsnInvalid",
    `regions.${name}.asn`,
    `${name} is linked with ${managed.name}, whose managed gateway takes no peer of ASN ${String(asn)}: ${title} or IANA keeps it.`,
    rules.asns.remedy,
  );
}

/** A link's tunnels have their addresses by hash: those of two links of one region must differ. */
export function checkManagedAddresses({ links, regions }: Plan, report: Report): void {
  checkOwnInsides({ links, regions }, report);
  const owners = new Map<string, string>();
  const said = new Set<string>();
  for (const { id, ends, tunnels } of links)
    for (const { managed } of tunnels)
      for (const end of managed === undefined ? [] : ends) {
        const key = `${end} ${managed?.insideCidr ?? ""}`;
        const taken = owners.get(key);
        owners.set(key, id);
        const clash = `${end} ${taken ?? ""} ${id}`;
        if (taken === undefined || taken === id || said.has(clash)) continue;
        said.add(clash);
        report.error(
          "InsideCidrConflict",
          `regions.${end}`,
          `The links ${taken} and ${id} derive the same inside network ${managed?.insideCidr ?? ""}, and both end at ${end}.`,
          "Rename one region of these: the network comes from their names, and these collide.",
        );
      }
}

/** Managed gateways that have the same addresses in all of their tunnels: a region of ours tells them apart by those. */
function checkOwnInsides({ links, regions }: Pick<Plan, "links" | "regions">, report: Report): void {
  const managed = new Map(regions.map((region) => [region.name, region]));
  const seen = new Map<string, Map<string, string>>();
  const full = new Set<string>();
  for (const { ends } of links)
    for (const [own, other] of [ends, [ends[1], ends[0]] as const]) {
      const region = managed.get(other);
      const inside = region?.managed?.insideCidr;
      const rules = region === undefined ? undefined : rulesOf(region.cloud).managed?.inside;
      if (region === undefined || inside === undefined || rules === undefined) continue;
      const taken = seen.get(own) ?? new Map<string, string>();
      seen.set(own, taken);
      const before = taken.get(inside);
      taken.set(before === undefined ? inside : `${inside} ${other}`, other);
      if (taken.size > rules.pool && !full.has(own)) {
        full.add(own);
        report.error(
          "InsideCidrPool",
          `regions.${own}`,
          `${own} is linked with more than ${String(rules.pool)} managed gateways of ${rulesOf(region.cloud).title}, which has so many networks for their addresses inside of tunnels (${rules.range}).`,
          "Link it with fewer of them: name the fleet's `links`, or write `topology: hub-and-spoke`.",
        );
      } else if (before !== undefined && !full.has(own))
        report.error(
          "InsideCidrConflict",
          report.has(`regions.${other}.insideCidr`) ? `regions.${other}.insideCidr` : `regions.${other}`,
          `The managed gateways of ${before} and ${other} have their addresses inside of tunnels in the same ${inside}, and ${own} is linked with both.`,
          `Write \`insideCidr\` for ${other}: another /30 of ${rules.range}.`,
        );
    }
}

/** One connection for each own gateway that a managed one is linked with: no more than one takes, and than an account has. */
export function checkManagedConnections({ regions, links }: Plan, report: Report): void {
  const inRegion = new Map<string, number>();
  for (const { name, cloud, cloudRegion, managed } of regions) {
    const rules = rulesOf(cloud).managed;
    if (managed === undefined || rules === undefined) continue;
    const { quota } = rules;
    const most = rules.most?.(managed.size);
    const own = connectionsOf(name, links);
    if (most !== undefined && own > most.connections)
      report.error(
        "ManagedConnectionsExceeded",
        `regions.${name}.gateway`,
        `${name} is linked with ${String(own)} gateways, and its managed gateway takes ${String(most.connections)}: ${most.because}.`,
        `${most.remedy === undefined ? "L" : `${most.remedy}; or l`}ink it with fewer regions: name the fleet's \`links\`, or write \`topology: hub-and-spoke\`; or write \`gateway: self\`.`,
      );
    if (quota === undefined) continue;
    const before = inRegion.get(cloudRegion) ?? 0;
    const now = before + own;
    inRegion.set(cloudRegion, now);
    if (before <= quota.most && now > quota.most)
      report.warning(
        "ManagedConnectionQuota",
        `regions.${name}`,
        `${cloudRegion} needs ${String(now)} ${quota.called} or more; ${quota.whose} has ${String(quota.most)}.`,
        quota.remedy,
      );
  }
}
