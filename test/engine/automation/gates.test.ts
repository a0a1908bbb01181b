import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withAccess } from "../../../automation/gateway-access";
import type { RunEvent } from "../../../automation/runner/runner";
import type { SessionOptions } from "../../../automation/session";
import type { Site } from "../../../automation/site";
import { eventText } from "../../../automation/up";
import type { LabClient } from "../../../lab/client/client";
import { engineEnvironment } from "../../../lab/engine-environment";
import { artifacts } from "../../../tools/setup/artifacts";
import { bringUp, down, Failure, runner, Session, up, withoutLoader } from "../compiled";
import { fleetPlan } from "../fleets";

/** Gateways without kernels keep, confirm and take back releases as real ones do; tunnels they have none. */
describe("gates of an up, on the real engine and recorded gateways @slow", function () {
  this.timeout(600_000);
  const planWith = (bfdMilliseconds: number) =>
    fleetPlan(["euw1", "use1"], {
      euw1: "gateways: 1",
      use1: `gateways: 2, bfdMilliseconds: ${String(bfdMilliseconds)}`,
    });
  let folder: string;
  let giveLoaderBack: () => void;
  let lab: LabClient;
  let site: Site;
  /** A gate that waits for the file `go` or fails by the file `no`. */
  const say = (word: "go" | "no" | "nothing"): void => {
    for (const name of ["go", "no"]) rmSync(join(folder, name), { force: true });
    if (word !== "nothing") writeFileSync(join(folder, word), "");
  };
  const gate = (): string =>
    `until test -e ${folder}/go; do test ! -e ${folder}/no || { echo "$TRUNKLINE_FLEET $TRUNKLINE_REGIONS: no"; exit 1; }; sleep 0.1; done`;

  before(async () => {
    giveLoaderBack = withoutLoader();
    folder = mkdtempSync(join(tmpdir(), "gates-"));
    lab = await up({ folder: join(folder, "lab"), recorded: true });
    const stateFolder = join(folder, "state");
    mkdirSync(stateFolder, { mode: 0o700 });
    site = {
      kind: "cloud",
      environment: engineEnvironment(lab),
      stateFolder,
      pulumiRoot: artifacts().pulumiRoot,
    };
  });
  after(async () => {
    giveLoaderBack();
    lab.close();
    await down({ folder: lab.folder });
    rmSync(folder, { recursive: true, force: true });
  });

  interface Ended {
    /** What was thrown; absent: the fleet is up. */
    readonly failure?: InstanceType<typeof Failure>;
    /** Lines about gates and gateways that go back, and stacks that were begun. */
    readonly said: readonly string[];
    /** What each gateway runs afterwards. */
    readonly runs: Readonly<Record<string, string>>;
  }

  async function bring(bfdMilliseconds: number, onEvent?: (event: RunEvent) => void): Promise<Ended> {
    const said: string[] = [];
    const stop = new AbortController();
    const options: SessionOptions = {
      stop: stop.signal,
      stopNow: new AbortController().signal,
      rollout: {
        canary: "use1",
        failuresTolerated: 0,
        soakSeconds: 0,
        gates: [{ kind: "command", words: ["sh", "-c", gate()], timeoutSeconds: 300 }],
      },
      onEvent: (event) => {
        onEvent?.(event);
        if (event.kind === "gate-started" && onEvent === stopping) stop.abort();
        if (/^(gate|return)-/.test(event.kind)) said.push(eventText(event) ?? "");
        if (event.kind === "resource" && event.name.endsWith("-release-ensure") && event.state === "done")
          said.push(`${event.name} ${event.op}`);
      },
    };
    const session = Session.open(planWith(bfdMilliseconds), site, "trunkline up", [], runner);
    try {
      const failure = await bringUp(session, options, () => undefined).then(
        () => undefined,
        (thrown: unknown) => {
          assert.ok(thrown instanceof Failure, String(thrown));
          return thrown;
        },
      );
      const live = session.known();
      assert.ok(live !== undefined);
      const runs = await withAccess(site, live, async (access) => {
        const asked = access.gateways.map(
          async (id) =>
            [id, (await access.status(id).catch(() => undefined))?.release.current ?? "none"] as const,
        );
        return Object.fromEntries(await Promise.all(asked));
      });
      return { ...(failure === undefined ? {} : { failure }), said, runs };
    } finally {
      session.release();
    }
  }
  const stopping = (): void => undefined;
  /** The first release of each gateway. */
  let first: Readonly<Record<string, string>>;
  /** The one after it, proven. */
  let planned: Readonly<Record<string, string>>;

  it("are asked after each wave, and the next waits for them", async () => {
    say("go");
    const { failure, said, runs } = await bring(300);
    assert.equal(failure, undefined, failure?.message);
    const passed = said.flatMap((line) => /^gate command sh .* of (\w+) has passed/.exec(line)?.[1] ?? []);
    assert.deepEqual(passed, ["use1", "euw1"]);
    assert.ok(!existsSync(join(site.stateFolder, "unproven.json")));
    first = runs;
  });

  it("a gate that fails brings the canary's gateways back, one after the other, and touches no other", async () => {
    say("no");
    const { failure, said, runs } = await bring(900);
    assert.equal(failure?.kind, "proofFailed");
    assert.equal(failure.exitCode, 1);
    assert.match(
      failure.message,
      /^Rolled back: the gate command failed: sh ended with 1\n {2}acme use1: no\n/,
    );
    assert.deepEqual(failure.details["rollout"], {
      outcome: "rolled-back",
      because: "the gate command failed: sh ended with 1",
      evidence: ["acme use1: no"],
      gateways: ["use1-a", "use1-b"].map((gateway) => ({
        gateway,
        release: first[gateway],
        outcome: "returned",
      })),
    });
    assert.deepEqual(runs, first);
    const back = said.slice(-4).map((line) => line.replace(/release \w+/, "release …"));
    assert.deepEqual(back, [
      "use1-a: goes back to release …, which it ran before",
      "use1-a is back on release …",
      "use1-b: goes back to release …, which it ran before",
      "use1-b is back on release …",
    ]);
    assert.ok(!said.some((line) => line.startsWith("acme-euw1")), said.join("\n"));
  });

  it("the next up brings the planned release again, though the engine had it for one that runs", async () => {
    say("go");
    const { failure, said, runs } = await bring(900);
    assert.equal(failure, undefined, failure?.message);
    for (const gateway of ["use1-a", "use1-b"]) {
      assert.ok(said.some((line) => line.startsWith(`acme-${gateway}-release-ensure create-replacement`)));
      assert.notEqual(runs[gateway], first[gateway]);
    }
    assert.ok(said.some((line) => / of use1 has passed/.test(line)));
    planned = runs;
  });

  it("an interrupt in the canary's gate: nothing else starts, nothing goes back, and it says so", async () => {
    say("nothing");
    const { failure, said, runs } = await bring(600, stopping);
    assert.equal(failure?.kind, "interrupted");
    assert.match(said.at(-1) ?? "", /^gate command sh .* of use1 was stopped: nothing is proven/);
    assert.notEqual(runs["use1-a"], planned["use1-a"]);
    assert.equal(runs["euw1-a"], planned["euw1-a"]);
    assert.ok(existsSync(join(site.stateFolder, "unproven.json")));
  });

  it("the next up asks the gate of a release that it finds in place; what fails it goes back all the same", async () => {
    say("no");
    const { failure, said, runs } = await bring(600);
    assert.equal(failure?.exitCode, 1);
    assert.match(failure.message, /^Rolled back: /);
    assert.ok(said.includes("acme-use1-a-release-ensure same"), said.join("\n"));
    assert.equal(runs["use1-a"], planned["use1-a"]);
  });
});
