import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Plan } from "trunkline/fleet/plan";
import type { GatewayStatus } from "trunkline/gateway/status";
import { openLabSite, lab as labCommands, labManagement, type LabSite } from "../cli/lab-door";
import { withAccess } from "../gateway-access";
import { createOutput, type Output } from "../cli/output";
import { planText } from "../cli/plan-text";
import { Failure } from "../failure";
import { loadFleet } from "../fleet-file";
import { watchInterrupts } from "../interrupt";
import { type LiveFleet, Session, type SessionOptions } from "../session";
import { eventText, labOf } from "../up";
import { FailoverRun } from "../verify/failover";
import { type FailoverMarks, failoverProofs } from "../verify/judge-failover";
import type { Proof } from "../verify/proof";
import { proofsText } from "../verify/proofs-text";
import { verify } from "../verify/verify";
import { runEnvironment } from "./environment";
import { type Phase, writeReport } from "./report";

export interface DemoRun {
  readonly fleet?: string;
  readonly out: string;
  readonly keep?: boolean;
  readonly environment?: boolean;
}

/** With the file that was taken. */
type FleetRun = DemoRun & { readonly fleet: string };

/** A folder of the demo's own, so that it never takes down a lab that somebody works in. */
const demoLab = join(".trunkline", "demo");

/** It shows that traffic goes on, on whatever machine: what each silence took stands beside it. */
const marks: FailoverMarks = { in: 5, through: 5, out: 5, return: 5 };

/** @returns the exit code: 0 when every proof passed */
export async function runDemo(options: DemoRun): Promise<number> {
  const output = createOutput(false);
  const file = options.fleet ?? exampleFleet();
  const { plan, warnings } = loadFleet(file);
  process.stdout.write(`${planText(plan, warnings)}\n\n`);
  await labCommands.down({ folder: demoLab });
  const interrupts = watchInterrupts((sentence) => output.progress(sentence));
  const phases = new Phases(output);
  try {
    const site = await phases.run("lab", () =>
      openLabSite(plan.fleet, (step) => output.progress(step), demoLab),
    );
    try {
      const run: SessionOptions = {
        stop: interrupts.stop,
        stopNow: interrupts.stopNow,
        onEvent: (event) => {
          const line = eventText(event);
          if (line !== undefined) output.progress(line);
        },
      };
      const proofs = await proveAll(plan, site, run, { ...options, fleet: file }, phases, output);
      const { json, html } = writeReport(resolve(options.out), { plan, proofs, phases: phases.done });
      process.stdout.write(`\n${proofsText(proofs)}\n\n${html}\n${json}\n`);
      return proofs.every(({ status }) => status === "pass") ? 0 : 1;
    } finally {
      site.close();
    }
  } finally {
    interrupts.release();
    if (options.keep === true)
      output.progress(`The lab stays up: TRUNKLINE_LAB=${demoLab} npx trunkline lab status`);
    else await labCommands.down({ folder: demoLab });
  }
}

async function proveAll(
  plan: Plan,
  site: LabSite,
  run: SessionOptions,
  options: FleetRun,
  phases: Phases,
  output: Output,
): Promise<Proof[]> {
  const live = await phases.run("up", () => bringUp(plan, site, run, options));
  const prove = (): Promise<Proof[]> =>
    verify(plan, live, site, {
      onProgress: (step) => output.progress(step),
      stop: run.stop,
      deadlineSeconds: 90,
    });
  const first = await phases.run("proofs", prove);
  output.progress(
    `${String(first.filter(({ status }) => status === "pass").length)} of ${String(first.length)} proofs hold`,
  );
  if (run.stop.aborted) throw new Failure("interrupted", "Stopped.", "Run the demo again: it starts afresh.");
  const lost = preferredGateway(plan, live);
  const failover = await withAccess(site, live, async (access) => {
    const status = (gateway: string): Promise<GatewayStatus> => access.status(gateway);
    const options = { stop: run.stop, onProgress: (step: string) => output.progress(step) };
    const losing = await phases.run("traffic", () =>
      FailoverRun.begin(plan, lost, "power", site.probes, status, options),
    );
    return losing.whole((step, work) => phases.run(step, work));
  });
  const second = await phases.run("proofs again", prove);
  return [
    ...first,
    ...failoverProofs(failover, marks, phases.seconds("loss") + phases.seconds("return")),
    ...second.map((proof) => ({ ...proof, id: `again/${proof.id}` })),
  ];
}

async function bringUp(
  plan: Plan,
  site: LabSite,
  run: SessionOptions,
  { environment, fleet: file }: FleetRun,
): Promise<LiveFleet> {
  if (environment === true) return runEnvironment({ plan, file }, site, run);
  const session = Session.open(plan, labOf(site, plan), "trunkline-demo", labManagement);
  try {
    await session.run("up", run);
    return await session.live(run);
  } finally {
    session.release();
  }
}

/** The gateway that carries the traffic: the lowest MED of the first region that has a link. */
function preferredGateway(
  { regions, links }: Plan,
  live: LiveFleet,
): { readonly id: string; readonly instanceId: string } {
  const linked = regions.find(({ name }) => links.some(({ ends }) => ends.includes(name)));
  const [best] = [...(linked?.gateways ?? [])].sort((one, other) => one.med - other.med);
  const machine = live.regions.flatMap(({ gateways }) => gateways).find(({ id }) => id === best?.id);
  if (machine === undefined)
    throw new Failure(
      "badInput",
      "The fleet has no link to prove.",
      "Name a fleet with two regions or more.",
    );
  return machine;
}

class Phases {
  readonly done: Phase[] = [];

  seconds(name: string): number {
    return this.done.find((phase) => phase.name === name)?.seconds ?? 0;
  }

  constructor(private readonly output: Output) {}

  async run<T>(name: string, step: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await step();
    } finally {
      const seconds = Math.round((performance.now() - started) / 10) / 100;
      this.done.push({ name, seconds });
      this.output.progress(`${name}: ${seconds.toFixed(1)} s`);
    }
  }
}

/** Beside the checkout's or the package's own code. */
function exampleFleet(): string {
  const tail = join("examples", "three-regions", "fleet.yaml");
  const found = [join(__dirname, "..", "..", tail), join(__dirname, "..", tail)].find(existsSync);
  if (found === undefined)
    throw new Failure("badInput", "The example fleet is not here.", "Name a fleet with --fleet FILE.");
  return found;
}
