import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { LocalWorkspace, PulumiCommand, type EngineEvent, type Stack } from "@pulumi/pulumi/automation";
import { z } from "zod";
import { messageOf } from "../failure";
import { removeDamagedSidecars } from "./sidecars";
import { childOrder, type ChildReport, type ChildResult, type OperationRequest } from "./protocol";

/**
 * One operation on one stack, in a process of its own: the inline program's failures, memory and unhandled rejections
 * are its alone. It gets its order over IPC, and stops the engine cleanly when the runner asks for it or is gone.
 */
const abort = new AbortController();

function report(message: ChildReport): void {
  if (process.connected) process.send?.(message);
}

process.on("disconnect", () => abort.abort());
process.on("message", (raw: unknown) => {
  const order = childOrder.parse(raw);
  if (order.kind === "cancel") abort.abort();
  else void perform(order);
});
// The runner speaks to us; the terminal's Ctrl-C is the runner's to interpret.
process.on("SIGINT", () => undefined);

/**
 * What a program threw where nobody waits. The SDK listens only until its program's outputs have failed
 * (automation/server.ts, 3.259), but whatever depends on the same value rejects after that, and Node would end this
 * process before it could say why. Kept for the result: one of these fails the operation.
 */
const strays = new Set<string>();
process.on("unhandledRejection", (thrown) => strays.add(shortened(messageOf(thrown))));

async function perform(request: OperationRequest): Promise<void> {
  const watch = new EventWatch();
  let result: ChildResult;
  try {
    mendFiles(request);
    const stack = await open(request);
    await repair(stack, request);
    const { changes, outputs } = await operate(stack, request, watch);
    if (strays.size > 0) throw new Error("a part of the program failed");
    result = { kind: "result", outcome: "succeeded", changes, outputs };
  } catch (error) {
    const text = messageOf(error);
    // The engine's own lock, or a gateway's, which another host's push holds.
    const busy =
      /the stack is currently locked/i.test(text) ||
      /exit status 3\s[\s\S]*has pushed to this gateway since/.test(watch.because ?? "");
    result = {
      kind: "result",
      outcome: abort.signal.aborted ? "cancelled" : busy ? "busy" : "failed",
      changes: watch.changes,
      because: watch.because ?? (strays.size > 0 ? [...strays].slice(0, 5).join("\n") : shortened(text)),
    };
  }
  await new Promise<void>((resolve) => {
    if (process.connected) process.send?.(result, () => resolve());
    else resolve();
  });
  process.exit(result.outcome === "succeeded" ? 0 : 1);
}

const programModule = z.object({
  stackProgram: z.custom<
    (input: unknown, stack: string, options: object) => () => Promise<Record<string, unknown>>
  >((value) => typeof value === "function"),
});

async function open({
  pulumiRoot,
  programs,
  inputFile,
  project,
  stack,
  workDir,
  includeProtected,
}: OperationRequest): Promise<Stack> {
  const input: unknown = JSON.parse(await readText(inputFile));
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- named by the caller, so that tests bring their own
  const { stackProgram } = programModule.parse(require(programs));
  const pulumiCommand = await PulumiCommand.get({ root: pulumiRoot });
  const opened = await LocalWorkspace.createOrSelectStack(
    {
      stackName: stack,
      projectName: project,
      program: () => stackProgram(input, stack, includeProtected ? { protect: false } : {})(),
    },
    {
      workDir,
      pulumiCommand,
      secretsProvider: "passphrase",
      projectSettings: { name: project, runtime: "nodejs" },
    },
  );
  // The SDK ends an update with three more starts of the engine (automation/stack.ts, 3.259), each of which derives the
  // state's key anew: for outputs with secrets hidden, for outputs, and for the history. `outputsOf` asks once.
  opened.outputs = () => Promise.resolve({});
  opened.info = () => Promise.resolve(undefined);
  return opened;
}

async function readText(path: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  return readFile(path, "utf8");
}

/**
 * The runner holds the fleet's lock and has seen to it that nobody of an earlier run is left: an engine's lock that is
 * still there is that of a run which was killed.
 */
async function repair(stack: Stack, { fileBackend, project, stack: name }: OperationRequest): Promise<void> {
  if (fileBackend === undefined) return;
  const locks = join(fileBackend, ".pulumi", "locks", "organization", project, name);
  if (!existsSync(locks) || readdirSync(locks).length === 0) return;
  await stack.cancel();
  report({ kind: "repaired", what: "released the lock that an interrupted run had left" });
}

/** Before the engine reads them. */
function mendFiles({ fileBackend, project, stack }: OperationRequest): void {
  if (fileBackend !== undefined && removeDamagedSidecars(fileBackend, project, stack))
    report({ kind: "repaired", what: "took away what an interrupted run had half written beside its state" });
}

async function operate(
  stack: Stack,
  request: OperationRequest,
  watch: EventWatch,
): Promise<{ changes: Record<string, number>; outputs: Record<string, unknown> }> {
  const { operation, includeProtected } = request;
  const options = {
    color: "never" as const,
    suppressProgress: true,
    signal: abort.signal,
    onEvent: (event: EngineEvent) => watch.see(event),
  };
  if (abort.signal.aborted) throw new Error("stopped before it began");
  switch (operation) {
    case "up": {
      await stack.up(options);
      return { changes: watch.changes, outputs: await outputsOf(request) };
    }
    case "preview": {
      await stack.preview(options);
      return { changes: watch.changes, outputs: {} };
    }
    case "refresh": {
      await stack.refresh(options);
      return { changes: watch.changes, outputs: {} };
    }
    case "outputs":
      return { changes: {}, outputs: await outputsOf(request) };
    case "destroy": {
      // In the engine's state, not by an update: a fleet that no longer comes up must still go.
      if (includeProtected) await pulumi(request, "state", "unprotect", "--all", "--yes");
      await stack.destroy({ ...options, ...(includeProtected ? {} : { excludeProtected: true }) });
      const left = await countLeft(request);
      // What is protected is still there, and the stack with it.
      if (left === 0) await stack.workspace.removeStack(stack.name);
      return {
        changes: { ...watch.changes, ...(left === 0 ? {} : { kept: left }) },
        outputs: {},
      };
    }
  }
}

const exported = z.looseObject({
  deployment: z.looseObject({ resources: z.array(z.unknown()).optional() }),
});

/** How many resources a stack still has. The SDK's own export shows secrets; this one does not. */
async function countLeft(request: OperationRequest): Promise<number> {
  const text = await pulumi(request, "stack", "export");
  return exported.parse(JSON.parse(text)).deployment.resources?.length ?? 0;
}

/** The engine's command on the request's stack, with this process's environment; what it printed. */
async function pulumi({ pulumiRoot, workDir, stack }: OperationRequest, ...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    join(pulumiRoot, "bin", "pulumi"),
    [...words, "--stack", stack, "--non-interactive"],
    { cwd: workDir, maxBuffer: 1 << 30 },
  );
  return stdout;
}

/** Secrets in the clear: they stay in memory. */
async function outputsOf(request: OperationRequest): Promise<Record<string, unknown>> {
  const text = await pulumi(request, "stack", "output", "--json", "--show-secrets");
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}

/** Follows the engine's events: tells the runner, and remembers why things failed. */
class EventWatch {
  changes: Record<string, number> = {};
  readonly #errors: string[] = [];

  get because(): string | undefined {
    return this.#errors.length === 0 ? undefined : this.#errors.slice(0, 5).join("\n");
  }

  see({
    resourcePreEvent,
    resOutputsEvent,
    resOpFailedEvent,
    diagnosticEvent,
    summaryEvent,
  }: EngineEvent): void {
    for (const [event, state] of [
      [resourcePreEvent, "started"],
      [resOutputsEvent, "done"],
      [resOpFailedEvent, "failed"],
    ] as const) {
      if (event === undefined) continue;
      const { op, urn, type } = event.metadata;
      report({ kind: "resource", type, name: nameOf(urn), op, state });
    }
    if (diagnosticEvent !== undefined) this.#diagnose(diagnosticEvent);
    if (summaryEvent !== undefined) this.changes = { ...summaryEvent.resourceChanges };
  }

  #diagnose({ severity, message, urn, ephemeral }: NonNullable<EngineEvent["diagnosticEvent"]>): void {
    // The SDK's debug lines hold resources' answers in the clear, secrets included: they go no further.
    const said: string = severity;
    if (ephemeral === true || said === "info#err" || said === "debug") return;
    const text = message.replace(/<\{%[^%]*%\}>/g, "").trim();
    if (text === "" || text === "update failed") return;
    const resource = urn === undefined || urn === "" ? undefined : nameOf(urn);
    const level = severity === "error" ? "error" : severity === "warning" ? "warning" : "info";
    if (level === "error")
      this.#errors.push(resource === undefined ? shortened(text) : `${resource}: ${shortened(text)}`);
    report({
      kind: "message",
      severity: level,
      text: shortened(text),
      ...(resource === undefined ? {} : { resource }),
    });
  }
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

function shortened(text: string): string {
  return text.length > 4000 ? `${text.slice(0, 4000)} …` : text;
}
