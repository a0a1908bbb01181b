import assert from "node:assert/strict";
import { planOf } from "../engine/fleets";
import { hearsAliasAlone } from "../scenarios/backbone/azure-told";
import { type Backbone, bringsUp } from "../scenarios/backbone/backbone";
import { foundByBfd, nothingLost, under } from "../scenarios/backbone/measured";

const hubs = ["use1", "euw1"];
const spokes = ["weu", "jpe"];
const fleet = (topology: string) =>
  planOf(`fleet: acme
management: { allowFrom: [203.0.113.0/24] }
${topology}
regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }
  euw1: { cloud: gcp, region: europe-west1, cidr: 10.20.0.0/16 }
  weu: { cloud: azure, region: westeurope, cidr: 10.30.0.0/16 }
  jpe: { cloud: azure, region: japaneast, cidr: 10.40.0.0/16 }
`);
const spread = fleet(`topology: hub-and-spoke\nhubs: [${hubs.join(", ")}]`);
const mesh = fleet("topology: mesh");
const isSpoke = (region: string) => spokes.includes(region);

/** Needs what `npm test` sets up for the lab. */
describe("hubs on AWS and Google Cloud, and two spokes on Azure", function () {
  this.timeout(900_000);
  let backbone: Backbone;
  bringsUp(spread, (up) => (backbone = up));

  it("all proofs hold: each of twelve ways, from spoke to spoke through the hubs", async () => {
    const proofs = await backbone.proofs(120);
    assert.deepEqual(
      proofs.filter(({ status }) => status !== "pass"),
      [],
    );
    const ways = proofs.filter(({ kind }) => kind === "reachability").map(({ subject }) => subject);
    assert.equal(ways.length, 12);
    assert.ok(!spread.links.some(({ id }) => id === "jpe~weu"));
    await backbone.sendsAsComputed();
  });

  it("the first hub is lost with both of its gateways: spokes reach each other through the second", async () => {
    const gateways = ["use1-a", "use1-b"];
    const flows = await under(backbone, async () => {
      const power = (to: "on" | "off") =>
        Promise.all(gateways.map((id) => backbone.site.probes.power(backbone.instanceOf(id), to)));
      await power("off");
      await backbone.until(
        "weu-a",
        ({ routes }) =>
          routes.some(({ prefix, nextHops }) => prefix === "10.40.0.0/16" && nextHops.length === 2),
        "sends by the second hub alone",
      );
      await power("on");
      assert.deepEqual(await backbone.failing(), []);
    });
    foundByBfd(flows.filter(({ from, to }) => isSpoke(from) && isSpoke(to)));
  });

  it("becomes a mesh by an update: spokes get tunnels of their own, and nothing is lost", async () => {
    nothingLost(await under(backbone, () => backbone.up(mesh)));
    assert.deepEqual(await backbone.failing(), []);
    await backbone.sendsAsComputed();
  });

  it("neither of Azure's Route Servers hears of 65515, of 23456, or of an ASN of 32 bits", async () => {
    for (const gateway of ["weu-a", "jpe-b"]) await hearsAliasAlone(backbone, mesh, gateway);
    assert.deepEqual(await backbone.failing(), []);
  });
});
