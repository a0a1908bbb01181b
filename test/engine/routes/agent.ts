import assert from "node:assert/strict";
import type { RecordedFleet } from "./recorded-fleet";

/** `use1`, whose gateways move its routes, once it is up beside `euw1` alone. */
export async function agentIsUp(fleet: RecordedFleet): Promise<void> {
  assert.deepEqual((await fleet.tableOf("use1")).routes, [
    { cidr: "10.20.0.0/16", target: { interface: (await fleet.cardOf("use1-a")).id } },
  ]);
  const profiles = (await fleet.all("machine")).map(({ profile }) => profile);
  assert.equal(profiles.filter((profile) => profile?.startsWith("acme-use1-pair-movers-profile")).length, 2);
  assert.equal(profiles.filter((profile) => profile === undefined).length, 2);
  const [role] = await fleet.all("role");
  assert.match(Object.values(role?.policies ?? {}).join(), /"ec2:ReplaceRoute"/);
}

/** As the agent on a gateway does it. */
export async function moveRoutesTo(fleet: RecordedFleet, gateway: string): Promise<void> {
  const [region = ""] = gateway.split("-");
  const table = await fleet.tableOf(region);
  const { id } = await fleet.cardOf(gateway);
  const routes = table.routes.map((route) =>
    "interface" in route.target ? { ...route, target: { interface: id } } : route,
  );
  await fleet.put({ ...table, routes });
}

/** One route, and it leads where the gateways have moved it. */
export async function routeStaysAt(fleet: RecordedFleet, gateway: string): Promise<void> {
  const [region = ""] = gateway.split("-");
  assert.deepEqual(
    (await fleet.tableOf(region)).routes.map(({ target }) => target),
    [{ interface: (await fleet.cardOf(gateway)).id }],
  );
}

/** `use1` has a route to the region that joined as well, and its first one is where it was moved to. */
export async function agentHasOneMoreRoute(fleet: RecordedFleet, gateway: string): Promise<void> {
  const { routes } = await fleet.tableOf("use1");
  assert.deepEqual(new Map(routes.map(({ cidr, target }) => [cidr, target])).get("10.20.0.0/16"), {
    interface: (await fleet.cardOf(gateway)).id,
  });
  assert.equal(routes.length, 2);
}
