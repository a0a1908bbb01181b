import type { Plan } from "../fleet/plan";
import type * as fabric from "./fabric/program";
import { stackGraph } from "./graph";
import type { ProgramOptions } from "./options";
import type * as region from "./region/program";
import type * as trust from "./trust/program";

/** What Pulumi's Automation API runs as an inline program; every stack ends with one output. */
export type StackProgram = () => Promise<{ handover: unknown }>;

/**
 * The inline program of one stack, by the name that `stackGraph` gives it. Nothing of Pulumi or of a cloud is loaded
 * before it is asked for, so that a parent process can hold the graph at the cost of plain data.
 * @throws Error if the fleet has no such stack, or if its plan is for the lab only
 */
export function stackProgram(plan: Plan, name: string, options: ProgramOptions = {}): StackProgram {
  const node = stackGraph(plan).find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`Fleet ${plan.fleet} has no stack "${name}".`);
  const { layer, region: regionName = "" } = node;
  /* eslint-disable @typescript-eslint/no-require-imports -- loaded when used: see above */
  switch (layer) {
    case "region": {
      const program: typeof region = require("./region/program");
      return program.regionProgram(plan, regionName, options);
    }
    case "trust": {
      const program: typeof trust = require("./trust/program");
      return program.trustProgram(plan, options);
    }
    case "fabric": {
      const program: typeof fabric = require("./fabric/program");
      return program.fabricProgram(plan, regionName, options);
    }
  }
  /* eslint-enable @typescript-eslint/no-require-imports */
}
