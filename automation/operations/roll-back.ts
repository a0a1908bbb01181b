import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectName } from "trunkline/stacks/graph";
import { z } from "zod";
import { exitCodes, Failure, messageOf } from "../failure";
import type { GatewayAccess } from "../gateway-access";
import { betweenQuestions } from "../pause";
import { openStateFolder } from "../runner/state-folder";
import type { Session } from "../session";
import type { RunResult } from "../site";

/** What a confirmation is waited for on the gateway; looking for health ends well before. */
const confirmSeconds = 60;
const healthSeconds = 40;

const applied = z.object({ applied: z.string(), from: z.string() });
/** Releases by hash: the one that runs now, and the one that ran. */
export type Applied = z.infer<typeof applied>;

/**
 * Brings a gateway back to the release confirmed before, under the same commit-confirm as a push. What comes after the switch
 * comes over a new connection: it shows that the release lets the next push in.
 * @throws Failure with what the gateway said; it runs what it ran before
 */
export async function rollBack(
  access: GatewayAccess,
  gateway: string,
  say: (step: string) => void,
): Promise<Applied> {
  const pusher = `${userInfo().username}@${hostname()}/${String(process.pid)}/${randomUUID()}`.replace(
    /[^A-Za-z0-9._@:/-]/g,
    "-",
  );
  let program = "trunkline-gateway";
  const step = (words: string) => access.run(gateway, `${program} ${words} --pusher ${pusher}`, 120);
  try {
    const begun = await step(`rollback --confirm-within ${String(confirmSeconds)}s`);
    const back = applied.parse(JSON.parse(answerOf(begun, gateway)));
    access.renew(gateway);
    say(`${gateway}: release ${back.applied.slice(0, 12)} is in place, and waits for its confirmation`);
    // The newer release's program: the older one may not know how it was begun.
    program = `python3 -EsB /var/lib/trunkline/releases/${back.from}/files/usr/local/sbin/trunkline-gateway`;
    await untilHealthy(
      () => step(`health ${back.applied}`),
      gateway,
      () => step("revert"),
    );
    answerOf(await step(`confirm ${back.applied}`), gateway);
    return back;
  } finally {
    // What the gateway does not hear runs out by itself.
    await step("end").catch(() => undefined);
  }
}

async function untilHealthy(
  ask: () => Promise<RunResult>,
  gateway: string,
  revert: () => Promise<RunResult>,
): Promise<void> {
  const deadline = performance.now() + healthSeconds * 1000;
  for (;;) {
    const said = await ask();
    if (said.code === 0) return;
    if (performance.now() < deadline) {
      await betweenQuestions();
      continue;
    }
    await revert();
    throw new Failure(
      "proofFailed",
      `${gateway}: the former release is not healthy either, and was taken back: ${said.stderr.trim()}`,
      "Look at the gateway; it runs the release that it ran before.",
    );
  }
}

/** @throws Failure with what the gateway said; busy when somebody pushes there */
function answerOf({ code, stdout, stderr }: RunResult, gateway: string): string {
  if (code === 0) return stdout;
  const said = `${gateway}: ${stderr.trim().slice(0, 2000)}`;
  if (code === exitCodes.busy) throw new Failure("busy", said, "Wait until it is done.");
  throw new Failure("proofFailed", said, "The gateway runs what it ran before; mend it and try again.");
}

const exported = z.object({
  deployment: z.object({ resources: z.array(z.object({ urn: z.string() })).default([]) }),
});

/** Has the engine make the gateway's push anew in the next update: to it, nothing about the release has changed. */
export async function markForPush(
  { plan, site }: Pick<Session, "plan" | "site">,
  stack: string,
  gateway: string,
): Promise<void> {
  const state = openStateFolder(site.stateFolder, site.environment);
  const pulumi = async (...words: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(
      join(site.pulumiRoot, "bin", "pulumi"),
      [...words, "--stack", `organization/${projectName}/${stack}`, "--non-interactive"],
      {
        cwd: state.workDir(stack),
        env: { ...site.environment, ...state.environment },
        maxBuffer: 1 << 30,
      },
    );
    return stdout;
  };
  try {
    // Without --show-secrets.
    const { deployment } = exported.parse(JSON.parse(await pulumi("stack", "export")));
    const name = `::${plan.fleet}-${gateway}-release-ensure`;
    const found = deployment.resources.find(({ urn }) => urn.endsWith(name));
    if (found === undefined)
      throw new Failure("badInput", `No release was pushed to ${gateway} yet.`, "trunkline up pushes one.");
    await pulumi("state", "taint", found.urn, "--yes");
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    throw new Failure(
      "proofFailed",
      `the engine's state of ${stack} cannot be marked: ${messageOf(thrown).slice(0, 1000)}`,
      "Nothing was touched; trunkline up makes the state whole.",
    );
  }
}
