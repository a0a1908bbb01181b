import assert from "node:assert/strict";
import { longestSilence } from "../../../automation/verify/flow";
import { cloudRouterHabits } from "../../../lab/fabric/route-service-habits";
import { type Backbone, bringsUp, planOf } from "./backbone";
import { nothingLost, shown, under as underTraffic } from "./measured";

const plan = planOf(["use1", "euw1", "apne1"], {
  euw1: "{ cloud: gcp, region: europe-west1, cidr: 10.20.0.0/16 }",
  apne1: "{ cloud: gcp, region: asia-northeast1, cidr: 10.30.0.0/16 }",
});
const halves = ["10.10.0.0/17", "10.10.128.0/17", "10.30.0.0/17", "10.30.128.0/17"];
const { keepaliveSeconds, holdFactor } = cloudRouterHabits;
/** A Cloud Router would go on sending to a gateway that is gone for so long at the least. */
const keptSeconds = keepaliveSeconds * (holdFactor - 1);

describe("a fleet of AWS and Google Cloud", function () {
  this.timeout(600_000);
  let backbone: Backbone;
  bringsUp(plan, (up) => (backbone = up));

  const under = (step: () => Promise<void>) => underTraffic(backbone, step);
  /** Routes that the region's Cloud Router gave its network: destination and gateway. */
  const learned = async (): Promise<Record<string, string>> => {
    const device = await backbone.site.probes.run(
      "fabric",
      ["ip", "-json", "-n", "vpc.acme-euw1-network", "route", "show", "table", "all", "proto", "186"],
      { deadlineSeconds: 60 },
    );
    const routes: readonly { dst: string; dev: string }[] = JSON.parse(device.stdout || "[]");
    return Object.fromEntries(routes.map(({ dst, dev }) => [dst, dev]));
  };
  const untilLearned = async (is: (routes: Record<string, string>) => boolean, what: string) => {
    const deadline = Date.now() + 120_000;
    for (;;) {
      const routes = await learned();
      if (is(routes)) return;
      if (Date.now() > deadline) throw new Error(`the network never ${what}: ${JSON.stringify(routes)}`);
    }
  };

  it("all proofs hold, across and within clouds", async () => {
    assert.deepEqual(await backbone.failing(), []);
    await backbone.sendsAsComputed();
  });

  it("what FRR runs is its file, at a gateway of each cloud", async () => {
    for (const gateway of ["use1-a", "euw1-a"]) {
      const script =
        "/usr/lib/frr/frr-reload.py --test --stdout /etc/frr/frr.conf 2>&1 | grep -A99 'Lines To' || true";
      const lines = (await backbone.sh(gateway, script))
        .split("\n")
        // Its hostname is the machine's own, as the cloud names it.
        .filter((line) => !/^(Lines To|=*$|(no )?hostname )/.test(line));
      assert.deepEqual(lines, [], gateway);
    }
  });

  it("the network is told networks alone while both gateways are there, and one way each", async () => {
    const routes = await learned();
    assert.deepEqual(Object.keys(routes).sort(), ["10.10.0.0/16", "10.30.0.0/16"]);
    assert.equal(new Set(Object.values(routes)).size, 1);
  });

  it("a loses its power: halves by b take what goes out, long before the Cloud Router forgets a", async () => {
    const before = await learned();
    const machine = backbone.instanceOf("euw1-a");
    const flows = await under(async () => {
      await backbone.site.probes.power(machine, "off");
      await untilLearned((routes) => halves.every((half) => half in routes), "has halves");
      // The Cloud Router still keeps what a told: the halves alone lead past it.
      const now = await learned();
      assert.equal(now["10.10.0.0/16"], before["10.10.0.0/16"]);
      for (const half of halves) assert.notEqual(now[half], before["10.10.0.0/16"], half);
    });
    for (const flow of flows) assert.ok(longestSilence(flow) < keptSeconds / 2, shown(flow));
  });

  it("a is back: halves go when it has ways again, and nothing is lost @slow", async () => {
    const machine = backbone.instanceOf("euw1-a");
    const flows = await under(async () => {
      await backbone.site.probes.power(machine, "on");
      await untilLearned((routes) => halves.every((half) => !(half in routes)), "is rid of halves");
    });
    nothingLost(flows);
    assert.deepEqual(await backbone.failing(), []);
  });
});
