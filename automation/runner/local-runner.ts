import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { Failure, messageOf } from "../failure";
import { EventQueue } from "./event-queue";
import { untilGone } from "./process-table";
import { childReport, type ChildResult, operationMarker, type OperationRequest } from "./protocol";
import { drive, type StepResult } from "../rollout/drive";
import { rolloutOf, soak } from "./run-rollout";
import type { Graph, Operation, Outcome, RunEvent, Runner, RunOptions } from "./runner";
import { openStateFolder, type StateFolder, wipeTemporary } from "./state-folder";

/** Runs in this process, and keeps its progress in the engine's state alone. The caller holds the fleet's lock. */
export class LocalRunner implements Runner {
  async *run(graph: Graph, operation: Operation, options: RunOptions): AsyncGenerator<RunEvent> {
    const started = performance.now();
    const state = openStateFolder(options.site.stateFolder, options.site.environment);
    const marker = `${state.root}#`;
    const left = await untilGone(operationMarker, marker, { waitSeconds: 30, termSeconds: 5 });
    if (left.length > 0)
      throw new Failure(
        "busy",
        `Processes of an earlier run are still there: ${left.join(", ")}.`,
        "Wait for them, or end them.",
      );
    writeFileSync(state.inputFile, JSON.stringify(options.input), { mode: 0o600 });
    yield { kind: "run-started", operation, stacks: graph.stacks.map(({ name }) => name) };
    const events = new EventQueue<RunEvent>();
    const work = new Work(graph, operation, options, state, events).all().finally(() => events.end());
    yield* events;
    const outcomes = await work;
    wipeTemporary(state);
    yield finished(outcomes, options, (performance.now() - started) / 1000);
  }
}

type Outcomes = ReadonlyMap<
  string,
  { readonly outcome: Outcome; readonly because?: string; readonly busy?: boolean }
>;

function finished(outcomes: Outcomes, { stop, stopNow }: RunOptions, seconds: number): RunEvent {
  const all = [...outcomes.values()];
  const busy = all.find((one) => one.busy === true)?.because;
  const interrupted = stop.aborted || stopNow.aborted;
  const outcome = all.every((one) => one.outcome === "succeeded")
    ? "succeeded"
    : interrupted
      ? "cancelled"
      : "failed";
  return { kind: "run-finished", outcome, seconds, ...(busy === undefined ? {} : { busy }) };
}

class Work {
  readonly #outcomes = new Map<string, { outcome: Outcome; because?: string; busy?: boolean }>();

  constructor(
    private readonly graph: Graph,
    private readonly operation: Operation,
    private readonly options: RunOptions,
    private readonly state: StateFolder,
    private readonly events: EventQueue<RunEvent>,
  ) {}

  async all(): Promise<Outcomes> {
    const { graph, operation, options } = this;
    const stop = AbortSignal.any([options.stop, options.stopNow]);
    const left = await drive(rolloutOf(graph, operation, options), stop, {
      step: (stack) => this.#one(stack),
      soak: (seconds, regions) => {
        this.events.push({ kind: "soak-started", regions, seconds });
        return soak(seconds, stop);
      },
    });
    for (const { step, because } of left) this.#finish(step, "skipped", {}, 0, because);
    return this.#outcomes;
  }

  async #one(stack: string): Promise<StepResult> {
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    this.events.push({ kind: "stack-started", stack });
    try {
      const result = await this.#child(stack);
      if (result.outcome === "succeeded" && result.outputs !== undefined) {
        if (this.operation === "up") await this.options.site.afterStack?.(stack, result.outputs);
        this.options.onOutputs?.(stack, result.outputs);
      }
      const busy = result.outcome === "busy";
      const { changes, because } = result;
      this.#finish(
        stack,
        result.outcome === "busy" ? "failed" : result.outcome,
        changes,
        seconds(),
        because,
        busy,
      );
      return result.outcome === "succeeded"
        ? { outcome: "succeeded", changed: Object.keys(changes).some((op) => op !== "same" && op !== "read") }
        : { outcome: "failed", because: because ?? result.outcome };
    } catch (error) {
      const because = messageOf(error);
      this.#finish(stack, "failed", {}, seconds(), because);
      return { outcome: "failed", because };
    }
  }

  #finish(
    stack: string,
    outcome: Outcome,
    changes: Readonly<Record<string, number>>,
    seconds: number,
    because?: string,
    busy = false,
  ): void {
    const why = because === undefined ? {} : { because };
    this.#outcomes.set(stack, { outcome, busy, ...why });
    this.events.push({ kind: "stack-finished", stack, outcome, changes, seconds, ...why });
  }

  async #child(stack: string): Promise<ChildResult> {
    const { options, state } = this;
    const mark = `${state.root}#${stack}#${randomUUID()}`;
    const child = spawn(
      process.execPath,
      [...process.execArgv, join(__dirname, `child${extname(__filename)}`)],
      {
        env: { ...options.site.environment, ...state.environment, [operationMarker]: mark },
        // A session of its own: the terminal's Ctrl-C must not reach the engine past us.
        detached: true,
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      },
    );
    const cancel = (): void => {
      if (child.connected) child.send({ kind: "cancel", how: "clean" });
    };
    const kill = (): void => void untilGone(operationMarker, mark, { waitSeconds: 0, termSeconds: 1 });
    options.stop.addEventListener("abort", cancel);
    options.stopNow.addEventListener("abort", kill);
    try {
      const request: OperationRequest = {
        kind: "request",
        operation: this.operation,
        project: options.project,
        stack,
        workDir: state.workDir(stack),
        pulumiRoot: options.site.pulumiRoot,
        ...(state.fileBackend === undefined ? {} : { fileBackend: state.fileBackend }),
        programs: options.programs,
        inputFile: state.inputFile,
        includeProtected: options.protectedResources === "included",
      };
      child.send(request);
      return await this.#listen(stack, child);
    } finally {
      options.stop.removeEventListener("abort", cancel);
      options.stopNow.removeEventListener("abort", kill);
      // The engine's plugins must be gone before the next run looks at what they did.
      await untilGone(operationMarker, mark, { waitSeconds: 20, termSeconds: 5 });
    }
  }

  #listen(stack: string, child: ChildProcess): Promise<ChildResult> {
    return new Promise((resolve, reject) => {
      let said = "";
      let result: ChildResult | undefined;
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-4000)));
      child.on("message", (raw: unknown) => {
        const message = childReport.parse(raw);
        switch (message.kind) {
          case "result":
            result = message;
            return;
          case "repaired":
            this.events.push({ kind: "stack-repaired", stack, what: message.what });
            return;
          case "resource":
            this.events.push({ ...message, stack });
            return;
          case "message": {
            const { severity, text, resource } = message;
            const about = resource === undefined ? {} : { resource };
            this.events.push({ kind: "message", stack, severity, text, ...about });
          }
        }
      });
      child.on("error", reject);
      child.on("close", (code, signal) => {
        const stopped = this.options.stopNow.aborted;
        resolve(
          result ?? {
            kind: "result",
            outcome: stopped ? "cancelled" : "failed",
            changes: {},
            because: `Its process ended (${signal ?? String(code)}) before it was done. ${said.trim().slice(-1500)}`,
          },
        );
      });
    });
  }
}
