import assert from "node:assert/strict";
import { drainGateway, undrainGateway } from "../../../automation/operations/drain";
import { proveFailover } from "../../../automation/verify/prove-failover";
import { type Flow, longestSilence } from "../../../automation/verify/flow";
import { type Backbone, kinds as plan } from "./backbone";
import { nothingLost, shown, under as underTraffic } from "./measured";

const options = { stop: new AbortController().signal, onProgress: () => undefined };
/** Without a takeover it would be for ever; on a machine that is free it is 8 to 14 s. */
const takenOverSeconds = 45;
const tunnels = plan.links
  .flatMap(({ tunnels: all }) => all)
  .filter(({ ends }) => ends.some(({ gateway }) => gateway === "sae1"))
  .map(({ id }) => id);

/** What a pair that shares an address holds to. @param started the backbone of `kinds`, once it is up */
export function sharesAddress(started: () => Backbone): void {
  let backbone: Backbone;
  before(() => {
    backbone = started();
  });

  const under = (step: () => Promise<void>): Promise<Flow[]> => underTraffic(backbone, step);
  /** Address, routes and every tunnel are at one gateway. */
  const holds = (gateway: string) =>
    backbone.until(
      gateway,
      ({ cloudRoutes, ikeSas }) =>
        cloudRoutes?.act === "hold" &&
        cloudRoutes.holders.join() === gateway &&
        cloudRoutes.address?.holder === gateway &&
        tunnels.every((tunnel) =>
          ikeSas.some(
            ({ name, state, childSas }) => name === tunnel && state === "ESTABLISHED" && childSas.length > 0,
          ),
        ),
      "holds address, routes and tunnels",
    );
  const standsBy = (gateway: string, holder: string) =>
    backbone.until(
      gateway,
      ({ cloudRoutes, ikeSas }) =>
        cloudRoutes?.act === "leave" &&
        cloudRoutes.address?.holder === holder &&
        ikeSas.every(({ name }) => !tunnels.includes(name)) &&
        ikeSas.length === 1,
      `leaves the address to ${holder}, with no SA but the pair's`,
    );
  const movesOf = async (gateway: string) => (await backbone.status(gateway)).cloudRoutes?.moves;
  /** Of everybody's packets, some arrive after the last silence, and none lasted longer than this. */
  const wentOn = (flows: readonly Flow[], seconds: number): void => {
    for (const flow of flows) {
      assert.ok(flow.sent > 300 && flow.lost < flow.sent, shown(flow));
      assert.ok(longestSilence(flow) < seconds, shown(flow));
    }
  };
  /** Packets of both ways pass a gateway. */
  const carries = async (gateway: string): Promise<void> => {
    const { forwarded: before } = await backbone.status(gateway);
    await backbone.until(
      gateway,
      ({ forwarded }) =>
        (forwarded["out"] ?? 0) > (before["out"] ?? 0) + 200 &&
        (forwarded["in"] ?? 0) > (before["in"] ?? 0) + 200,
      "carries both ways",
    );
  };

  /** A slow test begins where it says, whatever others have left. */
  const begin = async (holder: string, other: string): Promise<void> => {
    if ((await backbone.status(holder)).cloudRoutes?.address?.here !== true) {
      await drainGateway(plan, backbone.access(), other, options);
      await undrainGateway(plan, backbone.access(), other, options);
    }
    await holds(holder);
    await standsBy(other, holder);
  };

  it("the first gateway holds the address and has the tunnels, the second has none", async () => {
    await begin("sae1-a", "sae1-b");
    await backbone.sendsAsComputed(undefined, "sae1-a");
    nothingLost(await under(() => carries("sae1-a")));
  });

  it("the holder loses its power: the other takes the address, IKE is set up again, traffic goes on; it returns and takes nothing", async () => {
    const machine = backbone.instanceOf("sae1-a");
    const lost = await under(async () => {
      await backbone.site.probes.power(machine, "off");
      await holds("sae1-b");
      await carries("sae1-b");
    });
    wentOn(lost, takenOverSeconds);
    const moves = await movesOf("sae1-b");
    const back = await under(async () => {
      await backbone.site.probes.power(machine, "on");
      await standsBy("sae1-a", "sae1-b");
      await carries("sae1-b");
    });
    nothingLost(back);
    assert.equal(await movesOf("sae1-a"), 0);
    assert.equal(await movesOf("sae1-b"), moves);
    await backbone.sendsAsComputed(undefined, "sae1-b");
    assert.deepEqual(await backbone.failing(), []);
  });

  it("@slow the holder is drained: the address moves at once, and what that costs is measured", async () => {
    await begin("sae1-b", "sae1-a");
    const flows = await under(async () => {
      const { movedSeconds = NaN } = await drainGateway(plan, backbone.access(), "sae1-b", options);
      console.log(`      no way for up to ${String(movedSeconds)} s`);
      await holds("sae1-a");
      await standsBy("sae1-b", "sae1-a");
      await carries("sae1-a");
    });
    wentOn(flows, takenOverSeconds);
    // Nobody moves it back for a gateway that may carry again.
    nothingLost(
      await under(() => undrainGateway(plan, backbone.access(), "sae1-b", options).then(() => undefined)),
    );
    assert.deepEqual(await backbone.failing(), []);
    await holds("sae1-a");
  });

  it("@slow cut from each other, both alive: it moves once at most, one holds it, and who lost it has no SA left", async () => {
    await begin("sae1-a", "sae1-b");
    const before = { a: (await movesOf("sae1-a")) ?? 0, b: (await movesOf("sae1-b")) ?? 0 };
    const privateOf = (id: string): string =>
      backbone.live.regions.flatMap(({ gateways }) => gateways).find((gateway) => gateway.id === id)
        ?.privateAddress ?? "";
    const cut = (verb: "add" | "del") =>
      Promise.all([
        backbone.sh("sae1-a", `ip route ${verb} blackhole ${privateOf("sae1-b")}/32`),
        backbone.sh("sae1-b", `ip route ${verb} blackhole ${privateOf("sae1-a")}/32`),
      ]);
    const flows = await under(async () => {
      await cut("add");
      await holds("sae1-b");
      await backbone.until(
        "sae1-a",
        ({ cloudRoutes, ikeSas }) =>
          cloudRoutes?.address?.holder === "sae1-b" && ikeSas.every(({ name }) => !tunnels.includes(name)),
        "leaves the address, without SAs",
      );
      await carries("sae1-b");
    });
    wentOn(flows, takenOverSeconds);
    nothingLost(
      await under(async () => {
        await cut("del");
        await standsBy("sae1-a", "sae1-b");
        await carries("sae1-b");
      }),
    );
    assert.equal(await movesOf("sae1-a"), before.a);
    assert.equal(await movesOf("sae1-b"), before.b + 1);
    assert.deepEqual(await backbone.failing(), []);
  });

  it("@slow the holder's charon is killed, and started again: the address stays where it is", async () => {
    await begin("sae1-b", "sae1-a");
    const moves = [await movesOf("sae1-a"), await movesOf("sae1-b")];
    const flows = await under(async () => {
      await backbone.sh("sae1-b", "systemctl kill --signal=SIGKILL strongswan");
      await backbone.until("sae1-b", ({ ikeSas }) => ikeSas.length === 0, "has lost its charon");
      await holds("sae1-b");
      await carries("sae1-b");
    });
    wentOn(flows, takenOverSeconds);
    assert.deepEqual([await movesOf("sae1-a"), await movesOf("sae1-b")], moves);
  });

  it("@slow up leaves the address where the gateways have moved it", async () => {
    await begin("sae1-b", "sae1-a");
    const moves = await movesOf("sae1-b");
    await backbone.up(plan);
    await holds("sae1-b");
    assert.equal(await movesOf("sae1-b"), moves);
  });

  it("@slow verify --failover brings the address to each gateway and takes its power: every mark holds", async () => {
    const ofPair = [];
    for (const gateway of ["sae1-a", "sae1-b"])
      ofPair.push(
        ...(await proveFailover(plan, backbone.live, backbone.site, {
          losses: ["power"],
          gateway,
          others: [],
        })),
      );
    for (const { subject, status, observed } of ofPair)
      console.log(`      ${status}  ${subject}: ${observed}`);
    // Each way with each other region, and the return.
    assert.equal(ofPair.length, 10);
    assert.deepEqual(
      ofPair.filter(({ status }) => status !== "pass"),
      [],
    );
    assert.deepEqual(await backbone.failing(), []);
  });
}
