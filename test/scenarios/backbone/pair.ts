import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { detectionSeconds } from "trunkline/fleet/liveness";
import { GatewayAccess } from "../../../automation/gateway-access";
import { drainGateway, restartGateway, undrainGateway } from "../../../automation/operations/drain";
import { type Backbone, two } from "./backbone";
import { loseGateway } from "../../../automation/verify/failover";
import type { Loss } from "../../../automation/verify/failover.plan";
import type { Flow } from "../../../automation/verify/flow";
import { type Failover, failoverMarks, judgeFailover } from "../../../automation/verify/judge-failover";
import { foundByBfd, nothingLost, perSecond, under as underTraffic } from "./measured";
import { rekeyed } from "./rekeys";

const options = { stop: new AbortController().signal, onProgress: () => undefined };

/** What a pair of gateways holds to, whatever happens to one of them. @param started the backbone of `two`, once it is up */
export function holds(started: () => Backbone): void {
  let backbone: Backbone;
  before(() => {
    backbone = started();
  });

  const under = (step: () => Promise<void>): Promise<Flow[]> => underTraffic(backbone, step);
  /** ICMP "time exceeded" that a gateway has sent: packets that went round in circles. */
  const circles = async (gateway: string): Promise<number> =>
    Number(
      (await backbone.sh(gateway, "nstat -az IcmpOutTimeExcds | awk '/TimeExcds/ { print $2 }'")).trim(),
    );
  const lose = async (loss: Loss, rate: number): Promise<Failover> => {
    const lost = { id: "use1-a", instanceId: backbone.instanceOf("use1-a") };
    const status = (gateway: string) => backbone.status(gateway);
    const failover = await loseGateway(two, lost, loss, backbone.site.probes, status, { perSecond: rate });
    const marks = failoverMarks(detectionSeconds(two), backbone.site.probes.routeServiceSeconds);
    const judgements = judgeFailover(failover, marks);
    for (const { observed, subject } of judgements) console.log(`      ${subject}: ${observed}`);
    // Past the gateway that was lost and past its partner, or nothing is tested.
    for (const gateway of ["use1-a", "use1-b"])
      assert.ok((failover.before[gateway]?.["in"] ?? 0) > 0, gateway);
    return failover;
  };
  const access = () => backbone.access();

  it("a gateway without tunnels hands what the network still sends it to its partner", async () => {
    const a = backbone.addressOf("use1-a");
    const peers = ["euw1-a", "euw1-b"].map((gateway) => backbone.addressOf(gateway));
    const before = (await backbone.status("use1-a")).forwarded["handed"] ?? 0;
    const circled = (await circles("use1-a")) + (await circles("use1-b"));
    const tunnelsLose = async (lossPercent: number): Promise<void> => {
      // At once: one after the other they would be noticed one after the other.
      await backbone.fault({ do: "path", from: a, to: peers, lossPercent });
    };
    try {
      const flows = await under(async () => {
        await tunnelsLose(100);
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
      foundByBfd(flows);
      assert.equal((await circles("use1-a")) + (await circles("use1-b")), circled);
    } finally {
      await tunnelsLose(0);
    }
    assert.deepEqual(await backbone.failing(), []);
  });

  it("questions to a gateway share a connection; renewed, the next comes over another", async () => {
    const script = "journalctl --quiet --unit=ssh --grep='Accepted publickey' --output=cat | wc -l";
    const logins = async () => Number(await backbone.sh("use1-a", script));
    const own = new GatewayAccess(backbone.site, backbone.live, tmpdir());
    try {
      const before = await logins();
      for (let question = 0; question < 3; question += 1) await own.status("use1-a");
      assert.equal(await logins(), before + 1);
      own.renew("use1-a");
      await own.status("use1-a");
      assert.equal(await logins(), before + 2);
    } finally {
      own.close();
    }
  });

  for (const [gateway, slow] of [
    ["use1-a", ""],
    ["use1-b", " @slow"],
  ] as const)
    it(`${gateway}: drained, restarted and undrained, it loses nothing${slow}`, async () => {
      const flows = await under(async () => {
        const { drained } = await restartGateway(two, access(), gateway, "machine", options);
        assert.ok(drained.quietSeconds >= 2);
        await backbone.until(gateway, ({ drained: by }) => by.length === 0, "is undrained");
      });
      nothingLost(flows);
      assert.deepEqual(await backbone.failing(), []);
    });

  it("a gateway is not drained while its partner is @slow", async () => {
    await drainGateway(two, access(), "use1-b", options);
    await assert.rejects(drainGateway(two, access(), "use1-a", options), /use1-b is drained itself/);
    assert.deepEqual((await backbone.status("use1-a")).drained, []);
    await undrainGateway(two, access(), "use1-b", options);
  });

  it("charon killed: nothing is lost while it is away, and nothing when it starts again", async () => {
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
    // Its SAs stay in the kernel, and a socket of systemd's takes ESP in UDP in its place. While a new one starts, the gateway is drained.
    nothingLost(flows);
    assert.deepEqual(await backbone.failing(), []);
  });

  for (const { loss, rate, why } of [
    { loss: "bgpd", rate: perSecond, why: "its sessions end at once, and routes with them @slow" },
    { loss: "cable", rate: perSecond, why: "BFD takes 900 ms @slow" },
    { loss: "power", rate: 1000, why: "BFD takes 900 ms" },
  ] as const)
    it(`${loss} lost and back at ${String(rate)} packets a second: the partner takes over (${why}), and the return costs nothing`, async () => {
      const { flows, returnedAt } = await lose(loss, rate);
      foundByBfd(flows);
      for (const { gaps } of flows)
        assert.deepEqual(
          gaps.filter(({ from }) => from >= (returnedAt ?? 0)),
          [],
        );
      assert.deepEqual(await backbone.failing(), []);
    });

  it("every SA rekeyed, again and again, at 1,000 packets a second: nothing is lost", () =>
    rekeyed(backbone, (rounds) => rounds === 3));

  for (const { what, gateways } of [
    { what: "both gateways of a region @slow", gateways: ["use1-a", "use1-b"] },
    { what: "every gateway of the fleet", gateways: ["use1-a", "use1-b", "euw1-a", "euw1-b"] },
  ])
    it(`${what} restarted at once: back without a hand, and no SAs piled up`, async () => {
      const { probes } = backbone.site;
      const power = (to: "on" | "off") =>
        Promise.all(gateways.map((gateway) => probes.power(backbone.instanceOf(gateway), to)));
      await power("off");
      const started = performance.now();
      await power("on");
      assert.deepEqual(await backbone.failing(), []);
      console.log(`      all proofs hold ${((performance.now() - started) / 1000).toFixed(1)} s later`);
      for (const gateway of ["use1-a", "use1-b", "euw1-a", "euw1-b"])
        // The proofs rekey one tunnel: the SA before it is there until its other end has let go.
        await backbone.until(gateway, ({ ikeSas }) => ikeSas.length === 3, "has one SA a tunnel, no more");
    });
}
