import type { Plan, PlannedGateway, PlannedRegion } from "trunkline/fleet/plan";
import { Failure } from "./failure";

export interface FoundGateway {
  readonly region: PlannedRegion;
  readonly gateway: PlannedGateway;
}

/** @throws Failure `badInput` with the ids that there are */
export function findGateway({ regions }: Pick<Plan, "regions">, id: string): FoundGateway {
  for (const region of regions) {
    const gateway = region.gateways.find((candidate) => candidate.id === id);
    if (gateway !== undefined) return { region, gateway };
  }
  const ids = regions.flatMap(({ gateways }) => gateways.map((gateway) => gateway.id));
  throw new Failure("badInput", `The fleet has no gateway ${id}.`, `Gateways: ${ids.join(", ")}.`);
}
