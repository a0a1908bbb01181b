import assert from "node:assert/strict";
import { VpnBackbone, type VpnBackboneArgs } from "../../../components/backbone";
import type { Recorded } from "../recorder";
import { only, run } from "../recorder";
import { knownKeys } from "../../../fleet/schema";
import { analyze } from "../analyzer/analyze";
import { planBackbone } from "../../../components/backbone/backbone.plan";
import { upFleet } from "../../stacks/up";

const fleet = {
  name: "acme",
  managementAllowFrom: ["203.0.113.0/24"],
  regions: {
    use1: { cloud: "aws", region: "us-east-1", cidr: "10.10.0.0/16" },
    euw1: { cloud: "aws", region: "eu-west-1", cidr: "10.20.0.0/16" },
    apse2: { cloud: "aws", region: "ap-southeast-2", cidr: "10.30.0.0/16" },
  },
};
const make = (args: VpnBackboneArgs) =>
  run(() => {
    const { gatewayAddresses, networkIds, releases } = new VpnBackbone("backbone", args);
    return { gatewayAddresses, networkIds, releases };
  });
/** Type and name of what a cloud, a command or an authority makes. */
const made = (resources: readonly Recorded[]) =>
  [...new Set(resources.filter(({ custom }) => custom).map(({ type, name }) => `${type} ${name}`))].sort();

describe("the arguments of a fleet", () => {
  /** By argument type, the mapping of a fleet file that it stands for. */
  for (const [type, mapping] of Object.entries({
    FleetRegionArgs: "regions.*",
    FleetIpv6Args: "regions.*.ipv6",
    FleetNetworkArgs: "regions.*.network",
    FleetSubnetArgs: "regions.*.network.subnets.*",
    FleetEpochsArgs: "regions.*.epochs.*",
    FleetRegionTrustArgs: "regions.*.trust",
    FleetRegionManagementArgs: "regions.*.management",
    FleetCryptoArgs: "crypto",
    FleetLinkCryptoArgs: "crypto.links.*",
    FleetTrustArgs: "trust",
  }))
    it(`${type} has every key that a file takes at ${mapping}`, () => {
      const { properties } = analyze().typeDefinitions[type] ?? {};
      assert.deepEqual(Object.keys(properties ?? {}).sort(), [...knownKeys(mapping)].sort());
    });

  it("choose as a fleet file does", () => {
    const pair = {
      gateways: 2,
      ha: "active-standby",
      routes: "agent",
      address: "moved",
      system: "debian-12",
    };
    const own = { trust: { keyAlgorithm: "rsa-3072" }, epochs: { a: { image: 2 } }, outerMtu: 1400 };
    const use1 = { cloud: "aws", region: "us-east-1", cidrs: ["10.10.0.0/16"], ...pair, ...own };
    const suite = { crypto: { policy: "cnsa", dpdDelaySeconds: 20 }, trust: { leafDays: 30 } };
    const args = { ...fleet, ...suite, regions: { ...fleet.regions, use1 } };
    const read = () =>
      JSON.stringify({
        fleet: "acme",
        management: { allowFrom: ["203.0.113.0/24"] },
        ...suite,
        regions: args.regions,
      });
    const [flat, written] = [
      planBackbone({ fleet: args, managementAllowFrom: [] }),
      planBackbone({ file: { name: "fleet.yaml", read }, managementAllowFrom: [] }),
    ];
    assert.ok(flat.ok && written.ok);
    assert.deepEqual(flat.value, written.value);
    const [planned] = flat.value.regions.filter(({ name }) => name === "use1");
    assert.equal(planned?.gateways[0]?.system, "debian-12");
    assert.equal(flat.value.trust.leafDays, 30);
  });
});

describe("components/backbone/VpnBackbone", () => {
  let resources: readonly Recorded[];
  let outputs: Awaited<ReturnType<typeof make>>["result"];
  before(async () => {
    const done = await make({ fleet });
    resources = done.resources;
    outputs = done.result;
  });

  it("makes exactly what the stacks of the same fleet make, by the same names", async () => {
    const planned = planBackbone({ fleet, managementAllowFrom: [] });
    assert.ok(planned.ok);
    const layered = await upFleet(planned.value);
    assert.deepEqual(made(resources), made(layered.resources));
  });

  it("gives a region's releases the same hash as its fabric stack", async () => {
    const planned = planBackbone({ fleet, managementAllowFrom: [] });
    assert.ok(planned.ok);
    const layered = await upFleet(planned.value);
    for (const ensure of only(resources, "command:local:Command").filter(({ name }) =>
      name.endsWith("-ensure"),
    ))
      assert.deepEqual(
        layered.resources.find(({ name }) => name === ensure.name)?.inputs["environment"],
        ensure.inputs["environment"],
        ensure.name,
      );
  });

  it("of two clouds makes exactly what the stacks make, too", async () => {
    const { use1 } = fleet.regions;
    const euw1 = { cloud: "gcp", region: "europe-west1", cidr: "10.20.0.0/16" };
    const mixed = { ...fleet, regions: { use1, euw1 } };
    const planned = planBackbone({ fleet: mixed, managementAllowFrom: [] });
    assert.ok(planned.ok);
    const [whole, layered] = [await make({ fleet: mixed }), await upFleet(planned.value)];
    assert.deepEqual(made(whole.resources), made(layered.resources));
    assert.equal(only(whole.resources, "pulumi:providers:gcp").length, 1);
    assert.equal(only(whole.resources, "pulumi:providers:aws").length, 1);
  });

  it("builds a region in the account, subscription or project that it names", async () => {
    const regions = {
      use1: { ...fleet.regions.use1, account: "111122223333" },
      weu: {
        cloud: "azure",
        region: "westeurope",
        cidr: "10.20.0.0/16",
        subscription: "11112222-3333-4444-5555-666677778888",
      },
      euw1: { cloud: "gcp", region: "europe-west1", cidr: "10.30.0.0/16", project: "acme-backbone" },
    };
    const { resources: all } = await make({ fleet: { ...fleet, regions } });
    const given = (type: string, key: string) =>
      only(all, `pulumi:providers:${type}`).map(({ inputs }) => inputs[key]);
    // A provider's lists and mappings travel as JSON.
    assert.deepEqual(given("aws", "allowedAccountIds"), ['["111122223333"]']);
    assert.deepEqual(given("azure-native", "subscriptionId"), [regions.weu.subscription]);
    assert.deepEqual(given("gcp", "project"), ["acme-backbone"]);
  });

  it("with a managed gateway makes exactly what the stacks make, and the same releases", async () => {
    const { use1, euw1 } = fleet.regions;
    const managed = { ...fleet, regions: { use1, euw1: { ...euw1, gateway: "managed" } } };
    const planned = planBackbone({ fleet: managed, managementAllowFrom: [] });
    assert.ok(planned.ok);
    const [whole, layered] = [await make({ fleet: managed }), await upFleet(planned.value)];
    assert.deepEqual(made(whole.resources), made(layered.resources));
    assert.equal(only(whole.resources, "aws:ec2/vpnConnection:VpnConnection").length, 2);
    assert.deepEqual(Object.keys(whole.result.releases).sort(), ["use1-a", "use1-b"]);
    const releases = (of: readonly Recorded[]) =>
      only(of, "command:local:Command")
        .filter(({ name }) => name.endsWith("-ensure"))
        .map(({ name, inputs }) => [name, inputs["environment"]]);
    assert.deepEqual(releases(whole.resources), releases(layered.resources));
  });

  it("has one provider for each region, and every resource of a region its own", () => {
    assert.deepEqual(
      only(resources, "pulumi:providers:aws").map(({ name, inputs }) => [name, inputs["region"]]),
      [
        ["acme-apse2-cloud", "ap-southeast-2"],
        ["acme-euw1-cloud", "eu-west-1"],
        ["acme-use1-cloud", "us-east-1"],
      ],
    );
    for (const { type, name, provider } of resources)
      if (type.startsWith("aws:"))
        assert.equal(provider, `${name.split("-").slice(0, 2).join("-")}-cloud`, name);
  });

  it("tells addresses, networks and releases by gateway and region", () => {
    assert.deepEqual(Object.keys(outputs.gatewayAddresses).sort(), [
      "apse2-a",
      "apse2-b",
      "euw1-a",
      "euw1-b",
      "use1-a",
      "use1-b",
    ]);
    assert.deepEqual(Object.keys(outputs.networkIds).sort(), ["apse2", "euw1", "use1"]);
    for (const hash of Object.values(outputs.releases)) assert.match(hash, /^[0-9a-f]{64}$/);
  });

  for (const { why, args, says } of [
    { why: "no fleet", args: {}, says: /exactly one of fleetFile and fleet/ },
    {
      why: "two fleets",
      args: { fleet, fleetFile: "fleet.yaml" },
      says: /exactly one of fleetFile and fleet/,
    },
    {
      why: "a file that is not there",
      args: { fleetFile: "nowhere.yaml" },
      says: /"nowhere.yaml" cannot be read/,
    },
    {
      why: "nobody to manage it",
      args: { fleet: { name: "acme", regions: fleet.regions } },
      says: /management: \{ allowFrom/,
    },
  ] as { why: string; args: VpnBackboneArgs; says: RegExp }[])
    it(`refuses a backbone with ${why}, before anything is made`, async () => {
      await assert.rejects(make(args), says);
    });
});
