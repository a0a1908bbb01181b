import assert from "node:assert/strict";
import { drainGateway, undrainGateway } from "../../../automation/operations/drain";
import type { Flow } from "../../../automation/verify/flow";
import { longestSilence } from "../../../automation/verify/flow";
import { type Backbone, kinds as plan } from "./backbone";
import { nothingLost, shown, under as underTraffic } from "./measured";
import { spreadOver, waysTo } from "./transit-ways";

const service = plan.regions.find(({ name }) => name === "apne1")?.routeService;
const options = { stop: new AbortController().signal, onProgress: () => undefined };
/** A hold time of 30 s, and what a machine that stalls adds; without it the silence would be as long as the loss. */
const heldSeconds = 50;

/** What a region that a transit gateway follows holds to. @param started the backbone of `kinds`, once it is up */
export function followedByTransitGateway(started: () => Backbone): void {
  let backbone: Backbone;
  before(() => {
    backbone = started();
  });

  const under = (step: () => Promise<void>): Promise<Flow[]> => underTraffic(backbone, step);
  const sent = async () => {
    const counts = await Promise.all(["apne1-a", "apne1-b"].map((id) => backbone.status(id)));
    return counts.map(({ forwarded }) => (forwarded["out"] ?? 0) + (forwarded["handed"] ?? 0));
  };

  it("both gateways carry what the network sends", async () => {
    await spreadOver(backbone, "10.10.0.0/16", 2);
    const before = await sent();
    const flows = await under(async () => {
      const deadline = Date.now() + 60_000;
      for (;;) {
        const now = await sent();
        if (now.every((count, index) => count > (before[index] ?? 0) + 20)) return;
        if (Date.now() > deadline) throw new Error(`${before.join()} to ${now.join()}: not spread`);
      }
    });
    nothingLost(flows);
  });

  it("GRE of another than the transit gateway's end is refused, by the cloud and by the gateway", async () => {
    assert.ok(service?.kind === "transit-gateway");
    const input = await backbone.sh("apne1-a", "nft list chain inet trunkline input");
    const accepted = input.split("\n").filter((line) => line.includes("gre"));
    assert.deepEqual(
      accepted.map((line) => line.trim()),
      [`ip saddr ${service.peers[0]?.address ?? ""} ip protocol gre accept`],
    );
  });

  it("a is drained: the transit gateway turns to b before a stops, and nothing is lost, there and back @slow", async () => {
    const flows = await under(async () => {
      const { quietSeconds } = await drainGateway(plan, backbone.access(), "apne1-a", options);
      assert.ok(quietSeconds >= 2);
      assert.equal(await waysTo(backbone, "10.10.0.0/16"), 1);
      await undrainGateway(plan, backbone.access(), "apne1-a", options);
      await spreadOver(backbone, "10.10.0.0/16", 2);
    });
    nothingLost(flows);
  });

  it("a is not drained while the transit gateway does not hear b @slow", async () => {
    assert.ok(service?.kind === "transit-gateway");
    const asn = plan.regions.find(({ name }) => name === "apne1")?.asn ?? 0;
    const change = (verb: string) =>
      backbone.bgp(
        "apne1-b",
        asn,
        ...(service.peers[1]?.speakers ?? []).map((address) => `${verb}neighbor ${address} shutdown`),
      );
    await change("");
    await spreadOver(backbone, "10.10.0.0/16", 1);
    await assert.rejects(
      drainGateway(plan, backbone.access(), "apne1-a", options),
      /apne1-b has no session with its region's transit gateway/,
    );
    assert.deepEqual(
      await backbone.failing(["bgp/apne1-b~transit-gateway", "prefixes/apne1-b~transit-gateway"]),
      ["bgp/apne1-b~transit-gateway", "prefixes/apne1-b~transit-gateway"],
    );
    await change("no ");
    await spreadOver(backbone, "10.10.0.0/16", 2);
  });

  it("a loses its power: its flows go over b after the hold time; a is back, and nothing is lost @slow", async () => {
    const machine = backbone.instanceOf("apne1-a");
    const lost = await under(async () => {
      await backbone.site.probes.power(machine, "off");
      await spreadOver(backbone, "10.10.0.0/16", 1);
    });
    for (const flow of lost) assert.ok(longestSilence(flow) < heldSeconds, shown(flow));
    const back = await under(async () => {
      await backbone.site.probes.power(machine, "on");
      await spreadOver(backbone, "10.10.0.0/16", 2);
    });
    nothingLost(back);
    assert.deepEqual(await backbone.failing(), []);
  });
}
