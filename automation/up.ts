import { statusText } from "./status-text";
import { resolve } from "node:path";
import type { Plan } from "trunkline/fleet/plan";
import { formatProblem } from "trunkline/fleet/problem";
import { regionHandover } from "trunkline/stacks/handover";
import type { Output } from "./cli/output";
import type { LabSite } from "./cli/lab-door";
import { openCloudSite } from "./cloud-site";
import { Failure } from "./failure";
import { findGateway } from "./find-gateway";
import { loadFleet } from "./fleet-file";
import { type GatewayAccess, withAccess } from "./gateway-access";
import { forgetUnproven } from "./gates/unproven";
import { watchInterrupts } from "./interrupt";
import type { RunEvent } from "./runner/runner";
import { Session, type SessionOptions } from "./session";
import type { Site } from "./site";
import type { OperationOptions } from "./operations/drain";
import { bringUp } from "./operations/replace";
import { type Loss, plannedLosses } from "./verify/failover.plan";
import { cannotTake, proveFailover } from "./verify/prove-failover";
import { prepareJunit, writeJunit } from "./verify/junit";
import { proofsText } from "./verify/proofs-text";
import { verify } from "./verify/verify";

export interface UpOptions {
  readonly file: string;
  readonly lab: boolean;
  /** Stacks at once; absent: as the fleet file says. */
  readonly parallel?: number;
  readonly output: Output;
}

/** Builds or changes a fleet. */
export async function upFleet(
  options: UpOptions & { ask(question: string): Promise<boolean> },
): Promise<void> {
  await withSession(options, "up", async (session, run) => {
    const { plan, site } = session;
    if (site.kind === "cloud") {
      const accounts = [
        ...new Set(plan.regions.map(({ cloud, cloudRegion }) => `${cloud} ${cloudRegion}`)),
      ].join(", ");
      if (
        !(await options.ask(
          `Build fleet ${plan.fleet} in ${accounts}, with the credentials ${site.identity ?? "found here"}?`,
        ))
      )
        throw new Failure("interrupted", "Nothing was touched.");
    }
    await bringUp(session, run, (step) => options.output.progress(step));
    options.output.result(
      { fleet: plan.fleet, stacks: "up" },
      () => `Fleet ${plan.fleet} is up. Next: trunkline verify${options.lab ? " --lab" : ""}`,
    );
  });
}

export async function previewFleet(options: UpOptions): Promise<void> {
  await withSession(options, "preview", async (session, run) => {
    const stacks: Record<string, Readonly<Record<string, number>>> = {};
    await session.run("preview", {
      ...run,
      onEvent: (event) => {
        run.onEvent(event);
        if (event.kind === "stack-finished") stacks[event.stack] = event.changes;
      },
    });
    options.output.result({ stacks }, () =>
      Object.entries(stacks)
        .map(([name, changes]) => `${name}: ${changesText(changes)}`)
        .join("\n"),
    );
  });
}

export async function destroyFleet(
  options: UpOptions & { readonly includeProtected: boolean; confirm(fleet: string): Promise<string> },
): Promise<void> {
  const { plan } = loadFleet(options.file);
  const said = await options.confirm(plan.fleet);
  if (said !== plan.fleet)
    throw new Failure("badInput", `"${said}" is not the fleet's name.`, "Nothing was touched.");
  await withSession(options, "destroy", async (session, run) => {
    let kept = 0;
    await session.run("destroy", {
      ...run,
      protectedResources: options.includeProtected ? "included" : "kept",
      onEvent: (event) => {
        run.onEvent(event);
        if (event.kind === "stack-finished") kept += event.changes["kept"] ?? 0;
      },
    });
    forgetUnproven(session.site.stateFolder);
    options.output.result({ fleet: plan.fleet, kept }, () =>
      kept === 0
        ? `Fleet ${plan.fleet} is gone.`
        : `Of fleet ${plan.fleet}, ${String(kept)} resources are protected and still there; --include-protected takes them as well.`,
    );
  });
}

export async function statusOfFleet(options: UpOptions): Promise<void> {
  await withSession(options, "status", async (session, run) => {
    const live = await session.live(run);
    await withAccess(session.site, live, async (access) => {
      const asked = access.gateways.map(async (id) => [id, await access.status(id)] as const);
      const statuses = Object.fromEntries(await Promise.all(asked));
      options.output.result(statuses, () => statusText(statuses));
    });
  });
}

/** What `verify` takes from gateways, besides asking them. */
export interface FailoverRequest {
  readonly losses: readonly Loss[];
  /** One gateway's id; absent: each in turn. */
  readonly gateway?: string;
}

/**
 * @returns the exit code: 0 when every proof passed, 1 otherwise
 * @throws Failure `badInput` for a loss that cannot be tried, before anything is touched
 */
export async function verifyFleet(
  options: UpOptions & { readonly failover?: FailoverRequest; readonly junit?: string },
): Promise<number> {
  const { failover, junit } = options;
  if (failover !== undefined) {
    plannedLosses(loadFleet(options.file).plan, failover.losses, failover.gateway);
    if (!options.lab) throw cannotTake();
  }
  if (junit !== undefined) prepareJunit(junit);
  return withSession(options, "verify", async (session, run) => {
    const live = await session.live(run);
    const { plan, site } = session;
    const onProgress = (step: string): void => options.output.progress(step);
    const asked = { onProgress, stop: run.stop };
    const others = await verify(plan, live, site, asked);
    const taken =
      failover === undefined ? [] : await proveFailover(plan, live, site, { ...failover, ...asked, others });
    const proofs = [...others, ...taken];
    if (junit !== undefined) writeJunit(junit, plan.fleet, proofs);
    options.output.result({ proofs }, () => proofsText(proofs));
    return proofs.every(({ status }) => status !== "fail") ? 0 : 1;
  });
}

/** Work on one gateway of a live fleet. @throws Failure when the fleet has no such gateway */
export async function operateGateway<T>(
  options: UpOptions,
  command: string,
  gateway: string,
  work: (plan: Plan, access: GatewayAccess, operation: OperationOptions) => Promise<T>,
): Promise<T> {
  findGateway(loadFleet(options.file).plan, gateway);
  return withSession(options, `${command} ${gateway}`, async (session, run) =>
    withAccess(session.site, await session.live(run), (access) => {
      const onProgress = (step: string): void => options.output.progress(step);
      return work(session.plan, access, { stop: run.stop, onProgress });
    }),
  );
}

/** Opens the site, takes the fleet's lock, and leaves both as they were. */
export async function withSession<T>(
  options: UpOptions,
  command: string,
  work: (session: Session, run: SessionOptions) => Promise<T>,
): Promise<T> {
  const { fleet, plan, warnings } = loadFleet(options.file);
  for (const warning of warnings) options.output.progress(formatProblem(warning));
  const { site, management, close } = await openSite(plan, options);
  const interrupts = watchInterrupts((sentence) => options.output.progress(sentence));
  try {
    const session = Session.open(plan, site, `trunkline ${command} -f ${options.file}`, management);
    try {
      return await work(session, {
        stop: interrupts.stop,
        stopNow: interrupts.stopNow,
        parallel: options.parallel ?? fleet.rollout.parallel,
        rollout: fleet.rollout,
        onEvent: (event) => {
          const line = eventText(event);
          if (line !== undefined) options.output.progress(line);
        },
      });
    } finally {
      session.release();
    }
  } finally {
    interrupts.release();
    close();
  }
}

async function openSite(
  plan: Plan,
  options: UpOptions,
): Promise<{
  readonly site: Site;
  readonly management: readonly string[];
  close(): void;
}> {
  if (!options.lab)
    return {
      site: openCloudSite(plan, resolve(".trunkline", "state", plan.fleet)),
      management: [],
      close: () => undefined,
    };
  const { labManagement, openLabSite } = await import("./cli/lab-door.js");
  const lab = await openLabSite(plan.fleet, (step) => options.output.progress(step));
  return { site: labOf(lab, plan), management: labManagement, close: () => lab.close() };
}

/** The lab as a site of one fleet: a region that is up gets a workload to prove reachability with. */
export function labOf(lab: LabSite, plan: Plan): Site {
  return {
    ...lab,
    afterStack: async (_, { handover }) => {
      const read = regionHandover.safeParse(handover);
      if (read.success) await lab.addWorkload(plan, read.data.region, read.data.networkId);
    },
  };
}

/** A line for a person, or nothing for what would only scroll by. */
export function eventText(event: RunEvent): string | undefined {
  switch (event.kind) {
    case "run-started":
      return `${event.operation}: ${String(event.stacks.length)} stacks`;
    case "stack-started":
      return `${event.stack} …`;
    case "soak-started":
      return `${event.regions.join(", ")} done; nothing new starts for ${String(event.seconds)} s (Ctrl-C ends the run)`;
    case "gate-started":
      return `gate ${event.gate} of ${event.regions.join(", ")} …`;
    case "gate-finished":
      return `gate ${event.gate} of ${event.regions.join(", ")} ${gateOutcomes[event.outcome]}${event.because === undefined ? "" : `: ${event.because}`}${event.evidence.map((line) => `\n  ${line}`).join("")}`;
    case "return-started":
      return `${event.gateway}: goes back to release ${event.to.slice(0, 12)}, which it ran before`;
    case "return-finished":
      return event.outcome === "returned"
        ? `${event.gateway} is back on release ${event.to.slice(0, 12)}`
        : `${event.gateway} did not go back: ${event.because ?? ""}`;
    case "stack-repaired":
      return `${event.stack}: ${event.what}`;
    case "stack-finished":
      return `${event.stack} ${event.outcome} in ${event.seconds.toFixed(1)} s${Object.keys(event.changes).length === 0 ? "" : ` (${changesText(event.changes)})`}${event.because === undefined ? "" : `\n${event.because}`}`;
    case "message":
      return event.severity === "info"
        ? undefined
        : `${event.stack}: ${event.severity}: ${event.resource === undefined ? "" : `${event.resource}: `}${event.text}`;
    case "resource": {
      const pushed = /^(.+)-release-ensure$/.exec(event.name)?.[1];
      return pushed !== undefined && event.op === "create-replacement" && event.state === "started"
        ? `${event.stack}: ${pushed}: the planned release is brought there again`
        : undefined;
    }
    case "run-finished":
      return undefined;
  }
}

const gateOutcomes = {
  passed: "has passed",
  failed: "has failed",
  interrupted: "was stopped: nothing is proven, and nothing goes back. The next up asks again",
} as const;

function changesText(changes: Readonly<Record<string, number>>): string {
  const parts = Object.entries(changes).map(([op, count]) => `${String(count)} ${op}`);
  return parts.length === 0 ? "nothing" : parts.join(", ");
}
