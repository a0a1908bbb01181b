import { nearest } from "../nearest";
import type { PartialFleet } from "../parse";
import type { Report } from "../report";

/** Hubs and links name regions that there are, each once, and the keys of one topology only. */
export function checkTopology({ topology, hubs, links, regions = {} }: PartialFleet, report: Report): void {
  const names = Object.keys(regions);
  const unknown = (name: string): string => {
    const meant = nearest(name, names);
    return meant === undefined
      ? `Regions of the fleet: ${names.join(", ").slice(0, 200)}.`
      : `Did you mean ${meant}?`;
  };
  if (links !== undefined && (topology !== undefined || hubs !== undefined))
    report.error(
      "TopologyConflict",
      "links",
      "`links` stands beside `topology` or `hubs`.",
      "Keep `links` alone, or remove it.",
    );
  if (hubs !== undefined && links === undefined && topology !== "hub-and-spoke")
    report.error(
      "TopologyConflict",
      "hubs",
      "`hubs` belongs to `topology: hub-and-spoke`.",
      "Write that topology, or remove `hubs`.",
    );
  if (topology === "hub-and-spoke" && hubs === undefined)
    report.error(
      "MissingKey",
      "topology",
      "A hub-and-spoke topology needs `hubs`.",
      "Write `hubs: [REGION]`.",
    );
  const seenHubs = new Set<string>();
  for (const [index, hub] of (hubs ?? []).entries()) {
    const path = `hubs[${String(index)}]`;
    if (!Object.hasOwn(regions, hub))
      report.error("HubUnknown", path, `The fleet has no region "${hub.slice(0, 60)}".`, unknown(hub));
    else if (regions[hub]?.transit === false)
      report.error(
        "TopologyConflict",
        path,
        `${hub} is kept out of transit, and a hub is transit.`,
        "Remove `transit: false`, or choose another hub.",
      );
    if (seenHubs.has(hub))
      report.error("LinkDuplicate", path, `${hub.slice(0, 60)} stands twice.`, "Name each hub once.");
    seenHubs.add(hub);
  }
  const seen = new Set<string>();
  for (const [index, [one, other]] of (links ?? []).entries()) {
    const path = `links[${String(index)}]`;
    for (const [end, name] of [one, other].entries())
      if (!Object.hasOwn(regions, name))
        report.error(
          "LinkUnknown",
          `${path}[${String(end)}]`,
          `The fleet has no region "${name.slice(0, 60)}".`,
          unknown(name),
        );
    if (one === other)
      report.error("LinkUnknown", path, "The link has one region at both ends.", "Name two regions.");
    const id = [one, other].sort().join("~");
    if (seen.has(id)) report.error("LinkDuplicate", path, `The link ${id} stands twice.`, "Remove one.");
    seen.add(id);
  }
}
