import { ofFamily } from "trunkline/fleet/family";
import type { Plan } from "trunkline/fleet/plan";
import { speakersOf } from "../operations/drain.plan";
import {
  neighbourOf,
  observeSession,
  receivedText,
  sentText,
  sessionsJudged,
  type Statuses,
  toldTo,
} from "./judge-gateways";
import { type Judgement, judged } from "./proof";

/** Gateways of regions that a transit gateway follows, with the addresses of its two speakers. */
function peersOf(plan: Plan) {
  return plan.regions.flatMap(({ name, gateways }) =>
    gateways
      .map(({ id }) => ({ region: name, id, speakers: speakersOf(plan, id) }))
      .filter(({ speakers }) => speakers.length > 0),
  );
}

/** What a region's gateways and its transit gateway say to each other. */
export function judgeTransit(plan: Plan, statuses: Statuses): Judgement[] {
  return [...judgeSessions(plan, statuses), ...judgeRoutes(plan, statuses)];
}

/** Both sessions of each Connect peer: one alone would do for traffic, until the cloud takes it for its own maintenance. */
function judgeSessions(plan: Plan, statuses: Statuses): Judgement[] {
  return peersOf(plan).map(({ id, speakers }) =>
    sessionsJudged(
      `${id}~transit-gateway`,
      speakers.map((address) => observeSession(id, address, statuses)),
      "Established",
    ),
  );
}

/** Every gateway tells its transit gateway of every IPv4 network, so that it spreads flows; and takes nothing from it. */
function judgeRoutes(plan: Plan, statuses: Statuses): Judgement[] {
  return peersOf(plan).map(({ region, id, speakers }) => {
    const wanted = ofFamily("ipv4", toldTo(region, plan.filters).split(" ")).join(" ");
    const neighbours = speakers.map((address) => neighbourOf(id, address, statuses));
    const [sent, received] = [neighbours.map(sentText), neighbours.map(receivedText)];
    return judged(
      "prefixes",
      `${id}~transit-gateway`,
      `sends ${wanted || "nothing"}, takes nothing`,
      `sends ${[...new Set(sent)].join(" or ") || "nothing"}, takes ${[...new Set(received)].join(" or ") || "nothing"}`,
      sent.every((text) => text === wanted) && received.every((text) => text === ""),
      `${id} advertised-routes and routes of ${speakers.join(" and ")}`,
    );
  });
}
