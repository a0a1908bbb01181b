import { openGates } from "../gates/keeper";
import { type GatewayAccess, withAccess } from "../gateway-access";
import type { Session, SessionOptions } from "../session";
import { answer, drainGateway, type OperationOptions, undrainGateway } from "./drain";
import { replacementStages } from "./replace.plan";

/**
 * Brings a fleet up. Where machines are replaced, one of a region at a time: drained, replaced, and all its sessions up
 * again before the next. Machines keep their public address and their identity; a new one makes a key of its own.
 * @throws Failure as each step does; the same call goes on
 */
export async function bringUp(
  session: Session,
  run: SessionOptions,
  onProgress: (step: string) => void,
): Promise<void> {
  const operation = { stop: run.stop, onProgress };
  for (const { plan, replaced } of replacementStages(session.plan, await liveEpochs(session, run))) {
    for (const gateway of replaced)
      await withAccess(session.site, await session.live(run), (access) =>
        makeWay(session, access, gateway, operation),
      );
    const keeper = await openGates(session, run, onProgress);
    await session.run("up", keeper === undefined ? run : { ...run, keeper }, plan);
    for (const gateway of replaced)
      await withAccess(session.site, await session.live(run), (access) =>
        undrainGateway(plan, access, gateway, operation),
      );
  }
}

/** A machine that does not answer carries nothing, and one without a partner has nowhere to move its traffic to. */
async function makeWay(
  { plan }: Session,
  access: GatewayAccess,
  gateway: string,
  operation: OperationOptions,
): Promise<void> {
  const alone = plan.regions.some(
    ({ gateways: [only, ...others] }) => only?.id === gateway && others.length === 0,
  );
  if (alone) operation.onProgress(`${gateway}: replaced without a partner, the region is away meanwhile`);
  else if ((await answer(access, gateway)) === undefined)
    operation.onProgress(`${gateway}: does not answer, so there is nothing to drain`);
  else await drainGateway(plan, access, gateway, operation);
}

/** Epochs begin at 1 and are never lowered: a plan without others replaces nothing, and nobody need be asked. */
async function liveEpochs(session: Session, run: SessionOptions): Promise<ReadonlyMap<string, number>> {
  const raised = session.plan.regions.some(({ gateways }) =>
    gateways.some(({ imageEpoch }) => imageEpoch > 1),
  );
  const regions = raised ? await session.liveRegions(run) : [];
  return new Map(
    regions.flatMap(({ gateways }) => gateways.map(({ id, imageEpoch }) => [id, imageEpoch] as const)),
  );
}
