import assert from "node:assert/strict";
import type { Plan, PlannedTransitGateway } from "../../../fleet/plan";
import type { RouteTable } from "../../../lab/world/model";
import type { RecordedFleet } from "./recorded-fleet";

/** `euw1`, whose transit gateway follows the gateways, once it is up beside `use1` alone. */
export async function transitGatewayIsUp(fleet: RecordedFleet, plan: Plan): Promise<void> {
  const { asn, cidr, peers } = planned(plan);
  const [gateway, ...others] = await fleet.all("transitGateway");
  assert.deepEqual([gateway?.asn, gateway?.cidrs, others], [asn, [cidr], []]);
  assert.deepEqual(
    (await fleet.all("transitConnectPeer")).map(({ address, inside }) => `${address} ${inside}`).sort(),
    peers.map(({ address, insideNetwork }) => `${address} ${insideNetwork}`).sort(),
  );
  assert.deepEqual(await led(fleet), {
    "acme-euw1-network-private": ["10.10.0.0/16"],
    "acme-euw1-network-public": [cidr],
  });
  const [attachment] = await fleet.all("transitAttachment");
  assert.equal(attachment?.subnets.length, 2);
  const gre = (await fleet.all("firewall"))
    .flatMap(({ rules }) => rules)
    .filter(({ protocol }) => protocol === "gre")
    .map(({ peer }) => ("cidr" in peer ? peer.cidr : ""));
  assert.deepEqual(gre.sort(), peers.map(({ address }) => `${address}/32`).sort());
  assert.deepEqual(
    (await fleet.all("machine", "euw1")).map(({ profile }) => profile),
    [undefined, undefined],
  );
}

/** `euw1` leads to the region that joined as well. */
export async function transitGatewayHasOneMoreRoute(fleet: RecordedFleet): Promise<void> {
  assert.equal((await led(fleet))["acme-euw1-network-private"]?.length, 2);
}

/** Destinations that lead to the transit gateway, by the table's name. */
async function led(fleet: RecordedFleet): Promise<Record<string, string[]>> {
  const leads = ({ routes }: RouteTable) =>
    routes.flatMap(({ cidr, target }) => ("transitGateway" in target ? [cidr] : [])).sort();
  return Object.fromEntries(
    (await fleet.all("routeTable"))
      .filter((table) => leads(table).length > 0)
      .map((table) => [table.name, leads(table)]),
  );
}

function planned(plan: Plan): PlannedTransitGateway {
  const service = plan.regions.find(({ name }) => name === "euw1")?.routeService;
  assert.ok(service?.kind === "transit-gateway");
  return service;
}
