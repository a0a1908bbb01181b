import { type Cidr, clearHostBits, contains, formatCidr, lastOf, overlaps, parseCidr } from "../cidr";
import type { CloudName, NetworkRules } from "../cloud";
import { rulesOf } from "../clouds";
import { defaults as standard } from "../defaults";
import { cidrPaths, cidrTexts, type PartialFleet } from "../parse";
import type { Report } from "../report";
import { overlapping, type Placed } from "./overlaps";

/** What cannot be routed between sites, with where it stands: IANA, "IPv4 Special-Purpose Address Registry". */
const reserved = [
  { cidr: "0.0.0.0/8", why: "this network, RFC 791" },
  { cidr: "127.0.0.0/8", why: "loopback, RFC 1122" },
  { cidr: "169.254.0.0/16", why: "link-local, RFC 3927" },
  { cidr: "224.0.0.0/4", why: "multicast, RFC 5771" },
  { cidr: "240.0.0.0/4", why: "reserved, RFC 1112" },
].map(({ cidr, why }) => ({ text: cidr, why, range: parseCidr(cidr) }));

/** RFC 1918. */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(parseCidr);

/** Networks of regions and of management: notation, size, reserved ranges, overlaps of any two. */
export function checkNetworks({ regions = {}, management, defaults }: PartialFleet, report: Report): void {
  const placed: Placed<Cidr>[] = [];
  for (const [name, region] of Object.entries(regions)) {
    const path = `regions.${name}`;
    const one = report.has(`${path}.cidr`);
    const several = report.has(`${path}.cidrs`);
    if (one && several)
      report.error(
        "KeyConflict",
        `${path}.cidrs`,
        "The region has both `cidr` and `cidrs`.",
        "Keep one of the two.",
      );
    if (!one && !several)
      report.error("MissingKey", path, "The region has no network.", "Write `cidr`, such as 10.10.0.0/16.");
    const paths = cidrPaths(name, region);
    const texts = cidrTexts(region);
    // In the user's own network nothing of this size is made: its blocks are what they are.
    const fresh = !report.has(`${path}.network`);
    const rules = region.cloud === undefined ? undefined : rulesOf(region.cloud).network;
    if (fresh && rules !== undefined && texts.length > rules.most)
      report.error(
        "CidrSize",
        `${path}.cidrs`,
        `${rules.title} takes no ${String(texts.length)} networks.`,
        `Write at most ${String(rules.most)}.`,
      );
    for (const [index, text] of texts.entries()) {
      const cidr = checkCidr(text, paths[index] ?? path, report);
      const gateways = region.gateways ?? defaults?.gateways ?? standard.gateways;
      const at = paths[index] ?? path;
      // Of a cloud that is not known it is not known, either, what it takes.
      const longest = fresh && index === 0 ? rules?.longestFirst(gateways) : rules?.prefix.longest;
      const fits =
        rules === undefined || (cidr !== undefined && checkSize(cidr, rules, longest ?? 32, at, report));
      if (cidr === undefined || !fits || !checkReserved(cidr, rules, at, report)) continue;
      placed.push({ cidr, path: at });
      if (index === 0 && region.gateway !== "managed") checkPrivate(cidr, region.cloud, at, report);
    }
    checkManagement(`${path}.management`, region.management?.allowFrom, report);
  }
  checkManagement("management", management?.allowFrom, report);
  checkManagement("defaults.management", defaults?.management?.allowFrom, report);
  checkOverlaps(placed, report);
}

export function checkCidr(text: string, path: string, report: Report): Cidr | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined)
    report.error(
      "CidrInvalid",
      path,
      `"${text.slice(0, 60)}" is no IPv4 network.`,
      "Write one such as 10.10.0.0/16.",
    );
  if (cidr !== "hostBits") return cidr;
  const meant = clearHostBits(text);
  report.error(
    "CidrHostBits",
    path,
    `"${text}" has bits set beyond its prefix.`,
    `Write ${meant}, if that is what you mean.`,
  );
  return undefined;
}

function checkSize(
  cidr: Cidr,
  { title, prefix: { shortest, longest } }: NetworkRules,
  most: number,
  path: string,
  report: Report,
): boolean {
  if (cidr.prefix < shortest || cidr.prefix > most) {
    report.error(
      "CidrSize",
      path,
      `${title} takes no ${formatCidr(cidr)}${most < longest && cidr.prefix <= longest ? " that gateways and workloads fit into" : ""}.`,
      `Choose a prefix length from ${String(shortest)} to ${String(most)}.`,
    );
    return false;
  }
  return true;
}

function checkReserved(cidr: Cidr, rules: NetworkRules | undefined, path: string, report: Report): boolean {
  const own = (rules?.reserved ?? []).map(({ text, why }) => ({ text, why, range: parseCidr(text) }));
  const taken = [...reserved, ...own].find(({ range }) => typeof range === "object" && overlaps(range, cidr));
  if (taken === undefined) return true;
  report.error(
    "CidrReserved",
    path,
    `${formatCidr(cidr)} ${typeof taken.range === "object" && contains(taken.range, cidr) ? "lies in" : "overlaps"} ${taken.text} (${taken.why}).`,
    "Choose a private network (RFC 1918).",
  );
  return false;
}

/** Where gateways live, the cloud's route service speaks with them. */
function checkPrivate(cidr: Cidr, cloud: CloudName | undefined, path: string, report: Report): void {
  const why = cloud === undefined ? undefined : rulesOf(cloud).network.privateGateways;
  if (why !== undefined && !privateRanges.some((range) => typeof range === "object" && contains(range, cidr)))
    report.error(
      "CidrNotPrivate",
      path,
      `${formatCidr(cidr)} is no private network, and the region's gateways would live there: ${why}.`,
      "Choose a private network (RFC 1918); with `cidrs`, write one first.",
    );
}

function checkManagement(path: string, allowFrom: readonly string[] | undefined, report: Report): void {
  for (const [index, text] of (allowFrom ?? []).entries()) {
    const at = `${path}.allowFrom[${String(index)}]`;
    const cidr = checkCidr(text, at, report);
    if (cidr !== undefined && cidr.prefix < 8)
      report.error(
        "CidrSize",
        at,
        `${text} would admit much of the internet to SSH.`,
        "Name the networks that you manage from.",
      );
  }
}

function checkOverlaps(placed: readonly Placed<Cidr>[], report: Report): void {
  for (const { next, widest } of overlapping(placed, lastOf))
    report.error(
      "CidrOverlap",
      next.path,
      `${formatCidr(next.cidr)} overlaps ${formatCidr(widest.cidr)} of ${widest.path}.`,
      "Give one of them another network; translation between overlapping networks is not built yet.",
    );
}
