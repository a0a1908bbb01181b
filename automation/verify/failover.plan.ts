import type { Plan } from "trunkline/fleet/plan";
import { Failure } from "../failure";
import { findGateway } from "../find-gateway";

/** What a gateway loses: all, one of its daemons, or its cable. */
export const losses = ["power", "charon", "bgpd", "cable"] as const;
export type Loss = (typeof losses)[number];

/**
 * @param words kinds with commas between, such as `power,charon`
 * @throws Failure `badInput` for a kind that there is not, or that stands twice
 */
export function parseLosses(words: string): Loss[] {
  const known = `Kinds of loss: ${losses.join(", ")}.`;
  const found: Loss[] = [];
  for (const word of words.split(",").map((part) => part.trim())) {
    const loss = losses.find((kind) => kind === word);
    if (loss === undefined) throw new Failure("badInput", `--failover: "${word}" is no kind of loss.`, known);
    if (found.includes(loss)) throw new Failure("badInput", `--failover: "${word}" stands twice.`, known);
    found.push(loss);
  }
  return found;
}

/** One gateway that is to lose one thing. */
export interface PlannedLoss {
  readonly gateway: string;
  readonly loss: Loss;
  /** Why nothing can be proven by it, in a sentence; absent: it is to be tried. */
  readonly untestable?: string;
}

/**
 * Every gateway in the plan's order, and each kind at each.
 * @param only one gateway's id
 * @throws Failure `badInput` when the fleet has no such gateway
 */
export function plannedLosses(plan: Plan, kinds: readonly Loss[], only?: string): PlannedLoss[] {
  if (only !== undefined) findGateway(plan, only);
  return plan.regions.flatMap(({ name, ha, gateways, shared }) =>
    gateways
      .filter(({ id }) => only === undefined || id === only)
      .flatMap(({ id: gateway }) => {
        const untestable =
          gateways.length === 1
            ? `${gateway} is the only gateway of its region: nobody takes over.`
            : waysPast(plan, name).length === 0
              ? `${name} talks with no other region.`
              : callsManaged(plan, name)
                ? `${gateway} has tunnels to a managed gateway, whose cloud's timers decide: that is not measured yet.`
                : // An address that the pair shares is brought to each in turn.
                  ha === "active-standby" && shared === undefined && gateway !== gateways[0]?.id
                  ? `${gateway} stands by: it carries nothing while ${gateways[0]?.id ?? ""} is there.`
                  : undefined;
        return kinds.map((loss) => ({ gateway, loss, ...(untestable === undefined ? {} : { untestable }) }));
      }),
  );
}

/** Whether a region has links with managed gateways, which notice a loss by BGP's hold time alone. */
function callsManaged({ links }: Plan, region: string): boolean {
  return links.some(
    ({ ends, tunnels }) => ends.includes(region) && tunnels.some(({ managed }) => managed !== undefined),
  );
}

/** Ordered pairs of regions whose packets pass the gateways of a region: its own, and those that it is a hub for. */
export function waysPast({ routes }: Plan, region: string): { readonly from: string; readonly to: string }[] {
  return routes.filter(({ via }) => via.includes(region)).map(({ from, to }) => ({ from, to }));
}
