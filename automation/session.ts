import { join, resolve } from "node:path";
import { admitManagement, checkManagement } from "trunkline/components/backbone/management.plan";
import { defaults } from "trunkline/fleet/defaults";
import type { Plan } from "trunkline/fleet/plan";
import { projectName, regionStack, trustStack } from "trunkline/stacks/graph";
import {
  parseHandover,
  type RegionHandover,
  regionHandover,
  type TrustHandover,
  trustHandover,
} from "trunkline/stacks/handover";
import { regionFormat, trustFormat } from "trunkline/components/handover";
import { Failure } from "./failure";
import { rolloutStacks } from "./rollout/stacks";
import type { GateKeeper } from "./runner/gate-keeper";
import { takeFleetLock } from "./runner/fleet-lock";
import { LocalRunner } from "./runner/local-runner";
import type { Operation, Runner, RunEvent, RunOptions } from "./runner/runner";
import { openStateFolder } from "./runner/state-folder";
import type { Site } from "./site";

/** What is known of a fleet that is up: the hand-overs of its stacks, secrets in the clear, in memory only. */
export interface LiveFleet {
  readonly regions: readonly RegionHandover[];
  readonly trust: TrustHandover;
}

export interface SessionOptions {
  readonly stop: AbortSignal;
  readonly stopNow: AbortSignal;
  readonly parallel?: number;
  readonly rollout?: RunOptions["rollout"];
  readonly keeper?: GateKeeper;
  readonly protectedResources?: "kept" | "included";
  onEvent(event: RunEvent): void;
}

/** Operations on one fleet at one site, one at a time: whoever holds the session holds the fleet's lock. */
export class Session {
  readonly #outputs = new Map<string, Readonly<Record<string, unknown>>>();

  private constructor(
    readonly plan: Plan,
    readonly site: Site,
    readonly release: () => void,
    private readonly runner: Runner,
  ) {}

  /**
   * @param management ranges that the site itself needs, besides the fleet's
   * @throws Failure `busy` when another run holds the fleet, `badInput` when nobody may manage its gateways
   */
  static open(
    plan: Plan,
    site: Site,
    command: string,
    management: readonly string[] = [],
    runner: Runner = new LocalRunner(),
  ): Session {
    const admitted = admitManagement(plan, management);
    const problems = checkManagement(admitted);
    const [first] = problems;
    if (first !== undefined) throw new Failure("badInput", `${first.path}: ${first.message}`, first.remedy);
    openStateFolder(site.stateFolder, site.environment);
    const { release } = takeFleetLock(site.stateFolder, command);
    return new Session(admitted, site, release, runner);
  }

  /** @throws Failure when a stack did not succeed, naming each */
  async run(operation: Operation, options: SessionOptions, plan: Plan = this.plan): Promise<void> {
    const failed: string[] = [];
    const returns: { gateway: string; release: string; outcome: string; because?: string }[] = [];
    const graph = { stacks: rolloutStacks(plan) };
    const events = this.runner.run(graph, operation, {
      project: projectName,
      site: this.site,
      programs: programsModule(),
      input: plan,
      parallel: options.parallel ?? defaults.rollout.parallel,
      ...(options.rollout === undefined ? {} : { rollout: options.rollout }),
      ...(options.keeper === undefined ? {} : { keeper: options.keeper }),
      stop: options.stop,
      stopNow: options.stopNow,
      protectedResources: options.protectedResources ?? "kept",
      onOutputs: (stack, outputs) => this.#remember(operation, stack, outputs),
    });
    for await (const event of events) {
      options.onEvent(event);
      if (event.kind === "stack-finished" && event.outcome === "failed")
        failed.push(`${event.stack}: ${event.because ?? "it failed"}`);
      if (event.kind === "return-finished") {
        const { gateway, to, outcome, because } = event;
        returns.push({ gateway, release: to, outcome, ...(because === undefined ? {} : { because }) });
      }
      if (event.kind !== "run-finished" || event.outcome === "succeeded") continue;
      if (event.busy !== undefined) throw new Failure("busy", event.busy, "Wait until the other run ends.");
      if (event.outcome === "cancelled")
        throw new Failure("interrupted", "Stopped.", "The same command goes on where this one ended.");
      if (event.because !== undefined) throw gateFailure(event, returns);
      throw new Failure(
        "proofFailed",
        failed.join("\n"),
        "Mend it and run the same command again: it goes on where this one ended.",
      );
    }
  }

  /** Only what is there counts: a preview's outputs are of no stack, and a refresh leaves them as they were. */
  #remember(operation: Operation, stack: string, outputs: Readonly<Record<string, unknown>>): void {
    switch (operation) {
      case "up":
      case "outputs":
        this.#outputs.set(stack, outputs);
        return;
      case "destroy":
        this.#outputs.delete(stack);
        return;
      case "preview":
      case "refresh":
    }
  }

  /** Hand-overs of the regions that are up, whatever else is. */
  async liveRegions(options: SessionOptions): Promise<RegionHandover[]> {
    const stacks = this.plan.regions.map(({ name }) => regionStack(this.plan.fleet, name));
    if (stacks.some((stack) => !this.#outputs.has(stack))) await this.run("outputs", options);
    return stacks.flatMap((stack) => {
      const read = regionHandover.safeParse(this.#outputs.get(stack)?.["handover"]);
      return read.success ? [read.data] : [];
    });
  }

  /**
   * What is up, as far as this session's runs have told: regions whose gateways the authority knows.
   * @returns nothing before there is an authority
   */
  known(): LiveFleet | undefined {
    const { fleet, regions } = this.plan;
    const trust = trustHandover.safeParse(this.#outputs.get(trustStack(fleet))?.["handover"]);
    if (!trust.success) return undefined;
    const ids = new Set(trust.data.gateways.map(({ id }) => id));
    return {
      trust: trust.data,
      regions: regions.flatMap(({ name }) => {
        const read = regionHandover.safeParse(this.#outputs.get(regionStack(fleet, name))?.["handover"]);
        return read.success && read.data.gateways.every(({ id }) => ids.has(id)) ? [read.data] : [];
      }),
    };
  }

  /** The hand-overs, from this session's own run or asked of the engine's state. */
  async live(options: SessionOptions): Promise<LiveFleet> {
    const { fleet, regions } = this.plan;
    const needed = [...regions.map(({ name }) => regionStack(fleet, name)), trustStack(fleet)];
    if (needed.some((stack) => !this.#outputs.has(stack))) await this.run("outputs", options);
    return {
      regions: regions.map(({ name }) => {
        const stack = regionStack(fleet, name);
        return parseHandover(regionHandover, regionFormat, stack, this.#outputs.get(stack)?.["handover"]);
      }),
      trust: parseHandover(
        trustHandover,
        trustFormat,
        trustStack(fleet),
        this.#outputs.get(trustStack(fleet))?.["handover"],
      ),
    };
  }
}

/** The end of a run whose gate failed, in words, and as a document beside them. */
function gateFailure(
  { outcome, because = "", evidence = [] }: Extract<RunEvent, { kind: "run-finished" }>,
  returns: readonly { readonly gateway: string; readonly release: string; readonly outcome: string }[],
): Failure {
  const gone = returns.filter((one) => one.outcome === "returned").map(({ gateway }) => gateway);
  return new Failure(
    "proofFailed",
    [
      outcome === "rolled-back" ? `Rolled back: ${because}` : `Not rolled back: ${because}`,
      ...evidence.map((line) => `  ${line}`),
      ...(gone.length === 0 ? [] : [`Back on the release before: ${gone.join(", ")}.`]),
    ].join("\n"),
    "Other gateways were left alone. Mend the fleet file or what the gate saw; the next trunkline up brings the planned release again.",
    [],
    { rollout: { outcome, because, evidence, gateways: returns } },
  );
}

function programsModule(): string {
  return resolve(join(require.resolve("trunkline/stacks/program")));
}
