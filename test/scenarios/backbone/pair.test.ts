import assert from "node:assert/strict";
import { drainGateway, restartGateway, undrainGateway } from "../../../automation/operations/drain";
import { Backbone, planOf } from "./backbone";
import { type Flow, shown, Traffic } from "./traffic";

const two = planOf(["use1", "euw1"]);
/** 100 packets a second each way between the regions' workloads. */
const everyMs = 10;
const options = { stop: new AbortController().signal, onProgress: () => undefined };

describe("a pair of gateways", function () {
  this.timeout(600_000);
  let backbone: Backbone;
  before(async () => {
    backbone = await Backbone.start(two);
    assert.deepEqual(await backbone.failing(), []);
  });
  after(() => backbone.end());
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.log(await backbone.explain());
  });

  /** Runs a step under traffic; what is measured goes beside the test's name. */
  const under = async (step: () => Promise<void>): Promise<Flow[]> => {
    const traffic = await Traffic.start(backbone.site.probes, everyMs);
    const failure = await step().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const flows = await traffic.stop();
    console.log(shown(flows).replace(/^/gm, "      "));
    if (failure !== undefined) throw failure.error;
    return flows;
  };
  const lost = (flows: readonly Flow[]): number => flows.reduce((sum, flow) => sum + flow.lost, 0);
  const lostAtMost = (flows: readonly Flow[], packets: number): void => {
    for (const flow of flows) {
      assert.ok(flow.lost <= packets, shown([flow]));
      assert.ok(!flow.complaints.some((line) => line.includes("exceeded")), shown([flow]));
    }
  };
  const access = () => backbone.access();

  it("a gateway without tunnels hands what the network still sends it to its partner", async () => {
    const a = backbone.addressOf("use1-a");
    const peers = ["euw1-a", "euw1-b"].map((gateway) => backbone.addressOf(gateway));
    const before = (await backbone.status("use1-a")).forwarded["handed"] ?? 0;
    const flows = await under(async () => {
      for (const peer of peers) await backbone.fault({ do: "path", from: a, to: peer, lossPercent: 100 });
      await backbone.until(
        "use1-a",
        ({ forwarded }) => (forwarded["handed"] ?? 0) > before,
        "hands packets on",
      );
      await backbone.until(
        "use1-a",
        ({ routes }) => routes.every(({ nextHops }) => nextHops.every((hop) => hop.startsWith("p"))),
        "has routes by its partner alone",
      );
    });
    // BFD takes 900 ms; a second and a half leaves room for a busy machine.
    lostAtMost(flows, 150);
    for (const peer of peers) await backbone.fault({ do: "path", from: a, to: peer });
    assert.deepEqual(await backbone.failing(), []);
  });

  for (const gateway of ["use1-a", "use1-b"])
    it(`${gateway}: drained, restarted and undrained, it loses nothing`, async () => {
      const flows = await under(async () => {
        const { drained } = await restartGateway(two, access(), gateway, "machine", options);
        assert.ok(drained.quietSeconds >= 2);
        await backbone.until(gateway, ({ drained: by }) => by.length === 0, "is undrained");
      });
      assert.equal(lost(flows), 0, shown(flows));
      assert.deepEqual(await backbone.failing(), []);
    });

  it("a gateway is not drained while its partner is", async () => {
    await drainGateway(two, access(), "use1-b", options);
    await assert.rejects(drainGateway(two, access(), "use1-a", options), /use1-b is drained itself/);
    assert.deepEqual((await backbone.status("use1-a")).drained, []);
    await undrainGateway(two, access(), "use1-b", options);
  });

  it("charon killed: nothing is lost, neither at once nor when it starts again", async () => {
    const flows = await under(async () => {
      const before = await backbone.spis("use1-a");
      await backbone.sh("use1-a", "kill -9 $(pidof charon-systemd)");
      // New SAs at every tunnel, and the traffic back.
      await backbone.until(
        "use1-a",
        ({ ikeSas, drained }) =>
          drained.length === 0 &&
          ikeSas.length === Object.keys(before).length &&
          ikeSas.every(
            ({ name, spis, childSas }) =>
              childSas.some(({ state }) => state === "INSTALLED") && spis[0] !== before[name]?.[0],
          ),
        "has new SAs and is undrained",
      );
    });
    assert.equal(lost(flows), 0, shown(flows));
    assert.deepEqual(await backbone.failing(), []);
  });

  it("bgpd killed: the partner takes over, and the way comes back", async () => {
    const flows = await under(async () => {
      await backbone.sh("use1-a", "kill -9 $(pidof bgpd)");
      await backbone.until(
        "use1-a",
        ({ neighbours }) => neighbours.length > 0 && neighbours.every(({ state }) => state === "Established"),
        "has its sessions again",
      );
    });
    lostAtMost(flows, 150);
    assert.deepEqual(await backbone.failing(), []);
  });

  it("the cable cut and mended: the partner takes over, and the way comes back", async () => {
    const machine = backbone.instanceOf("use1-a");
    const flows = await under(async () => {
      await backbone.fault({ do: "cut", host: machine });
      await backbone.until(
        "euw1-a",
        ({ neighbours }) => neighbours.some(({ state }) => state !== "Established"),
        "has noticed",
      );
      await backbone.fault({ do: "mend", host: machine });
      await backbone.until(
        "use1-a",
        ({ neighbours }) => neighbours.length > 0 && neighbours.every(({ state }) => state === "Established"),
        "has its sessions again",
      );
    });
    lostAtMost(flows, 300);
    assert.deepEqual(await backbone.failing(), []);
  });

  it("the power lost and back: the partner takes over, and the way comes back", async () => {
    const machine = backbone.instanceOf("use1-a");
    const flows = await under(async () => {
      await backbone.site.probes.power(machine, "off");
      await backbone.site.probes.power(machine, "on");
      await backbone.until(
        "use1-a",
        ({ neighbours }) => neighbours.length > 0 && neighbours.every(({ state }) => state === "Established"),
        "has its sessions again",
      );
    });
    lostAtMost(flows, 300);
    assert.deepEqual(await backbone.failing(), []);
  });

  it("a replaced machine keeps its address and its identity, and nothing is lost", async () => {
    const was = { machine: backbone.instanceOf("use1-a"), address: backbone.addressOf("use1-a") };
    const hostKey = (await backbone.status("use1-a")).hostKey;
    const next = planOf(["use1", "euw1"], {
      use1: "{ cloud: aws, region: us-east-1, cidr: 10.10.0.0/16, epochs: { a: { image: 2 } } }",
    });
    const flows = await under(() => backbone.up(next));
    assert.equal(lost(flows), 0, shown(flows));
    assert.notEqual(backbone.instanceOf("use1-a"), was.machine);
    assert.equal(backbone.addressOf("use1-a"), was.address);
    assert.notEqual((await backbone.status("use1-a")).hostKey, hostKey);
    assert.deepEqual(await backbone.failing(), []);
  });

  it("both gateways of a region restarted at once: back without a hand, and no SAs piled up", async () => {
    for (const gateway of ["use1-a", "use1-b"])
      await backbone.site.probes.power(backbone.instanceOf(gateway), "off");
    await Promise.all(
      ["use1-a", "use1-b"].map((gateway) => backbone.site.probes.power(backbone.instanceOf(gateway), "on")),
    );
    assert.deepEqual(await backbone.failing(), []);
    for (const gateway of ["use1-a", "use1-b", "euw1-a", "euw1-b"])
      assert.equal((await backbone.status(gateway)).ikeSas.length, 3, gateway);
  });
});
