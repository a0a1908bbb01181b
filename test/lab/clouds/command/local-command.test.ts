import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localCommand } from "../../../../lab/clouds/command/local-command";
import { callWith } from "../call";

describe("lab/clouds/command", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "command-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const call = callWith({});
  const create = (inputs: Readonly<Record<string, unknown>>) => localCommand.create(inputs, call);

  it("create prints to stdout and stderr, one line's end taken off each", async () => {
    const { outputs } = await create({ create: "echo out; echo; echo err >&2" });
    assert.deepEqual(outputs, { stdout: "out\n", stderr: "err" });
  });

  it("environment and stdin reach the program", async () => {
    const { outputs } = await create({
      create: 'cat; printf %s "$WHO"',
      environment: { WHO: "me" },
      stdin: "in ",
    });
    assert.equal(outputs["stdout"], "in me");
  });

  it("an interpreter takes the place of the shell", async () => {
    const { outputs } = await create({ interpreter: [process.execPath, "-p"], create: "6 * 7" });
    assert.equal(outputs["stdout"], "42");
  });

  it("an update runs update, else create, and knows what was printed before", async () => {
    const state = { stdout: "before", stderr: "" };
    const updated = await localCommand.update(
      "id",
      { update: 'printf %s "$PULUMI_COMMAND_STDOUT"' },
      state,
      call,
    );
    assert.equal(updated["stdout"], "before");
    const again = await localCommand.update("id", { create: "echo again" }, state, call);
    assert.equal(again["stdout"], "again");
    const without = await localCommand.update(
      "id",
      { create: 'echo "${PULUMI_COMMAND_STDOUT-none}"', addPreviousOutputInEnv: false },
      state,
      call,
    );
    assert.equal(without["stdout"], "none");
  });

  it("delete runs delete; without one nothing runs", async () => {
    const mark = join(folder, "deleted");
    await localCommand.remove("id", { create: `touch ${mark}` }, call);
    assert.ok(!existsSync(mark));
    await localCommand.remove("id", { delete: `touch ${mark}` }, call);
    assert.ok(existsSync(mark));
  });

  it("a failure tells the exit status and stderr, and nothing of the environment", async () => {
    await assert.rejects(
      create({ create: "echo no way >&2; exit 7", environment: { SECRET: "planted" } }),
      (error: Error) => /exit status 7\nno way/.test(error.message) && !error.message.includes("planted"),
    );
  });

  // Both shells are there by then, on a machine that stalls, too.
  for (const { why, change } of [
    { why: "the engine cancels", change: () => ({ signal: AbortSignal.timeout(5000) }) },
    { why: "the user's timeout passes", change: () => ({ timeoutSeconds: 5 }) },
  ])
    it(`when ${why}, the whole tree goes, children that ignore SIGTERM too`, async () => {
      const pids = join(folder, "pids");
      const script = `(trap '' TERM; sh -c 'echo $$ >> ${pids}; sleep 60') & echo $$ >> ${pids}; wait`;
      await assert.rejects(
        localCommand.create({ create: script }, callWith({}, change())),
        /cancelled|longer than/,
      );
      const left = readFileSync(pids, "utf8").trim().split("\n");
      assert.equal(left.length, 2);
      for (const pid of left) assert.ok(!isRunning(pid), pid);
    });

  it("a second cancellation, and one before the start, run nothing", async () => {
    const mark = join(folder, "ran");
    await assert.rejects(
      localCommand.create({ create: `touch ${mark}` }, callWith({}, { signal: AbortSignal.abort() })),
      /cancelled/,
    );
    assert.ok(!existsSync(mark));
  });

  it("what is run with a secret prints a secret", () => {
    assert.ok(localCommand.isSecret("stdout", true));
    assert.ok(!localCommand.isSecret("stdout", false));
  });

  it("a change of triggers replaces, a change of anything else does not", () => {
    assert.deepEqual(localCommand.fields.filter(localCommand.replaces), ["triggers"]);
  });
});

/** A zombie that its new parent has not asked about yet is not running. */
function isRunning(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
