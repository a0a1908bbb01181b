import { type CloudName, cloudNames, type QuotaRules } from "../cloud";
import { rulesOf } from "../clouds";
import { defaults as standard } from "../defaults";
import { nearest } from "../nearest";
import type { PartialFleet } from "../parse";
import type { Report } from "../report";

/** What each region says of itself: its cloud's region, ASN, size, tags. */
export function checkRegions(fleet: PartialFleet, report: Report): void {
  const { regions = {}, defaults } = fleet;
  const asns = new Map<number, string>();
  for (const [name, region] of Object.entries(regions)) {
    const path = `regions.${name}`;
    // Of a cloud that is not known nothing more can be said.
    if (region.cloud !== undefined) {
      checkCloudRegion(`${path}.region`, region.cloud, region.region, report);
      if (region.gateway !== "managed") checkSize(name, region.cloud, fleet, report);
      checkTags(`${path}.tags`, region.cloud, region.tags, report);
    }
    if (region.asn !== undefined) {
      const taken = asns.get(region.asn);
      if (!isPrivateAsn(region.asn))
        report.error(
          "AsnInvalid",
          `${path}.asn`,
          `${String(region.asn)} is no private ASN (RFC 6996).`,
          "Choose one from 64512 to 65534 or from 4200000000 to 4294967294.",
        );
      else if (isKept(region.asn, region.cloud))
        report.error(
          "AsnInvalid",
          `${path}.asn`,
          `${rulesOf(region.cloud ?? "aws").title} keeps the ASN ${String(region.asn)} for itself.`,
          region.gateway === "managed"
            ? (rulesOf(region.cloud ?? "aws").managed?.asns?.remedy ?? "Choose another.")
            : "Choose another; one of 32 bits will do, and gets an alias towards the route service.",
        );
      else if (taken !== undefined)
        report.error(
          "AsnConflict",
          `${path}.asn`,
          `Region ${taken} has this ASN, too.`,
          "Choose another for one.",
        );
      else asns.set(region.asn, name);
    }
  }
  const clouds = new Set(Object.values(regions).flatMap(({ cloud }) => (cloud === undefined ? [] : [cloud])));
  for (const cloud of clouds) {
    checkTags("defaults.tags", cloud, defaults?.tags, report);
    quotas(cloud, fleet, report);
  }
}

function checkCloudRegion(path: string, cloud: CloudName, region: string | undefined, report: Report): void {
  const { title, regions, regionExample } = rulesOf(cloud);
  if (region === undefined || regions.has(region)) return;
  const other = cloudNames.find((one) => rulesOf(one).regions.has(region));
  const meant = nearest(region, regions);
  report.error(
    "RegionUnknown",
    path,
    `${title} has no region "${region.slice(0, 60)}".`,
    other !== undefined
      ? `It is one of ${rulesOf(other).title}: write \`cloud: ${other}\`, or a region of ${title}, such as ${regionExample}.`
      : meant === undefined
        ? `Write the cloud's own name, such as ${regionExample}.`
        : `Did you mean ${meant}?`,
  );
}

/** A default for all regions is one for those of each cloud. */
function checkSize(
  name: string,
  cloud: CloudName,
  { regions = {}, defaults }: PartialFleet,
  report: Report,
): void {
  const own = regions[name]?.size;
  const size = own ?? defaults?.size;
  const { pattern, called, standard: example } = rulesOf(cloud).size;
  if (size !== undefined && !pattern.test(size))
    report.error(
      "WrongValue",
      own === undefined ? `regions.${name}` : `regions.${name}.size`,
      `"${size.slice(0, 60)}" is no ${called}.`,
      own === undefined
        ? `\`defaults.size\` holds for every region: write \`size\` for this one, such as ${example}.`
        : `Write one such as ${example}.`,
    );
}

function isPrivateAsn(asn: number): boolean {
  return (asn >= 64512 && asn <= 65534) || (asn >= 4200000000 && asn <= 4294967294);
}

/** A 16-bit one that gateways would have towards the route service, and may not. */
function isKept(asn: number, cloud: CloudName | undefined): boolean {
  return cloud !== undefined && asn <= 65535 && rulesOf(cloud).session.asns?.takes(asn) === false;
}

function checkTags(
  path: string,
  cloud: CloudName,
  tags: Readonly<Record<string, string>> | undefined,
  report: Report,
): void {
  const rules = rulesOf(cloud).tags;
  const entries = Object.entries(tags ?? {});
  if (entries.length > rules.most)
    report.error(
      "TagInvalid",
      path,
      `There are ${String(entries.length)} tags.`,
      `Keep at most ${String(rules.most)}.`,
    );
  for (const [key, value] of entries) {
    const wrong = rules.check(key, value);
    if (wrong !== undefined) report.error("TagInvalid", `${path}.${key}`, wrong.message, wrong.remedy);
  }
}

function quotas(cloud: CloudName, { regions = {}, defaults }: PartialFleet, report: Report): void {
  const own = Object.entries(regions).filter(([, region]) => region.cloud === cloud);
  const {
    managed,
    quotas: { addresses, networks },
  } = rulesOf(cloud);
  const needs = (
    quota: QuotaRules,
    code: "ElasticIpQuota" | "NetworkQuota",
    of: (name: string) => number,
  ) => {
    const found = new Map<string, { needed: number; last: string }>();
    for (const [name, { region }] of own) {
      if (region === undefined) continue;
      const where = quota.within === "region" ? region : "The fleet";
      found.set(where, { needed: (found.get(where)?.needed ?? 0) + of(name), last: name });
    }
    for (const [where, { needed, last }] of found)
      if (needed > quota.most)
        report.warning(
          code,
          `regions.${last}.region`,
          `${where} needs ${String(needed)} ${quota.called}; ${quota.whose} has ${String(quota.most)}.`,
          quota.remedy,
        );
  };
  needs(addresses, "ElasticIpQuota", (name) =>
    // Mostly a managed gateway has addresses of its cloud's.
    regions[name]?.gateway === "managed"
      ? (managed?.publicAddresses ?? 0)
      : (regions[name]?.gateways ?? defaults?.gateways ?? standard.gateways) +
        (addresses.besides ?? 0) +
        // The one that moves is nobody's own.
        ((regions[name]?.address ?? defaults?.address) === "moved" ? 1 : 0),
  );
  needs(networks, "NetworkQuota", (name) => (regions[name]?.network === undefined ? 1 : 0));
}
