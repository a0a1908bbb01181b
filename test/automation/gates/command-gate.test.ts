import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { askCommand } from "../../../automation/gates/command-gate";
import { scrubbed } from "../../../automation/gates/evidence";

const asked = {
  what: { kind: "command" as const, words: ["true"], timeoutSeconds: 5 },
  regions: ["euw1", "use1"],
  unsettled: [],
  disturbed: [],
};

describe("the gate of a command", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "command-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const ask = (
    words: readonly string[],
    {
      seconds = 30,
      stop = new AbortController().signal,
      environment = { PATH: process.env["PATH"] },
      secrets = [],
    }: {
      seconds?: number;
      stop?: AbortSignal;
      environment?: Readonly<Record<string, string | undefined>>;
      secrets?: readonly string[];
    } = {},
  ) => askCommand(words, seconds, { fleet: "acme", asked, secrets, stop, environment });

  it("passes with 0, and what it printed is evidence", async () => {
    assert.deepEqual(await ask(["sh", "-c", "echo fine; echo really >&2"]), {
      outcome: "passed",
      evidence: ["fine", "really"],
    });
  });

  it("fails with any other code", async () => {
    assert.deepEqual(await ask(["sh", "-c", "echo bad; exit 7"]), {
      outcome: "failed",
      because: "sh ended with 7",
      evidence: ["bad"],
    });
  });

  it("fails where the program is not there, and where it is killed", async () => {
    const missing = await ask([join(folder, "nowhere")]);
    assert.match(missing.outcome === "failed" ? missing.because : "", /cannot be started: .*ENOENT/);
    const killed = await ask(["sh", "-c", "kill -9 $$"]);
    assert.match(killed.outcome === "failed" ? killed.because : "", /was ended by SIGKILL/);
  });

  it("gets its words as they stand: no shell reads them", async () => {
    const file = join(folder, "made");
    assert.deepEqual(await ask(["echo", `$(touch ${file})`, "; touch", file]), {
      outcome: "passed",
      evidence: [`$(touch ${file}) ; touch ${file}`],
    });
    assert.ok(!existsSync(file));
  });

  it("fails when its time is over, and nothing that it started goes on", async () => {
    const pid = join(folder, "pid");
    const late = await ask(["sh", "-c", `sleep 600 & echo $! > ${pid}; wait`], { seconds: 1 });
    assert.equal(late.outcome === "failed" && late.because, "sh was not done after 1 s");
    await until(() => !existsSync(`/proc/${readFileSync(pid, "utf8").trim()}/exe`));
  });

  it("is not kept by what it leaves running with its output", async () => {
    const pid = join(folder, "pid");
    const done = await ask(["sh", "-c", `sleep 600 & echo $! > ${pid}; echo done`]);
    assert.deepEqual(done, { outcome: "passed", evidence: ["done"] });
    await until(() => !existsSync(`/proc/${readFileSync(pid, "utf8").trim()}/exe`));
  });

  it("an interrupt ends it, and it has neither passed nor failed; after one it is not begun", async () => {
    const stop = new AbortController();
    const running = ask(["sh", "-c", `echo > ${folder}/began; sleep 600`], { stop: stop.signal });
    await until(() => existsSync(join(folder, "began")));
    stop.abort();
    assert.deepEqual(await running, { outcome: "interrupted" });
    assert.deepEqual(await ask(["touch", join(folder, "again")], { stop: stop.signal }), {
      outcome: "interrupted",
    });
    assert.ok(!existsSync(join(folder, "again")));
  });

  it("is told the fleet and the regions, and of the caller's variables none that could be a secret", async () => {
    const environment = {
      PATH: process.env["PATH"],
      HOME: folder,
      AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
      PULUMI_CONFIG_PASSPHRASE: "correct horse",
    };
    const { outcome, ...rest } = await ask(["env"], { environment });
    assert.equal(outcome, "passed");
    const names = ("evidence" in rest ? rest.evidence : []).map((line) => line.split("=")[0]);
    assert.deepEqual(names.sort(), ["HOME", "PATH", "TRUNKLINE_FLEET", "TRUNKLINE_REGIONS"]);
    assert.ok("evidence" in rest && rest.evidence.includes("TRUNKLINE_REGIONS=euw1 use1"));
  });

  it("shows no secret of the fleet's or of the caller's variables, also when it prints one", async () => {
    const environment = { PATH: process.env["PATH"], AWS_SESSION_TOKEN: "IQoJb3JpZ2luX2VjEXAMPLETOKEN" };
    const answer = await ask(["echo", "IQoJb3JpZ2luX2VjEXAMPLETOKEN", "c2VlZC1vZi10aGUtZmxlZXQ", "plain"], {
      environment,
      secrets: ["c2VlZC1vZi10aGUtZmxlZXQ"],
    });
    assert.deepEqual(answer, { outcome: "passed", evidence: ["[secret] [secret] plain"] });
  });

  it("of what it prints the end is kept, in short lines", async () => {
    const answer = await ask(["sh", "-c", "seq 1 100; head -c 5000 /dev/zero | tr '\\0' x; echo; echo last"]);
    assert.equal(answer.outcome, "passed");
    const evidence = answer.outcome === "passed" ? answer.evidence : [];
    assert.equal(evidence.length, 21);
    assert.equal(evidence[0], "… 82 more");
    assert.equal(evidence.at(-1), "last");
    assert.ok(evidence.every((line) => line.length <= 302));
  });
});

describe("what a user's program printed", () => {
  it("moves no cursor, and has no private key", () => {
    assert.deepEqual(
      scrubbed(
        "\u001b[2J\u001b[31mred\u001b[0m\u0007\n\n\u001b]0;title\u0007after\n-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\nend\n-----BEGIN PRIVATE KEY-----\ncut",
        [],
      ),
      ["red", "after", "[secret]", "end", "[secret]"],
    );
  });

  it("has of a secret of several lines none of them", () => {
    assert.deepEqual(scrubbed("AAAAsecretline1 and BBBBsecretline2", ["AAAAsecretline1\nBBBBsecretline2"]), [
      "[secret] and [secret]",
    ]);
  });
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!holds()) {
    assert.ok(performance.now() < deadline, "it did not come to that");
    await delay(20);
  }
}
