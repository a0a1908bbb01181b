import { type CloudFeature, type CloudName, ownerKeys } from "../cloud";
import { rulesOf } from "../clouds";
import { defaults as standard } from "../defaults";
import type { PartialFleet } from "../parse";
import type { Report } from "../report";

/** What of the file a region's cloud does not have, or has no room for; of the defaults, too. */
export function checkClouds(fleet: PartialFleet, report: Report): void {
  for (const [name, { cloud, gateway }] of Object.entries(fleet.regions ?? {}))
    if (cloud !== undefined) {
      checkOwner(name, cloud, fleet, report);
      // Of what a managed region cannot have, `checks/managed.ts` says all there is to say.
      if (gateway !== "managed") checkFeatures(name, cloud, fleet, report);
      checkMtu(name, cloud, fleet, report);
    }
}

/** Each cloud has a word of its own for whose its resources are. */
function checkOwner(name: string, cloud: CloudName, { regions = {} }: PartialFleet, report: Report): void {
  const { title, owner } = rulesOf(cloud);
  for (const key of ownerKeys) {
    const value = regions[name]?.[key];
    if (value === undefined) continue;
    const path = `regions.${name}.${key}`;
    if (key !== owner.key)
      report.error(
        "KeyConflict",
        `${path}#`,
        `\`${key}\` is no word of ${title}'s, where ${name} lies.`,
        `Write \`${owner.key}: ${owner.example}\`, or leave it out.`,
      );
    else if (!owner.pattern.test(value))
      report.error(
        "WrongValue",
        path,
        `${value} is not ${owner.called}.`,
        `Write one such as ${owner.example}.`,
      );
  }
}

function checkFeatures(
  name: string,
  cloud: CloudName,
  { regions = {}, defaults }: PartialFleet,
  report: Report,
): void {
  const { network, ipv6, routes, address, outside } = regions[name] ?? {};
  const path = `regions.${name}`;
  const choice = routes ?? defaults?.routes ?? standard.routes;
  const wanted: readonly (readonly [CloudFeature | undefined, string])[] = [
    [network === undefined ? undefined : "network", `${path}.network#`],
    [ipv6 === undefined ? undefined : "ipv6", `${path}.ipv6#`],
    [choice === "service" ? undefined : choice, routes === undefined ? path : `${path}.routes`],
    [
      (address ?? defaults?.address) === "moved" ? "moved" : undefined,
      address === undefined ? path : `${path}.address`,
    ],
    [
      (outside ?? defaults?.outside) === "ipv6" ? "outside" : undefined,
      outside === undefined ? path : `${path}.outside`,
    ],
  ];
  for (const [feature, at] of wanted) {
    const lack = feature === undefined ? undefined : rulesOf(cloud).lacks[feature];
    if (lack !== undefined) report.error(lack.code, at, lack.message, lack.remedy);
  }
}

/** A gateway's network passes no larger packet. */
function checkMtu(
  name: string,
  cloud: CloudName,
  { regions = {}, defaults }: PartialFleet,
  report: Report,
): void {
  const { title, mtu } = rulesOf(cloud);
  const own = regions[name]?.outerMtu;
  const bytes = own ?? defaults?.outerMtu ?? standard.outerMtu;
  if (bytes > mtu.outer)
    report.error(
      "WrongValue",
      own === undefined ? `regions.${name}` : `regions.${name}.outerMtu`,
      `A network of ${title} passes packets of ${String(mtu.outer)} bytes, and \`outerMtu\` says ${String(bytes)}.`,
      `Write \`outerMtu: ${String(mtu.outer)}\` or less for ${name}.`,
    );
}
