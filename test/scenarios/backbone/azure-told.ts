import assert from "node:assert/strict";
import type { Plan } from "trunkline/fleet/plan";
import { betweenQuestions } from "../../../automation/pause";
import { readPcap } from "../../../automation/verify/pcap";
import { bgpTold } from "../bgp-messages";
import type { Backbone } from "./backbone";

/**
 * What a gateway tells both instances of its region's Azure Route Server, from the packets of new sessions: OPEN and every
 * AS path have the region's 16-bit alias alone, and nothing stands for an ASN of 32 bits.
 * @param gateway of a region of Azure
 */
export async function hearsAliasAlone(backbone: Backbone, plan: Plan, gateway: string): Promise<void> {
  const region = plan.regions.find(({ gateways }) => gateways.some(({ id }) => id === gateway));
  assert(region?.routeService.kind === "service");
  const { alias, asn } = region.routeService;
  assert.ok(alias !== undefined && asn === 65515 && region.asn > 65535);
  const live = backbone.live.regions.find((one) => one.region === region.name);
  const endpoints = live?.routeService.endpoints.map(({ address }) => address) ?? [];
  const own = live?.gateways.find(({ id }) => id === gateway)?.privateAddress ?? "";
  assert.equal(endpoints.length, 2);
  const capture = await backbone.during(
    gateway,
    "tcpdump -n -U --immediate-mode -Z root -i ens5 -w /run/told.pcap tcp port 179",
  );
  // It writes the file's header once it listens.
  await backbone.sh(gateway, "until [ -s /run/told.pcap ]; do sleep 0.1; done");
  for (const address of endpoints) {
    await backbone.sh(gateway, `vtysh -c 'clear bgp ${address}'`);
    await backbone.until(
      gateway,
      ({ neighbours }) =>
        neighbours.some((neighbour) => neighbour.address === address && neighbour.state === "Established"),
      `has a session with ${address} again`,
    );
  }
  // One instance is enough for the network to have its routes: each must have been told.
  const captured = async () =>
    bgpTold(readPcap(Buffer.from(await backbone.sh(gateway, "base64 /run/told.pcap"), "base64")), own);
  const isTold = ({ updates }: ReturnType<typeof bgpTold>) =>
    endpoints.every((address) =>
      updates.some(({ destination, told: networks }) => destination === address && networks > 0),
    );
  const deadline = Date.now() + 60_000;
  while (!isTold(await captured())) {
    assert.ok(Date.now() < deadline, "an instance was told nothing");
    await betweenQuestions();
  }
  await capture.end();
  const { openAsns, updates } = await captured();
  assert.deepEqual([...new Set(openAsns)], [alias]);
  for (const { asPath, attributes } of updates) {
    assert.ok(
      asPath.every((one) => one === alias),
      `AS path ${asPath.join(" ")}`,
    );
    // RFC 6793: AS4_PATH and AS4_AGGREGATOR hold what 23456 stands for.
    for (const type of [17, 18]) assert.ok(!attributes.includes(type), `attribute ${String(type)}`);
  }
  // As many as there were: the alias as its own, and in place of the region that told it.
  assert.ok(updates.some(({ asPath }) => asPath.length === 2));
}
