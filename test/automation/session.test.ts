import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { regionFormat, trustFormat } from "trunkline/components/handover";
import { regionStack } from "trunkline/stacks/graph";
import { Failure } from "../../automation/failure";
import type { Operation, Runner, RunEvent } from "../../automation/runner/runner";
import { Session, type SessionOptions } from "../../automation/session";
import { samplePlan } from "../components/sample-plan";

const plan = samplePlan(["use1", "euw1"]);

/** Hands on what each operation has: after `up` the stacks' hand-overs, after a preview nothing at all. */
class OutputsRunner implements Runner {
  readonly ran: Operation[] = [];
  network = "vpc-1";
  ends: readonly RunEvent[] = [{ kind: "run-finished", outcome: "succeeded", seconds: 0 }];

  async *run(...[graph, operation, options]: Parameters<Runner["run"]>): AsyncGenerator<RunEvent> {
    this.ran.push(operation);
    for (const { name } of graph.stacks) {
      const real = operation === "up" || operation === "outputs";
      options.onOutputs?.(name, real ? { handover: this.#handover(name) } : {});
    }
    await Promise.resolve();
    yield* this.ends;
  }

  #handover(stack: string): object {
    const region = plan.regions.find(({ name }) => regionStack(plan.fleet, name) === stack);
    return region === undefined
      ? { format: trustFormat, fleet: plan.fleet, roots: ["r"], intermediates: ["i"], gateways: [] }
      : {
          format: regionFormat,
          region: region.name,
          cloud: "aws",
          cloudRegion: region.cloudRegion,
          networkId: this.network,
          securityGroupId: "sg-1",
          routeService: { asn: 4200000001, endpoints: [] },
          gateways: [],
        };
  }
}

describe("what a session knows of its stacks", () => {
  const options: SessionOptions = {
    stop: new AbortController().signal,
    stopNow: new AbortController().signal,
    onEvent: () => undefined,
  };
  let folder: string;
  let runner: OutputsRunner;
  let session: Session;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "session-"));
    runner = new OutputsRunner();
    const site = { kind: "lab", environment: {}, stateFolder: folder, pulumiRoot: folder } as const;
    session = Session.open(plan, site, "test", ["203.0.113.0/24"], runner);
  });
  afterEach(() => {
    session.release();
    rmSync(folder, { recursive: true, force: true });
  });
  const networks = async (): Promise<string[]> =>
    (await session.live(options)).regions.map(({ networkId }) => networkId);

  for (const question of ["preview", "refresh"] as const) {
    it(`a ${question} after up leaves what up handed on`, async () => {
      await session.run("up", options);
      await session.run(question, options);
      assert.deepEqual(await networks(), ["vpc-1", "vpc-1"]);
      assert.deepEqual(runner.ran, ["up", question], "nothing is asked again");
    });

    it(`a ${question} alone is no hand-over: the engine's state is asked`, async () => {
      await session.run(question, options);
      assert.deepEqual(await networks(), ["vpc-1", "vpc-1"]);
      assert.equal((await session.liveRegions(options)).length, 2);
      assert.deepEqual(runner.ran, [question, "outputs"]);
    });
  }

  it("a run that went back fails with why, what was seen and which gateways, for people and programs", async () => {
    const told: RunEvent[] = [
      { kind: "return-finished", gateway: "use1-a", to: "0ld", outcome: "returned" },
      {
        kind: "run-finished",
        outcome: "rolled-back",
        seconds: 1,
        because: "the gate proofs failed: 1 of 9 proofs failed",
        evidence: ["reachability/use1>euw1: expected every echo request answered; seen: 0 of 5 answered"],
      },
    ];
    runner.ends = told;
    await assert.rejects(session.run("up", options), (thrown) => {
      assert.ok(thrown instanceof Failure);
      assert.equal(thrown.exitCode, 1);
      assert.equal(
        thrown.message,
        `Rolled back: the gate proofs failed: 1 of 9 proofs failed
  reachability/use1>euw1: expected every echo request answered; seen: 0 of 5 answered
Back on the release before: use1-a.`,
      );
      assert.deepEqual(thrown.details, {
        rollout: {
          outcome: "rolled-back",
          because: "the gate proofs failed: 1 of 9 proofs failed",
          evidence: ["reachability/use1>euw1: expected every echo request answered; seen: 0 of 5 answered"],
          gateways: [{ gateway: "use1-a", release: "0ld", outcome: "returned" }],
        },
      });
      return true;
    });
  });

  it("a run of which a gateway did not go back says which and why", async () => {
    const because = "the gate health failed: 1 of 2 gateways not healthy\nuse1-a did not go back: it is away";
    runner.ends = [
      { kind: "return-finished", gateway: "use1-a", to: "0ld", outcome: "failed", because: "it is away" },
      { kind: "run-finished", outcome: "failed", seconds: 1, because, evidence: [] },
    ];
    await assert.rejects(session.run("up", options), (thrown) => {
      assert.ok(thrown instanceof Failure);
      assert.equal(thrown.message, `Not rolled back: ${because}`);
      return true;
    });
  });

  it("a second up takes the place of the first, and after destroy nothing is held", async () => {
    await session.run("up", options);
    runner.network = "vpc-2";
    await session.run("up", options);
    assert.deepEqual(await networks(), ["vpc-2", "vpc-2"]);
    await session.run("destroy", options);
    await session.liveRegions(options);
    assert.deepEqual(runner.ran, ["up", "up", "destroy", "outputs"]);
  });
});
