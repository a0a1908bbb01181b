import assert from "node:assert/strict";
import type { Plan, PlannedTransitGateway } from "../../fleet/plan";
import type { ObjectKind, RouteTable, WorldObject } from "../../lab/world/model";
import { stackGraph } from "../../stacks/graph";
import { stackProgram } from "../../stacks/program";
import { type Engine, startEngine } from "./engine";
import { fleetPlan, type RegionName } from "./fleets";

/** Of `use1`, a transit gateway follows the gateways. */
const planWith = (names: readonly RegionName[]): Plan =>
  fleetPlan(names, { use1: "routes: transit-gateway" });

describe("a region that a transit gateway follows, on the real engine in a recorded lab", function () {
  this.timeout(600_000);
  let engine: Engine;
  const two = planWith(["euw1", "use1"]);
  const three = planWith(["apse2", "euw1", "use1"]);
  const open = (plan: Plan, name: string) => engine.stack(name, stackProgram(plan, name, { protect: false }));
  const up = async (plan: Plan, name: string) =>
    (await (await open(plan, name)).up()).summary.resourceChanges ?? {};
  const objects = async () => Object.values((await engine.lab.world()).objects);
  const only = async <K extends ObjectKind>(kind: K): Promise<Extract<WorldObject, { kind: K }>[]> =>
    (await objects()).filter((object): object is Extract<WorldObject, { kind: K }> => object.kind === kind);
  const planned = (): PlannedTransitGateway => {
    const service = two.regions.find(({ name }) => name === "use1")?.routeService;
    assert.ok(service?.kind === "transit-gateway");
    return service;
  };
  /** Destinations that lead to the transit gateway, by the table's name. */
  const led = async () => {
    const leads = ({ routes }: RouteTable) =>
      routes.flatMap(({ cidr, target }) => ("transitGateway" in target ? [cidr] : [])).sort();
    return Object.fromEntries(
      (await only("routeTable"))
        .filter((table) => leads(table).length > 0)
        .map((table) => [table.name, leads(table)]),
    );
  };

  before(async () => {
    engine = await startEngine();
  });
  after(() => engine.close());

  it("comes up: a Connect peer for each gateway, and tables that lead to the transit gateway", async () => {
    for (const { name } of stackGraph(two)) await up(two, name);
    const { asn, cidr, peers } = planned();
    const [gateway, ...others] = await only("transitGateway");
    assert.deepEqual([gateway?.asn, gateway?.cidrs, others], [asn, [cidr], []]);
    assert.deepEqual(
      (await only("transitConnectPeer")).map(({ address, inside }) => `${address} ${inside}`).sort(),
      peers.map(({ address, insideNetwork }) => `${address} ${insideNetwork}`).sort(),
    );
    assert.deepEqual(await led(), {
      "acme-use1-network-private": ["10.20.0.0/16"],
      "acme-use1-network-public": [cidr],
    });
    const zones = await only("transitAttachment");
    assert.equal(zones[0]?.subnets.length, 2);
    const gre = (await only("firewall"))
      .flatMap(({ rules }) => rules)
      .filter(({ protocol }) => protocol === "gre")
      .map(({ peer }) => ("cidr" in peer ? peer.cidr : ""));
    assert.deepEqual(gre.sort(), peers.map(({ address }) => `${address}/32`).sort());
    assert.deepEqual(
      (await only("machine")).filter(({ profile }) => profile !== undefined),
      [],
    );
    assert.equal((await only("routeService")).length, 1);
  });

  it("there is nothing to do then, with a refresh and without", async () => {
    for (const name of ["acme.region-use1", "acme.fabric-use1"]) {
      assert.deepEqual(Object.keys(await up(two, name)), ["same"], name);
      await (await open(two, name)).refresh();
      assert.deepEqual(Object.keys(await up(two, name)), ["same"], name);
    }
  });

  it("one more region has a route as well, and touches nothing of the transit gateway", async () => {
    const before = await only("transitConnectPeer");
    for (const { name } of stackGraph(three)) {
      const changes = await up(three, name);
      if (name === "acme.region-use1") assert.deepEqual(Object.keys(changes), ["same"]);
    }
    assert.equal((await led())["acme-use1-network-private"]?.length, 2);
    assert.deepEqual(await only("transitConnectPeer"), before);
  });

  it("is gone after destroy", async () => {
    for (const { name } of [...stackGraph(three)].reverse()) await (await open(three, name)).destroy();
    assert.deepEqual(await objects(), []);
  });
});
