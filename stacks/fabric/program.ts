import type * as pulumi from "@pulumi/pulumi";
import { fabricLayer, regionProvider } from "../../components/backbone/layers";
import { managedNeighbours } from "../../components/backbone/managed";
import { fabricFormat, type FabricHandover, regionFormat, trustFormat } from "../../components/handover";
import type { Plan } from "../../fleet/plan";
import { silenceDebugLog } from "../debug-log";
import { fabricStack, neighbours, regionStack, trustStack } from "../graph";
import { fabricHandover, regionHandover, trustHandover } from "../handover";
import { type ProgramOptions, protectedBy, regionOf, requireManagement } from "../options";
import { readHandover } from "../reference";

/** The fabric stack of one region as an inline program: rules towards peers, then each gateway's release. */
export function fabricProgram(plan: Plan, region: string, options: ProgramOptions = {}) {
  const planned = regionOf(plan, region);
  requireManagement(plan);
  return (): Promise<{ handover: pulumi.Output<FabricHandover> }> => {
    silenceDebugLog();
    const { fleet } = plan;
    const regions = new Map(
      [region, ...neighbours(plan, region)].map((name) => [
        name,
        readHandover(regionHandover, regionFormat, regionStack(fleet, name)),
      ]),
    );
    const trust = readHandover(trustHandover, trustFormat, trustStack(fleet));
    const fabrics =
      planned.managed === undefined
        ? managedNeighbours(plan, region).map((name) =>
            readHandover(fabricHandover, fabricFormat, fabricStack(fleet, name)),
          )
        : [];
    const provider = regionProvider(plan, planned, {});
    return Promise.resolve({
      handover: fabricLayer(plan, planned, provider, { regions, trust, fabrics }, protectedBy(options)),
    });
  };
}
