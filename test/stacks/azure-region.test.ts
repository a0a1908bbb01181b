import assert from "node:assert/strict";
import { planFleet } from "../../fleet/derive";
import { parseFleet } from "../../fleet/parse";
import type { PlannedRegion } from "../../fleet/plan";
import { fabricHandover, regionHandover } from "../../stacks/handover";
import { named, only, type Recorded } from "../components/recorder";
import { type FleetRun, upFleet } from "./up";

const text = `fleet: acme
management: { allowFrom: [203.0.113.0/24] }
regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }
  weu: { cloud: azure, region: westeurope, cidr: 10.30.0.0/16, tags: { team: core } }
`;

describe("a region of Azure beside one of AWS", () => {
  let run: FleetRun;
  let resources: readonly Recorded[];
  let planned: PlannedRegion | undefined;
  before(async () => {
    const parsed = parseFleet(text, "fleet.yaml");
    assert.ok(parsed.ok);
    const plan = planFleet(parsed.value);
    assert.ok(plan.ok);
    planned = plan.value.regions.find(({ name }) => name === "weu");
    run = await upFleet(plan.value);
    resources = run.stack("acme.region-weu");
  });

  it("hands on what the schema says, by the schema of every cloud", () => {
    const handover = regionHandover.parse(run.handovers["acme.region-weu"]);
    assert.deepEqual(
      [
        handover.cloud,
        handover.gateways[0]?.routerAddress,
        handover.gateways.map((one) => one.privateAddress),
      ],
      ["azure", "10.30.0.1", ["10.30.0.4", "10.30.0.5"]],
    );
    assert.deepEqual(handover.routeService, {
      asn: 65515,
      endpoints: [
        { name: "instance-0", address: "10.4.0.68" },
        { name: "instance-1", address: "10.4.0.69" },
      ],
    });
    assert.equal(handover.gateways[0]?.instanceId, "9acme-weu-pair-a");
    for (const region of ["weu", "use1"])
      assert.equal(fabricHandover.parse(run.handovers[`acme.fabric-${region}`]).releases.length, 2);
  });

  it("gives every resource of a region its own provider, and none of another cloud's", () => {
    assert.equal(named(resources, "acme-weu-cloud").inputs["location"], "westeurope");
    for (const { type, name, provider } of resources) {
      assert.ok(!/^(aws|gcp):/.test(type), name);
      if (type.startsWith("azure-native:")) assert.equal(provider, "acme-weu-cloud", `${type} ${name}`);
    }
    for (const { type, name } of run.stack("acme.region-use1")) assert.ok(!type.startsWith("azure"), name);
  });

  it("makes all of a region where the region is, in its own group", () => {
    for (const { type, name, inputs } of resources)
      if (type.startsWith("azure-native:")) {
        assert.equal(inputs["resourceGroupName"], "acme-weu", name);
        if ("location" in inputs) assert.equal(inputs["location"], "westeurope", name);
      }
  });

  it("protects group, network and the gateways' public addresses, and nothing else", () => {
    assert.deepEqual(
      resources.filter(({ protect }) => protect).map(({ name }) => name),
      [
        "acme-weu-pair-a-address",
        "acme-weu-pair-b-address",
        "acme-weu-network-vnet",
        "acme-weu-network-group",
      ],
    );
  });

  it("has machines that forward, in two zones, with fixed addresses both ways", () => {
    assert.deepEqual(
      only(resources, "azure-native:compute:VirtualMachine").map(({ inputs }) => inputs["zones"]),
      [["1"], ["2"]],
    );
    for (const { inputs } of only(resources, "azure-native:network:NetworkInterface")) {
      assert.deepEqual([inputs["enableIPForwarding"], inputs["enableAcceleratedNetworking"]], [true, true]);
      const [configuration] = Object(inputs["ipConfigurations"]);
      assert.equal(configuration.privateIPAllocationMethod, "Static");
    }
    for (const { inputs } of only(resources, "azure-native:network:PublicIPAddress"))
      assert.deepEqual(
        [inputs["publicIPAllocationMethod"], inputs["sku"]],
        ["Static", { name: "Standard", tier: "Regional" }],
      );
  });

  it("replaces one machine at a time, the old one first", () => {
    const second = named(resources, "acme-weu-pair-b");
    assert.ok(second.dependsOn.includes("acme-weu-pair-a"));
    assert.ok(second.deleteBeforeReplace);
  });

  describe("least privilege", () => {
    it("gives no role to anybody, and machines no identity, no password and no extension", () => {
      assert.deepEqual(
        resources.filter(({ type }) => /authorization|managedidentity/i.test(type)),
        [],
      );
      for (const { inputs } of only(resources, "azure-native:compute:VirtualMachine")) {
        assert.ok(!("identity" in inputs));
        const { allowExtensionOperations, adminPassword, linuxConfiguration } = Object(inputs["osProfile"]);
        assert.deepEqual(
          [allowExtensionOperations, adminPassword, linuxConfiguration.disablePasswordAuthentication],
          [false, undefined, true],
        );
        assert.equal(linuxConfiguration.ssh.publicKeys.length, 1);
      }
    });

    it("admits SSH from the management ranges, the region's own networks, and exactly its peers", () => {
      const rules = [...resources, ...run.stack("acme.fabric-weu")].filter(
        ({ type }) => type === "azure-native:network:SecurityRule",
      );
      const peers = regionHandover
        .parse(run.handovers["acme.region-use1"])
        .gateways.map(({ publicAddress }) => `${publicAddress}/32`);
      assert.deepEqual(
        rules
          .filter(({ inputs }) => inputs["direction"] === "Inbound")
          .map(({ inputs }) => [
            inputs["access"],
            inputs["priority"],
            inputs["protocol"],
            inputs["sourceAddressPrefixes"] ?? inputs["sourceAddressPrefix"],
            inputs["destinationPortRanges"] ?? inputs["destinationPortRange"],
          ]),
        [
          ["Allow", 110, "*", ["10.30.0.0/16"], "*"],
          ["Deny", 4096, "*", "*", "*"],
          ["Allow", 100, "Tcp", ["203.0.113.0/24"], ["22"]],
          ["Allow", 120, "Udp", peers.sort(), ["500", "4500"]],
        ],
      );
      for (const { inputs } of rules) {
        assert.equal(inputs["networkSecurityGroupName"], "acme-weu-gateways");
        assert.equal(inputs["resourceGroupName"], "acme-weu");
      }
    });

    it("keeps what boots a machine secret", () => {
      for (const { name, inputs, secrets } of only(resources, "azure-native:compute:VirtualMachine")) {
        assert.ok(secrets.includes("osProfile.customData"), `${name}: ${secrets.join()}`);
        const script = Buffer.from(Object(inputs["osProfile"]).customData, "base64").toString();
        assert.match(script, /^#!\/bin\/sh\n/);
      }
    });

    it("has neither a security group nor a route table in the Route Server's subnet", () => {
      const { inputs } = named(resources, "acme-weu-network-RouteServerSubnet");
      for (const field of ["networkSecurityGroup", "routeTable", "delegations", "natGateway"])
        assert.ok(!(field in inputs), field);
    });
  });

  it("has a Route Server with every gateway's session, by the 16-bit alias, one change after the other", () => {
    const sessions = only(resources, "azure-native:network:VirtualHubBgpConnection");
    assert.ok(planned?.routeService.kind === "service" && planned.routeService.alias !== undefined);
    const { alias } = planned.routeService;
    assert.deepEqual(
      sessions.map(({ inputs }) => [inputs["connectionName"], inputs["peerAsn"], inputs["peerIp"]]),
      [
        ["a", alias, "10.30.0.4"],
        ["b", alias, "10.30.0.5"],
      ],
    );
    assert.ok(sessions[0]?.dependsOn.includes("acme-weu-pair-route-server-configuration"));
    assert.ok(sessions[1]?.dependsOn.includes("acme-weu-pair-a-session"));
    const [hub] = only(resources, "azure-native:network:VirtualHub");
    assert.equal(hub?.inputs["allowBranchToBranchTraffic"], false);
  });

  it("tags what takes tags with the fleet, the region and the user's own", () => {
    const tagged = resources.filter(({ inputs }) => "tags" in inputs);
    assert.ok(tagged.length >= 10);
    for (const { inputs } of tagged)
      assert.deepEqual(inputs["tags"], {
        team: "core",
        "trunkline-fleet": "acme",
        "trunkline-region": "weu",
      });
  });
});
