import type * as pulumi from "@pulumi/pulumi";
import { regionLayer, regionProvider } from "../../components/backbone/layers";
import type { Plan } from "../../fleet/plan";
import type { RegionHandover } from "../../components/handover";
import { silenceDebugLog } from "../debug-log";
import { type ProgramOptions, protectedBy, regionOf, requireManagement } from "../options";

/** The region stack as an inline program: one region's network, machines, addresses and route service. */
export function regionProgram(plan: Plan, region: string, options: ProgramOptions = {}) {
  const planned = regionOf(plan, region);
  requireManagement(plan);
  return (): Promise<{ handover: pulumi.Output<RegionHandover> }> => {
    silenceDebugLog();
    const provider = regionProvider(plan, planned, {});
    return Promise.resolve({ handover: regionLayer(plan, planned, provider, protectedBy(options)) });
  };
}
