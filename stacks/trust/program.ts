import type * as pulumi from "@pulumi/pulumi";
import { trustLayer } from "../../components/backbone/layers";
import { regionFormat, type TrustHandover } from "../../components/handover";
import type { Plan } from "../../fleet/plan";
import { silenceDebugLog } from "../debug-log";
import { regionStack } from "../graph";
import { regionHandover } from "../handover";
import { type ProgramOptions, protectedBy } from "../options";
import { readHandover } from "../reference";

/** The trust stack as an inline program: the one stack that holds issuing keys. */
export function trustProgram(plan: Plan, options: ProgramOptions = {}) {
  return (): Promise<{ handover: pulumi.Output<TrustHandover> }> => {
    silenceDebugLog();
    const regions = new Map(
      plan.regions.map(({ name }) => [
        name,
        readHandover(regionHandover, regionFormat, regionStack(plan.fleet, name)),
      ]),
    );
    return Promise.resolve({ handover: trustLayer(plan, regions, protectedBy(options)) });
  };
}
