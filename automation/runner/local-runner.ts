import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { Failure, messageOf } from "../failure";
import { EventQueue } from "./event-queue";
import { untilGone } from "./process-table";
import type { GateKeeper } from "./gate-keeper";
import { childReport, type ChildResult, operationMarker, type OperationRequest } from "./protocol";
import { drive, type ReturnResult, type StepResult } from "../rollout/drive";
import { gateText, judges } from "../rollout/gate";
import type { AskedGate, GateAnswer } from "../rollout/gate-answer";
import type { End } from "../rollout/progress";
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
    const ended = await work;
    wipeTemporary(state);
    yield finished(ended, options, (performance.now() - started) / 1000);
  }
}

interface Ended {
  readonly end: End;
  readonly gateFailed: boolean;
  /** What somebody else holds. */
  readonly busy?: string;
}

function finished(
  { end, gateFailed, busy }: Ended,
  { stop, stopNow }: RunOptions,
  seconds: number,
): RunEvent {
  const { because, evidence } = end;
  return {
    kind: "run-finished",
    outcome: outcomeOf(end, !gateFailed && (stop.aborted || stopNow.aborted)),
    seconds,
    ...(gateFailed && because !== undefined ? { because, evidence } : {}),
    ...(busy === undefined ? {} : { busy }),
  };
}

function outcomeOf(
  { outcome }: End,
  interrupted: boolean,
): Extract<RunEvent, { kind: "run-finished" }>["outcome"] {
  switch (outcome) {
    case "done":
      return "succeeded";
    case "failed":
      // What was ended in the middle has failed for no reason of its own.
      return interrupted ? "cancelled" : "failed";
    case "cancelled":
    case "rolled-back":
      return outcome;
  }
}

class Work {
  readonly #begun = new Set<string>();
  #gateFailed = false;
  #busy: string | undefined;

  constructor(
    private readonly graph: Graph,
    private readonly operation: Operation,
    private readonly options: RunOptions,
    private readonly state: StateFolder,
    private readonly events: EventQueue<RunEvent>,
  ) {}

  async all(): Promise<Ended> {
    const { graph, operation, options } = this;
    const stop = AbortSignal.any([options.stop, options.stopNow]);
    const rollout = rolloutOf(graph, operation, options);
    const asks = rollout.waves.some(({ gates }) => gates.some(({ gate }) => judges(gate)));
    if (asks && options.keeper === undefined)
      throw new Failure("badInput", "The run has gates, and nobody asks them.", "Leave `rollout.gates` out.");
    const end = await drive(rollout, stop, {
      step: (stack) => this.#one(stack),
      soak: (seconds, regions) => {
        this.events.push({ kind: "soak-started", regions, seconds });
        return soak(seconds, stop);
      },
      gate: (asked) => this.#ask(asked, stop),
      proven: (stacks) => options.keeper?.proven(stacks),
      goBack: (gateway, to) => this.#goBack(gateway, to),
    });
    // One whose gateways went back has been told of.
    for (const { step, because } of end.left)
      if (!this.#begun.has(step)) this.#finish(step, "skipped", {}, 0, because);
    const busy = this.#busy;
    return { end, gateFailed: this.#gateFailed, ...(busy === undefined ? {} : { busy }) };
  }

  async #ask(asked: AskedGate, stop: AbortSignal): Promise<GateAnswer> {
    const about = { gate: gateText(asked.what), regions: asked.regions };
    this.events.push({ kind: "gate-started", ...about });
    const said = await this.#keeper.ask(asked, stop);
    // Of one that was hurried to its end a "no" may mean "not yet".
    const answer: GateAnswer = said.outcome === "failed" && stop.aborted ? { outcome: "interrupted" } : said;
    this.#gateFailed ||= answer.outcome === "failed";
    this.events.push({
      kind: "gate-finished",
      ...about,
      outcome: answer.outcome,
      ...(answer.outcome === "failed" ? { because: answer.because } : {}),
      evidence: answer.outcome === "interrupted" ? [] : answer.evidence,
    });
    return answer;
  }

  async #goBack(gateway: string, to: string): Promise<ReturnResult> {
    this.events.push({ kind: "return-started", gateway, to });
    const result = await this.#keeper.goBack(gateway, to);
    this.events.push({ kind: "return-finished", gateway, to, ...result });
    return result;
  }

  /** Of a run with gates, which was not begun without. */
  get #keeper(): GateKeeper {
    const { keeper } = this.options;
    if (keeper === undefined) throw new Error("nobody asks gates");
    return keeper;
  }

  async #one(stack: string): Promise<StepResult> {
    const { keeper } = this.options;
    this.#begun.add(stack);
    const result = await this.#operate(stack);
    const succeeded = result.outcome === "succeeded";
    const judged = await keeper?.ended(stack, { succeeded, changed: !succeeded || result.changed });
    return judged === undefined ? result : { ...result, ...judged };
  }

  async #operate(stack: string): Promise<StepResult> {
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    this.events.push({ kind: "stack-started", stack });
    try {
      this.options.keeper?.begins(stack);
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
    if (busy) this.#busy ??= because;
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
