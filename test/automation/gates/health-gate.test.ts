import assert from "node:assert/strict";
import { askHealth, type Questions } from "../../../automation/gates/health-gate";
import { type Seen, seenOf } from "../../../automation/gates/releases.plan";
import type { GatewayStatus } from "../../../gateway/status";
import { samplePlan } from "../../components/sample-plan";
import { healthyFleet } from "../verify/healthy";

const plan = samplePlan(["apse2", "euw1", "use1"]);

describe("the gate of health", () => {
  let statuses: Map<string, GatewayStatus>;
  let before: ReadonlyMap<string, Seen>;
  beforeEach(async () => {
    ({ statuses } = await healthyFleet(plan));
    before = new Map([...statuses].map(([id, status]) => [id, seenOf(status)]));
  });

  /** Gateways that answer as `statuses` has it; `health` by what it says on standard error, from one question to the next. */
  function gateways(health: Readonly<Record<string, readonly string[]>> = {}) {
    const asked: string[] = [];
    const renewed: string[] = [];
    const access: Questions = {
      gateways: [...statuses.keys()],
      renew: (gateway) => void renewed.push(gateway),
      status: (gateway) => {
        const status = statuses.get(gateway);
        return status === undefined ? Promise.reject(new Error("does not answer")) : Promise.resolve(status);
      },
      run: (gateway, command) => {
        assert.equal(command, "trunkline-gateway health");
        const said = health[gateway] ?? [""];
        const stderr = said[Math.min(asked.filter((one) => one === gateway).length, said.length - 1)] ?? "";
        asked.push(gateway);
        return Promise.resolve({
          code: stderr === "" ? 0 : stderr.startsWith("ssh:") ? 255 : 1,
          stdout: "",
          stderr,
        });
      },
    };
    return { access, asked, renewed };
  }
  const ask = (
    access: Questions,
    {
      stop = new AbortController().signal,
      disturbed = [],
    }: { stop?: AbortSignal; disturbed?: readonly string[] } = {},
  ) =>
    askHealth({
      plan,
      asked: { regions: ["euw1"], disturbed },
      before,
      access,
      stop,
      deadlineSeconds: 0,
    });
  /** Both ends of a tunnel lose it. */
  const lose = (tunnel: string): void => {
    for (const [id, status] of statuses)
      statuses.set(id, { ...status, ikeSas: status.ikeSas.filter(({ name }) => name !== tunnel) });
  };

  it("passes where each gateway of the wave's regions is healthy, and asks no other", async () => {
    const { access, asked } = gateways({ "use1-a": ["use1-a: frr is not running"] });
    assert.deepEqual(await ask(access), { outcome: "passed", evidence: ["2 gateways healthy"] });
    assert.deepEqual(asked, ["euw1-a", "euw1-b"]);
  });

  it("fails with what a gateway says of its daemons", async () => {
    const { access } = gateways({ "euw1-b": ["trunkline-gateway: euw1-b: frr is not running"] });
    assert.deepEqual(await ask(access), {
      outcome: "failed",
      because: "1 of 2 gateways not healthy",
      evidence: ["euw1-b: trunkline-gateway: euw1-b: frr is not running"],
    });
  });

  it("fails where no new connection is let in", async () => {
    const { access } = gateways({ "euw1-a": ["ssh: connect to host: timed out"] });
    const answer = await ask(access);
    assert.equal(answer.outcome, "failed");
    assert.match(
      answer.outcome === "failed" ? (answer.evidence[0] ?? "") : "",
      /^euw1-a does not let a new connection in: ssh: /,
    );
  });

  it("fails with a tunnel that was up before, not with one that never was", async () => {
    before = new Map([["euw1-a", { release: "old", previous: null, tunnels: ["euw1-a~use1-a"] }]]);
    lose("euw1-a~use1-b");
    assert.equal((await ask(gateways().access)).outcome, "passed");
    lose("euw1-a~use1-a");
    const answer = await ask(gateways().access);
    assert.deepEqual(answer.outcome === "failed" && answer.evidence, [
      "euw1-a: the tunnel euw1-a~use1-a was up before and is not",
    ]);
  });

  it("takes a tunnel that the plan has no more, or with a region that was changed and waits, for no fault", async () => {
    before = new Map(
      [...before].map(([id, seen]) => [id, { ...seen, tunnels: [...seen.tunnels, "gone~away"] }]),
    );
    assert.equal((await ask(gateways().access)).outcome, "passed");
    lose("euw1-a~use1-a");
    assert.equal((await ask(gateways().access)).outcome, "failed");
    assert.equal((await ask(gateways().access, { disturbed: ["use1"] })).outcome, "passed");
  });

  it("asks again, over a new connection, until all are healthy", async () => {
    const { access, renewed } = gateways({ "euw1-a": ["euw1-a: frr is not running", ""] });
    const answer = await askHealth({
      plan,
      asked: { regions: ["euw1"], disturbed: [] },
      before,
      access,
      stop: new AbortController().signal,
      deadlineSeconds: 600,
    });
    assert.equal(answer.outcome, "passed");
    assert.deepEqual(renewed, ["euw1-a", "euw1-b"]);
  });

  it("is cut short by an interrupt, and has shown nothing then", async () => {
    const { access } = gateways({ "euw1-a": ["euw1-a: frr is not running"] });
    assert.deepEqual(await ask(access, { stop: AbortSignal.abort() }), { outcome: "interrupted" });
  });
});
