import type { Plan, PlannedRegion } from "trunkline/fleet/plan";
import type { GatewayStatus } from "trunkline/gateway/status";
import type { Statuses } from "./judge-gateways";
import { type Judgement, judged } from "./proof";

/**
 * The plan with each tunnel at the gateway that has it now: where a pair shares an address, at the one that says that it
 * holds it. Where none does, or both, the end keeps the pair's id, from which nobody answers.
 */
export function tunnelsWhereHeld(plan: Plan, statuses: Statuses): Plan {
  const holders = new Map(
    plan.regions.flatMap((region) => {
      const [holder, ...others] = holdersOf(region, statuses);
      return region.shared === undefined || holder === undefined || others.length > 0
        ? []
        : [[region.shared.id, holder] as const];
    }),
  );
  if (holders.size === 0) return plan;
  const at = <E extends { readonly gateway: string }>(end: E): E => ({
    ...end,
    gateway: holders.get(end.gateway) ?? end.gateway,
  });
  return {
    ...plan,
    links: plan.links.map((link) => ({
      ...link,
      tunnels: link.tunnels.map((tunnel) => ({
        ...tunnel,
        ends: [at(tunnel.ends[0]), at(tunnel.ends[1])] as const,
      })),
    })),
  };
}

/** One gateway of the pair holds the address, the other says so, too, and has no SA with another region. */
export function judgeSharedAddresses({ regions, links }: Plan, statuses: Statuses): Judgement[] {
  return regions.flatMap((region) => {
    const { name, gateways, shared } = region;
    if (shared === undefined) return [];
    const outside = links
      .flatMap(({ tunnels }) => tunnels)
      .filter(({ ends }) => ends.some(({ gateway }) => gateway === shared.id))
      .map(({ id }) => id);
    const told = gateways.map(({ id }) => {
      const status = statusOf(id, statuses);
      const held = (status?.ikeSas ?? []).map((sa) => sa.name).filter((sa) => outside.includes(sa));
      return { id, holder: status?.cloudRoutes?.address?.holder ?? undefined, sas: held.length };
    });
    const [holder, ...others] = holdersOf(region, statuses);
    const holds =
      holder !== undefined &&
      others.length === 0 &&
      told.every((each) => each.holder === holder && (each.id === holder || each.sas === 0));
    return [
      judged(
        "sa",
        `${name}~address`,
        "one gateway holds the pair's address, both say so, and the other has no SA with another region",
        told
          .map(
            ({ id, holder: said, sas }) =>
              `${id}: says ${said ?? "nothing"}, ${String(sas)} of ${String(outside.length)} IKE SAs`,
          )
          .join("; "),
        holds,
        `trunkline-gateway status of ${gateways.map(({ id }) => id).join(", ")}: cloudRoutes, ikeSas`,
      ),
    ];
  });
}

/** The gateway that holds its pair's address, as it says itself; absent: none does, or the region has no such address. */
export function holderOf(region: PlannedRegion, statuses: Statuses): string | undefined {
  const [holder, ...others] = holdersOf(region, statuses);
  return others.length === 0 ? holder : undefined;
}

function holdersOf({ gateways }: PlannedRegion, statuses: Statuses): string[] {
  return gateways
    .map(({ id }) => id)
    .filter((id) => statusOf(id, statuses)?.cloudRoutes?.address?.here === true);
}

function statusOf(id: string, statuses: Statuses): GatewayStatus | undefined {
  const status = statuses.get(id);
  return status === undefined || "silent" in status ? undefined : status;
}
