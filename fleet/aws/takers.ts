import type { Taker } from "../cloud";
import type { RoutesChoice } from "../routes";
import { routesTaken } from "./limits";

/** A static route for each network in each of the region's tables. */
export function staticTaker(choice: Exclude<RoutesChoice, "service">): Taker {
  return {
    most: routesTaken[choice],
    full: "RouteTableRoutesExceeded",
    covers: "RouteTableCoversOthers",
    its: "Each of its route tables",
    told: "hold",
    isTold: "holds",
  };
}
