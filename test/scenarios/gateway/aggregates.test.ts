import assert from "node:assert/strict";
import { derivePlan } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan, PlannedRegion } from "trunkline/fleet/plan";
import { original } from "../../lab/contract";
import { gateways, planOf, TwoGateways } from "./two-gateways";

/** `euw1` with 101 networks more: the fleet file takes five of a region, so that it would take 21 regions. */
function planWithMany(): Plan {
  const text =
    "fleet: acme\nmanagement: { allowFrom: [203.0.113.0/24] }\nregions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }\n  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }\n";
  const parsed = parseFleet(text, "fleet.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const many = Array.from({ length: 101 }, (_, index) => ({ address: 0x0a1e0000 + index * 256, prefix: 24 }));
  return derivePlan({
    ...parsed.value,
    regions: parsed.value.regions.map((region) =>
      region.name === "euw1" ? { ...region, cidrs: [...region.cidrs, ...many] } : region,
    ),
  });
}

function home({ regions }: Plan): PlannedRegion {
  const found = regions.find(({ name }) => name === "use1");
  assert.ok(found);
  return found;
}

const aggregates = ["10.30.0.0/18", "10.30.64.0/19", "10.30.96.0/22"];

describe("a gateway with more networks than its route service takes", function () {
  this.timeout(300_000);
  let two: TwoGateways;
  const plan = planWithMany();

  const table = async (): Promise<string[]> => {
    const words = ["ip", "-4", "route", "show", "table", "all", "proto", "186"];
    const { stdout } = await two.lab.exec("vpc-use1-a", words);
    return stdout
      .trim()
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" ")[0] ?? "")
      .sort();
  };
  const bgpd = async () => (await two.must("use1-a", ["pidof", "bgpd"])).trim();

  before(async () => {
    two = await TwoGateways.start();
    const { lab } = two;
    const { asn, routeService } = home(plan);
    assert.ok(routeService.kind === "service");
    await lab.put({
      kind: "routeService",
      id: "rs",
      name: "rs",
      network: "vpc-use1-a",
      asn: routeService.asn,
    });
    await lab.put({
      kind: "routeServiceEndpoint",
      id: "rse",
      name: "rse",
      routeService: "rs",
      subnet: "subnet-use1-a",
      address: "10.10.0.5",
    });
    await lab.put({
      kind: "routeServicePeer",
      id: "rsp",
      name: "rsp",
      endpoint: "rse",
      peerAddress: "10.10.0.4",
      peerAsn: asn,
      liveness: "bfd",
    });
    await lab.put({
      ...original("routeTable", "rtb-west-public"),
      id: "rtb-use1-a",
      network: "vpc-use1-a",
      routes: [{ cidr: "0.0.0.0/0", target: { internetGateway: "igw-use1-a" } }],
      propagatedFrom: ["rs"],
    });
    for (const gateway of gateways) await two.ensure(gateway, two.render(planOf(), gateway));
  });
  after(() => two.end());

  it("tells it of each network while they fit", async () => {
    assert.deepEqual(await two.until(table, (routes) => routes.length > 0), ["10.20.0.0/16"]);
  });

  it("tells it of what the plan says once they do not, and the daemon lives on", async () => {
    const { announced } = home(plan).routeService;
    assert.deepEqual([...announced], ["10.20.0.0/16", ...aggregates, "10.30.100.0/24"].sort());
    const before = await bgpd();
    for (const gateway of gateways) await two.ensure(gateway, two.render(plan, gateway));
    assert.deepEqual(await two.until(table, (routes) => routes.length >= announced.length), [...announced]);
    assert.equal(await bgpd(), before);
    const { neighbours, routes } = await two.until(
      () => two.status("use1-a"),
      (now) => now.routes.length >= 102 + aggregates.length,
    );
    assert.deepEqual(neighbours.find(({ address }) => address === "10.10.0.5")?.sent, [...announced]);
    // Each network has its own way, and what is of no network ends here.
    const device = plan.links[0]?.tunnels.find(({ id }) => id === "euw1-a~use1-a")?.ends[1].interface;
    for (const cidr of plan.regions.find(({ name }) => name === "euw1")?.cidrs ?? [])
      assert.deepEqual(routes.find(({ prefix }) => prefix === cidr)?.nextHops, [device], cidr);
    for (const prefix of aggregates)
      assert.deepEqual(routes.find((route) => route.prefix === prefix)?.nextHops, [], prefix);
  });

  it("runs exactly what is rendered: a reload would change nothing", async () => {
    const words = ["/usr/lib/frr/frr-reload.py", "--test", "--stdout", "/etc/frr/frr.conf"];
    const said = await two.must("use1-a", words);
    assert.doesNotMatch(said, /Lines To (Add|Delete)/);
  });

  it("withdraws what it has no network of any more", async () => {
    await two.lab.power("i-euw1-a", "off");
    await two.until(table, (routes) => routes.length === 0);
  });
});
