import assert from "node:assert/strict";
import type { Plan } from "../../fleet/plan";
import type { RouteTable } from "../../lab/world/model";
import { stackGraph } from "../../stacks/graph";
import { stackProgram } from "../../stacks/program";
import { type Engine, startEngine } from "./engine";
import { fleetPlan, type RegionName } from "./fleets";

/** Of `use1`, gateways move the routes. */
const planWith = (names: readonly RegionName[]): Plan => fleetPlan(names, { use1: "routes: agent" });

describe("a region whose gateways move its routes, on the real engine in a recorded lab", function () {
  this.timeout(600_000);
  let engine: Engine;
  const two = planWith(["euw1", "use1"]);
  const three = planWith(["apse2", "euw1", "use1"]);
  const open = (plan: Plan, name: string) => engine.stack(name, stackProgram(plan, name, { protect: false }));
  const up = async (plan: Plan, name: string) =>
    (await (await open(plan, name)).up()).summary.resourceChanges ?? {};
  const objects = async () => Object.values((await engine.lab.world()).objects);
  const cardOf = async (gateway: string): Promise<string> => {
    const found = (await objects()).find(
      (object) => object.kind === "interface" && object.name.includes(gateway),
    );
    assert.ok(found !== undefined, gateway);
    return found.id;
  };
  /** The table of use1 that holds routes to gateways. */
  const tableOf = async (): Promise<RouteTable> => {
    const found = (await objects()).find(
      (object) => object.kind === "routeTable" && object.routes.some(({ target }) => "interface" in target),
    );
    assert.ok(found?.kind === "routeTable");
    return found;
  };
  const move = async (card: string): Promise<void> => {
    const table = await tableOf();
    const routes = table.routes.map((route) =>
      "interface" in route.target ? { ...route, target: { interface: card } } : route,
    );
    await engine.lab.put({ ...table, routes });
  };

  before(async () => {
    engine = await startEngine();
  });
  after(() => engine.close());

  it("comes up: a route to the first gateway, and machines that may replace it", async () => {
    for (const { name } of stackGraph(two)) await up(two, name);
    assert.deepEqual((await tableOf()).routes, [
      { cidr: "10.20.0.0/16", target: { interface: await cardOf("use1-pair-a-card") } },
    ]);
    const world = await objects();
    const profiles = world.flatMap((object) => (object.kind === "machine" ? [object.profile] : []));
    assert.equal(
      profiles.filter((profile) => profile?.startsWith("acme-use1-pair-movers-profile")).length,
      2,
    );
    assert.equal(profiles.filter((profile) => profile === undefined).length, 2);
    const [role] = world.filter((object) => object.kind === "role");
    assert.match(Object.values(role?.policies ?? {}).join(), /"ec2:ReplaceRoute"/);
    assert.equal(world.filter(({ kind }) => kind === "routeService").length, 1);
  });

  it("a route that the gateways have moved stays where it is: nothing to do, with a refresh and without", async () => {
    const b = await cardOf("use1-pair-b-card");
    await move(b);
    assert.deepEqual(Object.keys(await up(two, "acme.fabric-use1")), ["same"]);
    const stack = await open(two, "acme.fabric-use1");
    await stack.refresh();
    assert.deepEqual(Object.keys(await up(two, "acme.fabric-use1")), ["same"]);
    assert.deepEqual(
      (await tableOf()).routes.map(({ target }) => target),
      [{ interface: b }],
    );
  });

  it("one more region has a route as well, and moves none", async () => {
    const b = await cardOf("use1-pair-b-card");
    for (const { name } of stackGraph(three)) await up(three, name);
    const { routes } = await tableOf();
    assert.deepEqual(new Map(routes.map(({ cidr, target }) => [cidr, target])).get("10.20.0.0/16"), {
      interface: b,
    });
    assert.equal(routes.length, 2);
  });

  it("is gone after destroy, whoever the routes lead to", async () => {
    await move(await cardOf("use1-pair-b-card"));
    for (const { name } of [...stackGraph(three)].reverse()) await (await open(three, name)).destroy();
    assert.deepEqual(await objects(), []);
  });
});
