import assert from "node:assert/strict";
import { stackGraph } from "../../stacks/graph";
import { fleetPlan, type RegionName } from "./fleets";
import { agentHasOneMoreRoute, agentIsUp, moveRoutesTo, routeStaysAt } from "./routes/agent";
import { addressStaysAt, moveAddressTo, movedIsUp } from "./routes/moved";
import { RecordedFleet } from "./routes/recorded-fleet";
import { transitGatewayHasOneMoreRoute, transitGatewayIsUp } from "./routes/transit-gateway";

/** A region of each kind: what a fleet costs is paid once, and each kind is seen beside the others. */
const planWith = (names: readonly RegionName[]) =>
  fleetPlan(names, {
    use1: "routes: agent",
    euw1: "routes: transit-gateway",
    apse2: "ha: active-standby, routes: agent, address: moved",
  });

describe("regions without a route service, on the real engine in a recorded lab", function () {
  this.timeout(600_000);
  let fleet: RecordedFleet;
  const two = planWith(["euw1", "use1"]);
  const three = planWith(["apse2", "euw1", "use1"]);

  before(async () => {
    fleet = await RecordedFleet.start();
  });
  after(() => fleet.end());

  it("come up, stack by stack, and none has a route service", async () => {
    for (const { name } of stackGraph(two)) await fleet.up(two, name);
    assert.deepEqual(await fleet.all("routeService"), []);
  });

  it("agent: a route to the first gateway, and machines that may replace it", () => agentIsUp(fleet));

  it("transit gateway: a Connect peer for each gateway, and tables that lead to it", () =>
    transitGatewayIsUp(fleet, two));

  it("agent: a route that the gateways have moved stays where it is, nothing to do after a refresh", async () => {
    await moveRoutesTo(fleet, "use1-b");
    await fleet.hasNothingToDo(two, "use1");
    await routeStaysAt(fleet, "use1-b");
  });

  it("transit gateway: nothing to do after a refresh", () => fleet.hasNothingToDo(two, "euw1"));

  it("one more region changes nothing that is there, but for the peers' rules and the routes towards it", async () => {
    const before = await fleet.objects();
    for (const { name, layer, region } of stackGraph(three)) {
      const kinds = Object.keys(await fleet.up(three, name));
      const allowed =
        layer === "region" && region !== "apse2" ? ["same"] : ["create", "read", "same", "update"];
      assert.deepEqual(
        kinds.filter((kind) => !allowed.includes(kind)),
        [],
        name,
      );
    }
    const after = new Map((await fleet.objects()).map((object) => [object.id, object]));
    for (const was of before) {
      const now = after.get(was.id);
      if (was.kind === "firewall") assert.ok(now?.kind === "firewall");
      else if (was.kind === "routeTable" && now?.kind === "routeTable") {
        const kept = now.routes.filter(({ cidr }) => cidr !== "10.30.0.0/16");
        assert.deepEqual({ ...now, routes: kept }, was);
      } else assert.deepEqual(now, was);
    }
    await agentHasOneMoreRoute(fleet, "use1-b");
    await transitGatewayHasOneMoreRoute(fleet);
  });

  it("moved address: one that nobody holds yet, and an interface with two private ones for each gateway", () =>
    movedIsUp(fleet));

  for (const [gateway, which] of [
    ["apse2-a", " @slow"],
    ["apse2-b", ""],
  ] as const)
    it(`moved address: where the gateways have moved it to ${gateway}, nothing to do after a refresh${which}`, async () => {
      await moveAddressTo(fleet, gateway);
      await fleet.hasNothingToDo(three, "apse2");
      await addressStaysAt(fleet, gateway);
    });

  it("are gone after destroy, whoever the routes lead to and whoever holds the address: interfaces first", async () => {
    for (const { name } of [...stackGraph(three)].reverse()) await (await fleet.open(three, name)).destroy();
    assert.deepEqual(await fleet.objects(), []);
  });
});
