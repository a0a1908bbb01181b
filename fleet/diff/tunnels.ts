import { allTunnels, type Plan, type PlannedTunnel } from "../plan";
import { type FieldChange, fieldChanges } from "./fields";

export interface TunnelDiff {
  readonly id: string;
  readonly change: "added" | "removed" | "changed";
  /** Of one that is in both plans. */
  readonly fields: readonly FieldChange[];
  /** Ids of the own gateways that have it: of a pair that shares an address both, of a cloud's managed gateway none. */
  readonly gateways: readonly string[];
}

/** Tunnels that are not the same in both plans, sorted by id. */
export function tunnelDiffs(before: Plan, after: Plan): TunnelDiff[] {
  const [were, are] = [tunnelsById(before), tunnelsById(after)];
  const [holdersBefore, holdersAfter] = [holdersOf(before), holdersOf(after)];
  return [...new Set([...were.keys(), ...are.keys()])].sort().flatMap((id): TunnelDiff[] => {
    const [was, is] = [were.get(id), are.get(id)];
    const fields = was === undefined || is === undefined ? [] : fieldChanges(was, is);
    if (was !== undefined && is !== undefined && fields.length === 0) return [];
    const gateways = new Set([
      ...(was?.ends ?? []).flatMap(({ gateway }) => holdersBefore.get(gateway) ?? []),
      ...(is?.ends ?? []).flatMap(({ gateway }) => holdersAfter.get(gateway) ?? []),
    ]);
    const change = was === undefined ? "added" : is === undefined ? "removed" : "changed";
    return [{ id, change, fields, gateways: [...gateways].sort() }];
  });
}

function tunnelsById(plan: Plan): ReadonlyMap<string, PlannedTunnel> {
  return new Map(allTunnels(plan).map((tunnel) => [tunnel.id, tunnel]));
}

/** By what a tunnel's end is called, the ids of the gateways that may have it. */
function holdersOf({ regions }: Plan): ReadonlyMap<string, readonly string[]> {
  return new Map(
    regions.flatMap(({ gateways, shared }): (readonly [string, readonly string[]])[] => [
      ...gateways.map(({ id }) => [id, [id]] as const),
      ...(shared === undefined ? [] : [[shared.id, gateways.map(({ id }) => id)] as const]),
    ]),
  );
}
