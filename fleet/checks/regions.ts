import { limits, regions as awsRegions } from "../aws/limits";
import { defaults as standard } from "../defaults";
import { nearest } from "../nearest";
import type { PartialFleet } from "../parse";
import type { Report } from "../report";

/** What each region says of itself: its cloud's region, ASN, size, tags. */
export function checkRegions(fleet: PartialFleet, report: Report): void {
  const { regions = {} } = fleet;
  const asns = new Map<number, string>();
  for (const [name, region] of Object.entries(regions)) {
    const path = `regions.${name}`;
    // Of another cloud, which has been refused already, nothing more can be said.
    const another = region.cloud === undefined && report.has(`${path}.cloud`);
    if (region.region !== undefined && !another && !awsRegions.has(region.region)) {
      const meant = nearest(region.region, awsRegions);
      report.error(
        "RegionUnknown",
        `${path}.region`,
        `AWS has no region "${region.region.slice(0, 60)}".`,
        meant === undefined ? "Write the cloud's own name, such as us-east-1." : `Did you mean ${meant}?`,
      );
    }
    if (region.size !== undefined && !another) checkSize(`${path}.size`, region.size, report);
    if (region.asn !== undefined) {
      const taken = asns.get(region.asn);
      if (!isPrivateAsn(region.asn))
        report.error(
          "AsnInvalid",
          `${path}.asn`,
          `${String(region.asn)} is no private ASN (RFC 6996).`,
          "Choose one from 64512 to 65534 or from 4200000000 to 4294967294.",
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
    checkTags(`${path}.tags`, region.tags, report);
  }
  quotas(fleet, report);
}

function checkSize(path: string, size: string, report: Report): void {
  if (!/^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.test(size))
    report.error(
      "WrongValue",
      path,
      `"${size.slice(0, 60)}" is no EC2 instance type.`,
      "Write one such as c7g.medium.",
    );
}

function isPrivateAsn(asn: number): boolean {
  return (asn >= 64512 && asn <= 65534) || (asn >= 4200000000 && asn <= 4294967294);
}

function checkTags(path: string, tags: Readonly<Record<string, string>> | undefined, report: Report): void {
  const { most, keyLength, valueLength } = limits.tags;
  const entries = Object.entries(tags ?? {});
  // Ours take some of the room: Name and what marks the fleet.
  if (entries.length > most - 10)
    report.error(
      "TagInvalid",
      path,
      `There are ${String(entries.length)} tags.`,
      `Keep at most ${String(most - 10)}.`,
    );
  for (const [key, value] of entries) {
    if (key === "" || key.length > keyLength || key.toLowerCase().startsWith("aws:"))
      report.error(
        "TagInvalid",
        `${path}.${key}`,
        `AWS takes no tag "${key.slice(0, 60)}".`,
        `Use 1 to ${String(keyLength)} characters, not beginning with aws:.`,
      );
    if (value.length > valueLength)
      report.error(
        "TagInvalid",
        `${path}.${key}`,
        "The value is too long.",
        `Use at most ${String(valueLength)} characters.`,
      );
  }
}

function quotas({ regions = {}, defaults }: PartialFleet, report: Report): void {
  const byCloudRegion = new Map<string, string[]>();
  const made = new Map<string, number>();
  for (const [name, { region, network }] of Object.entries(regions)) {
    if (region === undefined) continue;
    if (network === undefined) made.set(region, (made.get(region) ?? 0) + 1);
    const names = byCloudRegion.get(region);
    if (names === undefined) byCloudRegion.set(region, [name]);
    else names.push(name);
  }
  for (const [cloudRegion, names] of byCloudRegion) {
    const path = `regions.${names.at(-1) ?? ""}.region`;
    const gateways = names.reduce(
      (sum, name) =>
        sum +
        (regions[name]?.gateways ?? defaults?.gateways ?? standard.gateways) +
        // The one that moves is nobody's own.
        ((regions[name]?.address ?? defaults?.address) === "moved" ? 1 : 0),
      0,
    );
    if (gateways > limits.elasticIpsPerRegion)
      report.warning(
        "ElasticIpQuota",
        path,
        `${cloudRegion} needs ${String(gateways)} Elastic IPs; a fresh account has ${String(limits.elasticIpsPerRegion)}.`,
        "Ask AWS for a higher quota (EC2-VPC Elastic IPs) before `up`.",
      );
    const networks = made.get(cloudRegion) ?? 0;
    if (networks > limits.vpcsPerRegion)
      report.warning(
        "NetworkQuota",
        path,
        `${cloudRegion} needs ${String(networks)} VPCs; a fresh account has ${String(limits.vpcsPerRegion)}.`,
        "Ask AWS for a higher quota (VPCs per Region) before `up`.",
      );
  }
}
