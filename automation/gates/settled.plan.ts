import { allTunnels, type Plan } from "trunkline/fleet/plan";
import type { Proof } from "../verify/proof";

/** What a fleet's regions are like in the middle of a run. */
export interface Settlement {
  /** Regions that have steps left, or failed ones. */
  readonly unsettled: readonly string[];
  /** Of these the ones in which the run has changed something. */
  readonly disturbed: readonly string[];
  /** Ids of proofs that held before the wave, judged by the plan that it brings. */
  readonly heldBefore: ReadonlySet<string>;
}

/**
 * Which proofs a gate may ask for. About settled regions alone: all. With an unsettled one: those that held before, as long as
 * nothing of that region has been changed since, for what a wave does to its neighbours is what it may break. The rest waits for
 * a release that has yet to come, and is left out.
 */
export function countsNow(
  plan: Plan,
  { unsettled, disturbed, heldBefore }: Settlement,
): (proof: Pick<Proof, "id" | "kind" | "subject">) => boolean {
  const regionsOf = regionsOfProofs(plan);
  return (proof) => {
    const open = regionsOf(proof).filter((region) => unsettled.includes(region));
    return (
      open.length === 0 || (heldBefore.has(proof.id) && !open.some((region) => disturbed.includes(region)))
    );
  };
}

/** The regions whose releases a proof rests on, sorted; of a subject that is none of the plan's: all. */
export function regionsOfProofs(plan: Plan): (proof: Pick<Proof, "kind" | "subject">) => readonly string[] {
  const all = plan.regions.map(({ name }) => name);
  const tunnels = new Map(
    allTunnels(plan).map(({ id, ends }) => [id, ends.map(({ region }) => region)] as const),
  );
  const homes = new Map(
    plan.regions.flatMap(({ name, gateways }) => [
      [name, name] as const,
      ...gateways.map(({ id }) => [id, name] as const),
    ]),
  );
  const linked = (region: string): string[] =>
    plan.links.filter(({ ends }) => ends.includes(region)).flatMap(({ ends }) => [...ends]);
  const via = (from: string, to: string): readonly string[] =>
    plan.routes.find((route) => route.from === from && route.to === to)?.via ?? [from, to];
  /** What a region is told of comes from every region that it has a way to. */
  const heard = (region: string): string[] =>
    plan.routes.filter(({ from }) => from === region).flatMap((route) => [...route.via, route.to]);

  const named = ({ kind, subject }: Pick<Proof, "kind" | "subject">): readonly string[] => {
    // `cleartext/internet` is about all that is on the wire.
    const [pair = ""] = subject.split(" over ");
    if (kind === "reachability" || kind === "path-mtu") {
      const [from = "", to = ""] = pair.split(">");
      return all.includes(from) && all.includes(to) ? [...via(from, to), ...via(to, from)] : all;
    }
    const ends = tunnels.get(subject);
    const home = homes.get(subject.split("~")[0] ?? "");
    const own = ends ?? (home === undefined ? undefined : [home]);
    if (own === undefined) return all;
    switch (kind) {
      case "prefixes":
        return [...own, ...own.flatMap(heard)];
      case "certificate":
        // Its peers say what it presented.
        return [...own, ...own.flatMap(linked)];
      case "sa":
        // That one alone holds the pair's address is seen at the ends of its tunnels.
        return subject.endsWith("~address") ? [...own, ...own.flatMap(linked)] : own;
      case "bgp":
        return own;
      case "cleartext":
      case "failover":
        return all;
    }
  };
  return (proof) => [...new Set(named(proof))].sort();
}
