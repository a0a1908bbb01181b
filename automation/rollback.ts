import { fabricStack } from "trunkline/stacks/graph";
import { Failure } from "./failure";
import { findGateway } from "./find-gateway";
import { loadFleet } from "./fleet-file";
import { withAccess } from "./gateway-access";
import { markForPush, rollBack } from "./operations/roll-back";
import { type UpOptions, withSession } from "./up";

/** Brings a gateway back to the release confirmed before, under the same commit-confirm as a push. */
export async function rollbackGateway(options: UpOptions, gateway: string): Promise<void> {
  const region = findGateway(loadFleet(options.file).plan, gateway).region.name;
  await withSession(options, "rollback", async (session, run) =>
    withAccess(session.site, await session.live(run), async (access) => {
      const { release } = await access.status(gateway);
      if (release.previous == null)
        throw new Failure(
          "badInput",
          `${gateway} has run no release before ${(release.current ?? "").slice(0, 12) || "its first"}.`,
          "There is nothing to go back to.",
        );
      // First, so that whatever happens next, the engine does not believe that the planned release runs there.
      await markForPush(session, fabricStack(session.plan.fleet, region), gateway);
      const back = await rollBack(access, gateway, (step) => options.output.progress(step));
      options.output.result(
        { gateway, release: back.applied, from: back.from, next: "up" },
        () =>
          `${gateway} is back on release ${back.applied.slice(0, 12)}, from ${back.from.slice(0, 12)}.\nThe next trunkline up brings the planned release there again.`,
      );
    }),
  );
}
