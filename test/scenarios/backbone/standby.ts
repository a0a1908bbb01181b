import assert from "node:assert/strict";
import type { Suite } from "mocha";
import type { Preference } from "trunkline/fleet/ha";
import type { Plan } from "trunkline/fleet/plan";
import { drainGateway, undrainGateway } from "../../../automation/operations/drain";
import { FailoverRun } from "../../../automation/verify/failover";
import type { Flow } from "../../../automation/verify/flow";
import { type Backbone, bringsUp, planOf } from "./backbone";
import { foundByBfd, nothingLost, perSecond, shown, under as underTraffic } from "./measured";

const use1 = "cloud: aws, region: us-east-1, cidr: 10.10.0.0/16";
const planWith = (fields: string): Plan => planOf(["use1", "euw1"], { use1: `{ ${use1}, ${fields} }` });
const plans = {
  med: planWith("ha: active-standby"),
  prepend: planWith("ha: active-standby, preference: prepend"),
  both: planWith("ha: active-active"),
} as const;
const options = { stop: new AbortController().signal, onProgress: () => undefined };

/**
 * What an active-standby region holds to, on real daemons.
 * @param preference what makes other regions prefer its first gateway
 * @param since what the region was when its fleet came up; it is changed under traffic
 */
export function standsBy(this: Suite, preference: Preference, since: keyof typeof plans = preference): void {
  this.timeout(600_000);
  let backbone: Backbone;
  const plan = plans[preference];
  bringsUp(plans[since], (up) => (backbone = up));
  before(async () => {
    assert.deepEqual(await backbone.failing(), []);
    if (since === preference) return;
    await backbone.sendsAsComputed();
    // What carried stays where it is, or moves to a tunnel that is up: no route-map is named before it is there.
    nothingLost(await under(() => backbone.up(plan)));
    assert.deepEqual(await backbone.failing(), []);
  });

  const under = (step: () => Promise<void>): Promise<Flow[]> => underTraffic(backbone, step);
  /** Packets that a gateway has passed on, each way; BGP, BFD and IKE are its own and not among them. */
  const passed = async (gateway: string): Promise<{ readonly out: number; readonly in: number }> => {
    const { forwarded } = await backbone.status(gateway);
    const of = (...names: readonly string[]) => names.reduce((sum, name) => sum + (forwarded[name] ?? 0), 0);
    return { out: of("out", "handed", "taken"), in: of("in", "through") };
  };
  /** Hundreds of packets go each way by the one, and none by the other. */
  const goesBy = async (carrying: string, idle: string): Promise<void> => {
    const before = { carrying: await passed(carrying), idle: await passed(idle) };
    await backbone.until(
      carrying,
      ({ forwarded }) =>
        (forwarded["out"] ?? 0) > before.carrying.out + 200 &&
        (forwarded["in"] ?? 0) > before.carrying.in + 200,
      "carries both ways",
    );
    assert.deepEqual(await passed(idle), before.idle, `${idle} passes packets on`);
  };
  /** Asks until nothing passes the gateway any more. */
  const untilIdle = async (gateway: string): Promise<void> => {
    let before = "";
    await backbone.until(
      gateway,
      ({ forwarded }) => {
        const now = JSON.stringify(forwarded);
        const still = now === before;
        before = now;
        return still;
      },
      "is idle",
    );
  };
  it("all traffic passes the first gateway, as the plan computes it", async () => {
    await backbone.sendsAsComputed();
    nothingLost(await under(() => goesBy("use1-a", "use1-b")));
  });

  it("the loss of the first moves all to the other, and its return moves all back and costs nothing", async () => {
    const lost = { id: "use1-a", instanceId: backbone.instanceOf("use1-a") };
    const run = await FailoverRun.begin(
      plan,
      lost,
      "power",
      backbone.site.probes,
      (gateway) => backbone.status(gateway),
      { perSecond },
    );
    const step = async (): Promise<void> => {
      try {
        await run.lose();
        await backbone.sendsAsComputed("use1-a");
        const before = await passed("use1-b");
        await backbone.until(
          "use1-b",
          ({ forwarded }) =>
            (forwarded["out"] ?? 0) > before.out + 200 && (forwarded["in"] ?? 0) > before.in + 200,
          "carries both ways",
        );
      } finally {
        await run.giveBack();
      }
      await run.untilBack();
      await backbone.sendsAsComputed();
      await untilIdle("use1-b");
      await goesBy("use1-a", "use1-b");
    };
    const failure = await step().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const failover = await run.end();
    for (const flow of failover.flows) console.log(`      ${shown(flow)}`);
    if (failure !== undefined) throw failure.error;
    foundByBfd(failover.flows);
    for (const flow of failover.flows) {
      assert.deepEqual(
        flow.gaps.filter(({ from }) => from >= (failover.returnedAt ?? 0)),
        [],
        shown(flow),
      );
    }
    assert.deepEqual(await backbone.failing(), []);
  });

  it("drained, the first gateway's traffic moves to the one that stands by, and back", async () => {
    const flows = await under(async () => {
      await drainGateway(plan, backbone.access(), "use1-a", options);
      await goesBy("use1-b", "use1-a");
      await undrainGateway(plan, backbone.access(), "use1-a", options);
      await backbone.sendsAsComputed();
      await untilIdle("use1-b");
      await goesBy("use1-a", "use1-b");
    });
    nothingLost(flows);
    assert.deepEqual(await backbone.failing(), []);
  });

  it("a gateway whose one tunnel leads to the one that stands by uses it, and hands nothing to its partner", async () => {
    const [from, to] = [backbone.addressOf("euw1-a"), backbone.addressOf("use1-a")];
    const device = backbone.tunnel("euw1-a~use1-b").ends[0].interface;
    await backbone.fault({ do: "path", from, to, lossPercent: 100 });
    try {
      await backbone.until(
        "euw1-a",
        ({ routes }) => routes.find(({ prefix }) => prefix === "10.10.0.0/16")?.nextHops.join() === device,
        "sends by its own tunnel",
      );
      // Nobody else has lost a way, and all say so of themselves.
      const failing = (await backbone.proofs(1))
        .filter(({ status }) => status === "fail")
        .map(({ id }) => id);
      assert.ok(failing.includes("bgp/euw1-a~use1-a"), failing.join());
      assert.ok(
        failing.every((id) => id.endsWith("/euw1-a~use1-a")),
        failing.join(),
      );
    } finally {
      await backbone.fault({ do: "path", from, to });
    }
    assert.deepEqual(await backbone.failing(), []);
  });
}
