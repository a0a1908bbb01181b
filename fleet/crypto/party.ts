import type { CloudName } from "../cloud";
import { rulesOf } from "../clouds";
import type { GatewayKind } from "../gateway-kind";
import type { System } from "../system";
import { type Offer, offerOf } from "./offer";
import { ownOffer } from "./own";

/** What a region's end of a tunnel takes: what its gateways' system has, or what its cloud's managed gateways take. */
export function partyOf({
  gateway,
  cloud,
  system,
}: {
  readonly gateway: GatewayKind;
  readonly cloud: CloudName;
  readonly system: System;
}): Offer {
  const { managed } = rulesOf(cloud);
  // A cloud whose managed gateways are not built yet is refused (`checks/managed.ts`).
  return gateway === "self" || managed === undefined ? ownOffer(system) : offerOf(managed.transforms);
}
