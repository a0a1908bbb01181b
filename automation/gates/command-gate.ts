import { spawn } from "node:child_process";
import { messageOf } from "../failure";
import type { AskedGate, GateAnswer } from "../rollout/gate-answer";
import { bounded, scrubbed, secretVariables } from "./evidence";

/** Of the caller's variables these alone; credentials are in others. */
const handedOn = ["PATH", "HOME", "LANG", "LC_ALL", "TZ"];
/** How much of the end of what it prints is kept, in characters. */
const keptCharacters = 16_384;
/** How long a program that is told to end may take. */
const endSeconds = 5;
/** How long the rest of its output is waited for. */
const drainSeconds = 2;

export interface CommandRequest {
  readonly fleet: string;
  readonly asked: AskedGate;
  /** Secrets of the fleet's, that are not to be shown. */
  readonly secrets: readonly string[];
  readonly stop: AbortSignal;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Asks the user's own program: 0 passes. No shell reads its words, it gets no secret, it and all that it starts end with its time
 * or with the run, and of what it prints the end is evidence.
 */
export async function askCommand(
  words: readonly string[],
  timeoutSeconds: number,
  { fleet, asked, secrets, stop, environment = process.env }: CommandRequest,
): Promise<GateAnswer> {
  const [program = "", ...others] = words;
  const own = handedOn.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const { ended, text } = await run(program, others, timeoutSeconds, stop, {
    ...Object.fromEntries(own),
    TRUNKLINE_FLEET: fleet,
    TRUNKLINE_REGIONS: asked.regions.join(" "),
  });
  const evidence = bounded(scrubbed(text, [...secrets, ...secretVariables(environment, handedOn)]), "last");
  switch (ended.kind) {
    case "exit":
      return ended.code === 0
        ? { outcome: "passed", evidence }
        : { outcome: "failed", because: `${program} ended with ${String(ended.code)}`, evidence };
    case "signal":
      return { outcome: "failed", because: `${program} was ended by ${ended.signal}`, evidence };
    case "late":
      return {
        outcome: "failed",
        because: `${program} was not done after ${String(timeoutSeconds)} s`,
        evidence,
      };
    case "not started":
      return { outcome: "failed", because: `${program} cannot be started: ${ended.why}`, evidence };
    case "stopped":
      return { outcome: "interrupted" };
  }
}

type Ended =
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: string }
  | { readonly kind: "late" | "stopped" }
  | { readonly kind: "not started"; readonly why: string };

function run(
  program: string,
  words: readonly string[],
  timeoutSeconds: number,
  stop: AbortSignal,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly ended: Ended; readonly text: string }> {
  return new Promise((resolve) => {
    if (stop.aborted) {
      resolve({ ended: { kind: "stopped" }, text: "" });
      return;
    }
    // A group of its own: the terminal's Ctrl-C does not reach it past us, and whatever it starts can be ended with it.
    const child = spawn(program, words, {
      env: { ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (part: string) => (text = (text + part).slice(-keptCharacters)));
    let cut: "late" | "stopped" | undefined;
    let killing: NodeJS.Timeout | undefined;
    let draining: NodeJS.Timeout | undefined;
    const end = (why: "late" | "stopped") => (): void => {
      cut ??= why;
      signalGroup(child.pid, "SIGTERM");
      killing ??= setTimeout(() => signalGroup(child.pid, "SIGKILL"), endSeconds * 1000);
    };
    const late = setTimeout(end("late"), timeoutSeconds * 1000);
    const stopped = end("stopped");
    stop.addEventListener("abort", stopped);
    const done = (ended: Ended): void => {
      for (const timer of [late, killing, draining]) clearTimeout(timer);
      stop.removeEventListener("abort", stopped);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ ended: cut === undefined ? ended : { kind: cut }, text });
    };
    child.once("error", (error) => done({ kind: "not started", why: messageOf(error) }));
    child.once("exit", (code, signal) => {
      const ended: Ended =
        code === null ? { kind: "signal", signal: signal ?? "a signal" } : { kind: "exit", code };
      // What it has left running would outlive the gate.
      signalGroup(child.pid, "SIGKILL");
      // What it has printed last may still be in the pipe, which somebody who has left the group may keep open.
      child.once("close", () => done(ended));
      draining = setTimeout(() => done(ended), drainSeconds * 1000);
    });
  });
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of it is there any more.
  }
}
