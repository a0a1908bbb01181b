import assert from "node:assert/strict";
import { derivePlan } from "../../fleet/derive";
import { parseFleet } from "../../fleet/parse";
import type { Plan } from "../../fleet/plan";
import { stackGraph } from "../../stacks/graph";
import { fabricHandover, regionHandover } from "../../stacks/handover";
import { named, only, type Recorded } from "../components/recorder";
import { type FleetRun, upFleet } from "./up";

function planned(...more: readonly string[]): Plan {
  const parsed = parseFleet(
    `fleet: acme
management: { allowFrom: [203.0.113.0/24] }
regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }
  weu: { cloud: azure, region: westeurope, cidrs: [10.20.0.0/16, 10.21.0.0/16], gateway: managed, size: VpnGw2AZ, insideCidr: 169.254.21.4/30, tags: { team: net } }
${more.join("\n")}
`,
    "fleet.yaml",
  );
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return derivePlan(parsed.value);
}

const plan = planned();
const gatewayId =
  "/subscriptions/s/resourceGroups/acme-weu/providers/Microsoft.Network/virtualNetworkGateways/acme-weu-vpn";
const configurations = [0, 1].map((index) => `${gatewayId}/ipConfigurations/instance-${String(index)}`);

/** The text of a release, out of what is pushed. */
function releaseText({ inputs }: Recorded): string {
  return String(inputs["stdin"])
    .split("\n")
    .slice(2)
    .map((line) => Buffer.from(line.split(" ")[1] ?? "", "base64").toString())
    .join("\n");
}

describe("a region of Azure with a managed gateway, in the stacks", () => {
  let fleet: FleetRun;
  before(async () => {
    fleet = await upFleet(plan);
  });
  const region = () => fleet.stack("acme.region-weu");
  const fabric = () => fleet.stack("acme.fabric-weu");
  const asnOf = (name: string) => plan.regions.find((one) => one.name === name)?.asn;

  it("is a network with a subnet for the gateway and for workloads, an active-active VPN gateway, and nothing else", () => {
    assert.deepEqual(
      region()
        .filter(({ custom }) => custom)
        .map(({ type }) => type.split(":").at(-1))
        .sort(),
      [
        ...["PublicIPAddress", "PublicIPAddress", "ResourceGroup", "Subnet", "Subnet", "Subnet"],
        ...["VirtualNetwork", "VirtualNetworkGateway", "azure-native"],
      ],
    );
    for (const name of [
      "network-group",
      "network-vnet",
      "managed-instance-0-address",
      "managed-instance-1-address",
    ])
      assert.equal(named(region(), `acme-weu-${name}`).protect, true, name);
    assert.equal(named(region(), "acme-weu-network-GatewaySubnet").inputs["addressPrefix"], "10.20.0.0/27");
  });

  it("has two instances with a fixed address each, over all zones, that speak BGP from addresses of Azure's range", () => {
    const { inputs } = named(region(), "acme-weu-managed-gateway");
    assert.deepEqual(inputs["sku"], { name: "VpnGw2AZ", tier: "VpnGw2AZ" });
    assert.deepEqual(
      [inputs["gatewayType"], inputs["vpnType"], inputs["activeActive"], inputs["enableBgp"]],
      ["Vpn", "RouteBased", true, true],
    );
    assert.deepEqual(
      inputs["ipConfigurations"],
      [0, 1].map((index) => ({
        name: `instance-${String(index)}`,
        privateIPAllocationMethod: "Dynamic",
        publicIPAddress: { id: `acme-weu-managed-instance-${String(index)}-address-id` },
        subnet: {
          id: "/subscriptions/s/resourceGroups/acme-weu/providers/Microsoft.Network/virtualNetworks/acme-weu-network/subnets/GatewaySubnet",
        },
      })),
    );
    assert.deepEqual(inputs["bgpSettings"], {
      asn: asnOf("weu"),
      bgpPeeringAddresses: configurations.map((ipconfigurationId, index) => ({
        ipconfigurationId,
        customBgpIpAddresses: [`169.254.21.${String(5 + index)}`],
      })),
    });
    assert.deepEqual(named(region(), "acme-weu-managed-instance-0-address").inputs["zones"], ["1", "2", "3"]);
  });

  it("hands on its gateway and the addresses of both instances, and no gateway of ours", () => {
    const { vpnGateway, gateways, transitGateway, securityGroupId } = regionHandover.parse(
      fleet.handovers["acme.region-weu"],
    );
    assert.equal(vpnGateway?.id, gatewayId);
    assert.equal(vpnGateway.router, undefined);
    assert.equal(new Set(vpnGateway.addresses).size, 2);
    assert.deepEqual([gateways, transitGateway, securityGroupId], [[], undefined, undefined]);
  });

  it("has a local network gateway for each gateway of ours, at its public address, told of no address space", () => {
    const { gateways } = regionHandover.parse(fleet.handovers["acme.region-use1"]);
    assert.equal(only(fabric(), "azure-native:network:LocalNetworkGateway").length, 2);
    const tunnels = plan.links.flatMap((link) => link.tunnels);
    for (const { id, publicAddress } of gateways) {
      const { inputs } = named(fabric(), `acme-weu-${id}-peer`);
      const own = tunnels.filter(({ managed }) => managed?.connection === id).flatMap(({ ends }) => ends);
      const inside = own.find(({ gateway }) => gateway === id)?.inside;
      assert.equal(inputs["localNetworkGatewayName"], `acme-weu-${id}`);
      assert.equal(inputs["resourceGroupName"], "acme-weu");
      assert.equal(inputs["gatewayIpAddress"], publicAddress);
      assert.equal(inputs["localNetworkAddressSpace"], undefined);
      assert.deepEqual(inputs["bgpSettings"], {
        asn: asnOf("use1"),
        bgpPeeringAddress: inside?.replace("/32", ""),
      });
    }
  });

  it("has a connection with each, every word of its suite said, that waits to be called, with a key of its own", () => {
    const keys = new Set<unknown>();
    for (const letter of ["a", "b"]) {
      const { inputs, secrets } = named(fabric(), `acme-weu-use1-${letter}-connection`);
      assert.deepEqual(inputs["ipsecPolicies"], [
        {
          ikeEncryption: "GCMAES256",
          ikeIntegrity: "SHA384",
          dhGroup: "ECP384",
          ipsecEncryption: "GCMAES256",
          ipsecIntegrity: "GCMAES256",
          pfsGroup: "ECP384",
          saLifeTimeSeconds: 27000,
          saDataSizeKilobytes: 102400000,
        },
      ]);
      assert.deepEqual(
        ["connectionType", "connectionProtocol", "connectionMode", "enableBgp", "dpdTimeoutSeconds"].map(
          (key) => inputs[key],
        ),
        ["IPsec", "IKEv2", "ResponderOnly", true, 45],
      );
      assert.equal(inputs["usePolicyBasedTrafficSelectors"], false);
      assert.deepEqual(inputs["virtualNetworkGateway1"], { id: gatewayId });
      assert.deepEqual(inputs["localNetworkGateway2"], { id: `acme-weu-use1-${letter}-peer-id` });
      assert.deepEqual(
        inputs["gatewayCustomBgpIpAddresses"],
        configurations.map((ipConfigurationId, index) => ({
          ipConfigurationId,
          customBgpIpAddress: `169.254.21.${String(5 + index)}`,
        })),
      );
      assert.match(String(inputs["sharedKey"]), /^[A-Za-z1-9._][A-Za-z0-9._]{42}$/);
      assert.deepEqual(secrets, ["sharedKey"]);
      keys.add(inputs["sharedKey"]);
    }
    assert.equal(keys.size, 2);
  });

  it("has no route to write: the network learns them by BGP", () => {
    assert.deepEqual(
      fabric().filter(({ type }) => /route(:|Table)/i.test(type)),
      [],
    );
  });

  it("hands on the address of its instance for each tunnel, and no key", () => {
    const { vpnGateway } = regionHandover.parse(fleet.handovers["acme.region-weu"]);
    const { managedAddresses = {} } = fabricHandover.parse(fleet.handovers["acme.fabric-weu"]);
    const [first, second] = vpnGateway?.addresses ?? [];
    assert.deepEqual(managedAddresses, {
      "use1-a~weu-1": first,
      "use1-a~weu-2": second,
      "use1-b~weu-1": first,
      "use1-b~weu-2": second,
    });
    const handover = JSON.stringify(fleet.handovers["acme.fabric-weu"]);
    for (const { inputs } of only(fabric(), "azure-native:network:VirtualNetworkGatewayConnection"))
      assert.ok(!handover.includes(String(inputs["sharedKey"])));
  });

  it("is admitted by the gateways' firewall at each instance once, since both gateways call the same", () => {
    const { vpnGateway } = regionHandover.parse(fleet.handovers["acme.region-weu"]);
    assert.deepEqual(
      only(fleet.stack("acme.fabric-use1"), "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        .map(({ inputs }) => `${String(inputs["cidrIpv4"])} ${String(inputs["fromPort"])}`)
        .sort(),
      (vpnGateway?.addresses ?? []).flatMap((address) => [`${address}/32 4500`, `${address}/32 500`]).sort(),
    );
  });

  it("has its tags where Azure has tags", () => {
    for (const name of ["acme-weu-use1-a-peer", "acme-weu-use1-a-connection"])
      assert.deepEqual(named(fabric(), name).inputs["tags"], {
        team: "net",
        "trunkline-fleet": "acme",
        "trunkline-region": "weu",
      });
  });

  it("comes up before who calls it, and is called with its keys by gateways of any cloud", async () => {
    const mixed = planned(
      "  usc1: { cloud: gcp, region: us-central1, cidr: 10.30.0.0/16 }",
      "  neu: { cloud: azure, region: northeurope, cidr: 10.40.0.0/16 }",
    );
    const order = stackGraph(mixed).map(({ name }) => name);
    const { stack, handovers } = await upFleet(mixed);
    const { managedAddresses = {} } = fabricHandover.parse(handovers["acme.fabric-weu"]);
    for (const name of ["neu", "usc1", "use1"]) {
      assert.ok(order.indexOf("acme.fabric-weu") < order.indexOf(`acme.fabric-${name}`));
      for (const letter of ["a", "b"]) {
        const gateway = `${name}-${letter}`;
        const release = named(stack(`acme.fabric-${name}`), `acme-${gateway}-release-ensure`);
        assert.ok(release.secrets.includes("stdin"));
        const text = releaseText(release);
        const { inputs } = named(stack("acme.fabric-weu"), `acme-weu-${gateway}-connection`);
        assert.ok(text.includes(`secret = "${String(inputs["sharedKey"])}"`), gateway);
        for (const number of [1, 2]) {
          const id = [`${gateway}`, `weu-${String(number)}`].sort().join("~");
          assert.ok(text.includes(`remote_addrs = ${managedAddresses[id] ?? "none"}`), id);
        }
      }
    }
  });
});
