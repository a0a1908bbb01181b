import { checkPlan } from "trunkline/fleet/checks/plan";
import { derivePlan } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import { renderPreview } from "trunkline/gateway/preview";
import { meshText } from "./mesh";

/** One measurement in a process of its own: a full mesh of so many regions, parsed, derived, checked and rendered. */
export interface Planning {
  readonly regions: number;
  readonly tunnels: number;
  readonly planSeconds: number;
  readonly checkSeconds: number;
  readonly renderSeconds: number;
  readonly peakBytes: number;
}

function measure(regions: number): Planning {
  const text = meshText(regions);
  const started = performance.now();
  const parsed = parseFleet(text, "fleet.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems[0]));
  const plan = derivePlan(parsed.value);
  const planned = performance.now();
  const { problems } = checkPlan(plan, parsed.value, { waive: ["RouteServerRoutesExceeded"] });
  if (problems.length > 0) throw new Error(JSON.stringify(problems[0]));
  const checked = performance.now();
  for (const { gateways } of plan.regions) for (const { id } of gateways) renderPreview(plan, id);
  const rendered = performance.now();
  return {
    regions,
    tunnels: plan.links.reduce((sum, { tunnels }) => sum + tunnels.length, 0),
    planSeconds: (planned - started) / 1000,
    checkSeconds: (checked - planned) / 1000,
    renderSeconds: (rendered - checked) / 1000,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
}

process.stdout.write(JSON.stringify(measure(Number(process.argv[2]))));
