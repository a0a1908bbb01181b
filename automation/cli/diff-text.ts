import type { FieldChange } from "trunkline/fleet/diff/fields";
import {
  type Change,
  diffPlans,
  emptyPlan,
  type Entries,
  type GatewayDiff,
  isEmptyDiff,
  type PlanDiff,
  type RegionDiff,
} from "trunkline/fleet/diff/plan-diff";
import type { TunnelDiff } from "trunkline/fleet/diff/tunnels";
import type { Plan } from "trunkline/fleet/plan";
import type { FleetRollout } from "trunkline/fleet/rollout";
import { counted } from "../counted";
import { code, codes, commentBytes, cutLines, shortCode } from "./markdown";
import { type WavesReport, wavesReport } from "./waves-text";

/** What a change of a fleet file does: what `plan --since` shows. */
export interface DiffReport extends PlanDiff {
  /** Whether the plans are equal. */
  readonly empty: boolean;
  /** How `up` goes through it; `changes` of each wave are the stacks that differ. */
  readonly waves: WavesReport["waves"];
}

/** @param before absent: nothing is there yet */
export function diffReport(before: Plan | undefined, after: Plan, rollout: FleetRollout): DiffReport {
  const known = before ?? emptyPlan(after);
  const diff = diffPlans(known, after);
  return { ...diff, empty: isEmptyDiff(diff), waves: wavesReport(after, rollout, known).waves };
}

/** For a comment of a pull request: the sum, what to know, then region by region. */
export function diffMarkdown(report: DiffReport): string {
  if (report.empty) return `**Fleet ${code(report.fleet)}: nothing changes.**`;
  const lines = [
    sumText(report),
    ...report.families.flatMap(({ ends, before, after }) => [
      "",
      `**${code(ends[0])} and ${code(ends[1])} have no way to each other** while their link changes from ${familyNames[before]} to ${familyNames[after]}: from when the gateways of one end have left the old tunnels until the first gateway of the other end follows.`,
    ]),
    ...wavesLines(report),
    ...factsLines(report),
    ...section("Fleet", report.fields.map(fieldText)),
    ...report.ways.flatMap(({ from, to, before, after }, index) => [
      ...(index === 0 ? ["", "### Ways", ""] : []),
      `- ${code(from)} to ${code(to)}: ${code(before.join(" > "))} → ${code(after.join(" > "))}`,
    ]),
    ...gatewayLines(report),
  ];
  return cutLines(
    lines,
    commentBytes,
    (left) => `… and ${counted(left, "line")} more: \`trunkline plan --since FILE --json\` has them all.`,
  );
}

const familyNames = { ipv4: "IPv4", ipv6: "IPv6" } as const;

/** What the plans alone can tell. */
function sumText({ fleet, regions, gateways, tunnels, waves }: DiffReport): string {
  const stacks = waves.flatMap(({ changes = [] }) => changes).length;
  const all = waves.flatMap((wave) => wave.stacks).length;
  const dollars = regions.reduce((sum, { dollarsPerMonth: { before, after } }) => sum + after - before, 0);
  const parts = [
    countsText("gateway", gateways),
    countsText("tunnel", tunnels),
    `${String(stacks)} of ${counted(all, "stack")} in ${counted(waves.filter(({ changes = [] }) => changes.length > 0).length, "wave")}`,
    ...(Math.abs(dollars) < 0.005 ? [] : [`${signed(dollars)} a month for route services`]),
  ];
  return `**Fleet ${code(fleet)}: ${parts.join("; ")}.**`;
}

function countsText(thing: string, list: readonly { readonly change: Change }[]): string {
  const counts = (["added", "removed", "changed"] as const).flatMap((change) => {
    const count = list.filter((one) => one.change === change).length;
    return count === 0 ? [] : [`${String(count)} ${change}`];
  });
  return `${thing}s: ${counts.length === 0 ? "none" : counts.join(", ")}`;
}

function signed(dollars: number): string {
  return `${dollars < 0 ? "−" : "+"}$${money(Math.abs(dollars))}`;
}

function money(dollars: number): string {
  return dollars.toLocaleString("en-US", { maximumFractionDigits: 2 });
}

function wavesLines({ fleet, waves, regions }: DiffReport): string[] {
  const touched = waves.flatMap(({ kind, changes = [], soakSeconds, gates }, index) => {
    if (changes.length === 0) return [];
    const then = [...(soakSeconds === 0 ? [] : [`${String(soakSeconds)} s`]), ...gates];
    const stacks = codes(changes.map((name) => name.slice(fleet.length + 1)));
    return `- wave ${String(index + 1)} (${kind}): ${stacks}${then.length === 0 ? "" : `; then ${codes(then)}`}`;
  });
  const gone = regions.filter(({ change }) => change === "removed").map(({ region }) => region);
  return [
    ...section("Stacks that `up` touches", touched),
    ...(gone.length === 0
      ? []
      : [
          "",
          `Stacks of ${codes(gone)} are in this plan no more: \`up\` leaves what is built of them as it is.`,
        ]),
  ];
}

function factsLines({ regions }: DiffReport): string[] {
  return section(
    "Cost and failover",
    regions.flatMap(({ region, change, facts, dollarsPerMonth: { before, after } }) => {
      if (facts.length === 0) return [];
      const cost =
        change === "added"
          ? `$${money(after)} a month`
          : change === "removed"
            ? `$${money(before)} a month less`
            : before === after
              ? undefined
              : `$${money(before)} → $${money(after)} a month`;
      const failover = facts
        .filter(({ field }) => field.startsWith("facts.failoverSeconds"))
        .map(
          ({ field, before: was, after: is }) => `${code(field.slice("facts.".length))} ${turnText(was, is)}`,
        );
      const said = [...(cost === undefined ? [] : [cost]), ...failover];
      return said.length === 0 ? [] : [`- ${code(region)}: ${said.join("; ")}`];
    }),
  );
}

/** Region by region: what all of its gateways share, then each of them. */
function gatewayLines({ regions, gateways, tunnels }: DiffReport): string[] {
  const byId = new Map(tunnels.map((tunnel) => [tunnel.id, tunnel]));
  const byRegion = new Map(regions.map((region) => [region.region, region]));
  const names = [...new Set([...byRegion.keys(), ...gateways.map(({ region }) => region)])].sort();
  return names.flatMap((name) => {
    const region = byRegion.get(name);
    const own = gateways.filter((gateway) => gateway.region === name);
    const lines = [
      ...(region === undefined ? [] : regionLines(region)),
      ...own.flatMap((one) => gatewayText(one, byId)),
    ];
    return lines.length === 0
      ? []
      : [
          "",
          `### ${code(name)}${region === undefined || region.change === "changed" ? "" : ` ${region.change}`}`,
          "",
          ...lines,
        ];
  });
}

function regionLines({ change, fields, neighbours, announced }: RegionDiff): string[] {
  const told = neighbours.flatMap(({ region, told: tells, accepted }) => [
    ...entriesText(`tells ${code(region)}`, tells),
    ...entriesText(`accepts from ${code(region)}`, accepted),
  ]);
  const own = entriesText("tells its own network", announced);
  return change === "removed" ? [] : [...fields.map(fieldText), ...told, ...own];
}

function gatewayText(
  { gateway, change, fields, tunnels }: GatewayDiff,
  byId: ReadonlyMap<string, TunnelDiff>,
): string[] {
  const turned = tunnels.changed.map((id) => {
    const changes = byId.get(id)?.fields ?? [];
    const shown = changes
      .slice(0, 6)
      .map(({ field, before, after }) => `${shortCode(field)} ${turnText(before, after)}`);
    const left = changes.length - shown.length;
    return `  - tunnel ${code(id)}: ${shown.join(", ")}${left === 0 ? "" : ` and ${counted(left, "field")} more`}`;
  });
  const count = tunnels.added.length + tunnels.removed.length + tunnels.changed.length;
  const most = 8;
  return [
    `- **${code(gateway)}** ${change === "changed" && fields.length + count === 0 ? "changed with its region" : change}`,
    ...fields.map((field) => `  ${fieldText(field)}`),
    ...(tunnels.added.length === 0 ? [] : [`  - tunnels added: ${codes(tunnels.added)}`]),
    ...(tunnels.removed.length === 0 ? [] : [`  - tunnels removed: ${codes(tunnels.removed)}`]),
    ...turned.slice(0, most),
    ...(turned.length <= most ? [] : [`  - and ${counted(turned.length - most, "tunnel")} more that change`]),
  ];
}

function entriesText(what: string, { added, removed }: Entries): string[] {
  return [
    ...(added.length === 0 ? [] : [`- ${what} also ${codes(added)}`]),
    ...(removed.length === 0 ? [] : [`- ${what} no more ${codes(removed)}`]),
  ];
}

function fieldText({ field, before, after }: FieldChange): string {
  return `- ${shortCode(field)}: ${turnText(before, after)}`;
}

function turnText(before: unknown, after: unknown): string {
  return `${valueText(before)} → ${valueText(after)}`;
}

function valueText(value: unknown): string {
  if (value === undefined) return "none";
  return shortCode(typeof value === "string" ? value : JSON.stringify(value));
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `### ${title}`, "", ...lines];
}
