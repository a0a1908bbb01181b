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
  euw1: { cloud: gcp, region: europe-west1, cidrs: [10.20.0.0/16, 10.21.0.0/16], gateway: managed, tags: { team: net } }
${more.join("\n")}
`,
    "fleet.yaml",
  );
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return derivePlan(parsed.value);
}

const plan = planned();

/** The text of a release, out of what is pushed. */
function releaseText({ inputs }: Recorded): string {
  return String(inputs["stdin"])
    .split("\n")
    .slice(2)
    .map((line) => Buffer.from(line.split(" ")[1] ?? "", "base64").toString())
    .join("\n");
}

describe("a region of Google Cloud with a managed gateway, in the stacks", () => {
  let fleet: FleetRun;
  before(async () => {
    fleet = await upFleet(plan);
  });
  const region = () => fleet.stack("acme.region-euw1");
  const fabric = () => fleet.stack("acme.fabric-euw1");
  const asnOf = (name: string) => plan.regions.find((one) => one.name === name)?.asn;

  it("is a network with subnets for workloads, HA VPN and a Cloud Router, and nothing else", () => {
    assert.deepEqual(
      region()
        .filter(({ custom }) => custom)
        .map(({ type }) => type.split(":").at(-1))
        .sort(),
      ["HaVpnGateway", "Network", "Router", "Subnetwork", "Subnetwork", "gcp"],
    );
    assert.equal(named(region(), "acme-euw1-network-vpc").protect, true);
  });

  it("tells others of its networks, as they accept them, with the region's ASN", () => {
    const { inputs } = named(region(), "acme-euw1-managed-router");
    assert.deepEqual(inputs["bgp"], {
      asn: asnOf("euw1"),
      keepaliveInterval: 20,
      advertiseMode: "CUSTOM",
      advertisedIpRanges: [{ range: "10.20.0.0/16" }, { range: "10.21.0.0/16" }],
    });
  });

  it("hands on its gateway, its router and the addresses of both interfaces, and no gateway of ours", () => {
    const { vpnGateway, gateways, transitGateway, securityGroupId } = regionHandover.parse(
      fleet.handovers["acme.region-euw1"],
    );
    assert.equal(vpnGateway?.id, "acme-euw1-managed-gateway-id");
    assert.equal(vpnGateway.router, "acme-euw1-router");
    assert.equal(new Set(vpnGateway.addresses).size, 2);
    assert.deepEqual([gateways, transitGateway, securityGroupId], [[], undefined, undefined]);
  });

  it("has an external VPN gateway for each gateway of ours, at its public address", () => {
    const { gateways } = regionHandover.parse(fleet.handovers["acme.region-use1"]);
    assert.equal(only(fabric(), "gcp:compute/externalVpnGateway:ExternalVpnGateway").length, 2);
    for (const { id, publicAddress } of gateways) {
      const { inputs } = named(fabric(), `acme-euw1-${id}-peer`);
      assert.equal(inputs["name"], `acme-euw1-${id}`);
      assert.equal(inputs["redundancyType"], "SINGLE_IP_INTERNALLY_REDUNDANT");
      assert.deepEqual(inputs["interfaces"], [{ id: 0, ipAddress: publicAddress }]);
    }
  });

  it("has a tunnel from each interface to each gateway, every word of its suite said, and a key of its own", () => {
    const keys = new Set<unknown>();
    for (const letter of ["a", "b"])
      for (const number of [0, 1]) {
        const { inputs, secrets, deleteBeforeReplace } = named(
          fabric(),
          `acme-euw1-use1-${letter}-tunnel-${String(number)}`,
        );
        assert.equal(inputs["name"], `acme-euw1-use1-${letter}-${String(number)}`);
        assert.equal(inputs["vpnGateway"], "acme-euw1-managed-gateway-id");
        assert.equal(inputs["vpnGatewayInterface"], number);
        assert.equal(inputs["peerExternalGateway"], `acme-euw1-use1-${letter}-peer-id`);
        assert.equal(inputs["peerExternalGatewayInterface"], 0);
        assert.equal(inputs["router"], "acme-euw1-router");
        assert.equal(inputs["ikeVersion"], 2);
        assert.deepEqual(inputs["cipherSuite"], {
          phase1: { encryptions: ["AES-GCM-16-256"], prves: ["PRF-HMAC-SHA2-384"], dhs: ["Group-20"] },
          phase2: { encryptions: ["AES-GCM-16-256"], pfs: ["Group-20"] },
        });
        assert.match(String(inputs["sharedSecret"]), /^[A-Za-z1-9._][A-Za-z0-9._]{42}$/);
        assert.deepEqual(secrets, ["sharedSecret"]);
        assert.equal(deleteBeforeReplace, true);
        keys.add(inputs["sharedSecret"]);
      }
    assert.equal(keys.size, 4);
  });

  it("has a Cloud Router's interface and peer for each tunnel, at the plan's inside addresses", () => {
    const tunnels = plan.links.flatMap((link) => link.tunnels);
    for (const letter of ["a", "b"])
      for (const number of [0, 1]) {
        const told = tunnels.find(
          ({ managed }) => managed?.connection === `use1-${letter}` && managed.number === number + 1,
        );
        const ends = told?.ends.map(({ inside }) => inside) ?? [];
        const inside = named(fabric(), `acme-euw1-use1-${letter}-interface-${String(number)}`).inputs;
        assert.equal(inside["ipRange"], ends[0]);
        assert.equal(inside["vpnTunnel"], `acme-euw1-use1-${letter}-${String(number)}`);
        const session = named(fabric(), `acme-euw1-use1-${letter}-session-${String(number)}`).inputs;
        assert.equal(session["peerIpAddress"], ends[1]?.replace("/30", ""));
        assert.equal(session["peerAsn"], asnOf("use1"));
        assert.equal(session["interface"], inside["name"]);
      }
  });

  it("has no route to write: the network learns them by BGP", () => {
    assert.deepEqual(
      fabric().filter(({ type }) => /route(:|Table)/i.test(type)),
      [],
    );
  });

  it("hands on the address of its interface for each tunnel, and no key", () => {
    const { vpnGateway } = regionHandover.parse(fleet.handovers["acme.region-euw1"]);
    const { managedAddresses = {} } = fabricHandover.parse(fleet.handovers["acme.fabric-euw1"]);
    const [first, second] = vpnGateway?.addresses ?? [];
    assert.deepEqual(managedAddresses, {
      "euw1-1~use1-a": first,
      "euw1-1~use1-b": first,
      "euw1-2~use1-a": second,
      "euw1-2~use1-b": second,
    });
    const handover = JSON.stringify(fleet.handovers["acme.fabric-euw1"]);
    for (const { inputs } of only(fabric(), "gcp:compute/vPNTunnel:VPNTunnel"))
      assert.ok(!handover.includes(String(inputs["sharedSecret"])));
  });

  it("is admitted by the gateways' firewall at each interface once, since both gateways call the same", () => {
    const { vpnGateway } = regionHandover.parse(fleet.handovers["acme.region-euw1"]);
    assert.deepEqual(
      only(fleet.stack("acme.fabric-use1"), "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        .map(({ inputs }) => `${String(inputs["cidrIpv4"])} ${String(inputs["fromPort"])}`)
        .sort(),
      (vpnGateway?.addresses ?? []).flatMap((address) => [`${address}/32 4500`, `${address}/32 500`]).sort(),
    );
  });

  it("has its labels where Google has labels", () => {
    for (const name of ["acme-euw1-use1-a-peer", "acme-euw1-use1-a-tunnel-0"])
      assert.deepEqual(named(fabric(), name).inputs["labels"], {
        team: "net",
        "trunkline-fleet": "acme",
        "trunkline-region": "euw1",
      });
  });

  it("comes up before who calls it, and is called with its keys by gateways of any cloud", async () => {
    const mixed = planned(
      "  usc1: { cloud: gcp, region: us-central1, cidr: 10.30.0.0/16 }",
      "  weu: { cloud: azure, region: westeurope, cidr: 10.40.0.0/16 }",
    );
    const order = stackGraph(mixed).map(({ name }) => name);
    const { stack, handovers } = await upFleet(mixed);
    const { managedAddresses = {} } = fabricHandover.parse(handovers["acme.fabric-euw1"]);
    for (const name of ["usc1", "use1", "weu"]) {
      assert.ok(order.indexOf("acme.fabric-euw1") < order.indexOf(`acme.fabric-${name}`));
      for (const letter of ["a", "b"]) {
        const gateway = `${name}-${letter}`;
        const release = named(stack(`acme.fabric-${name}`), `acme-${gateway}-release-ensure`);
        assert.ok(release.secrets.includes("stdin"));
        const text = releaseText(release);
        for (const number of [1, 2]) {
          const id = `euw1-${String(number)}~${gateway}`;
          const tunnel = named(
            stack("acme.fabric-euw1"),
            `acme-euw1-${gateway}-tunnel-${String(number - 1)}`,
          ).inputs;
          assert.ok(text.includes(`remote_addrs = ${managedAddresses[id] ?? "none"}`), id);
          assert.ok(text.includes(`secret = "${String(tunnel["sharedSecret"])}"`), id);
        }
      }
    }
    const published = ["usc1", "use1", "weu"].flatMap((name) =>
      regionHandover
        .parse(handovers[`acme.region-${name}`])
        .gateways.map(({ publicAddress }) => publicAddress),
    );
    assert.deepEqual(
      only(stack("acme.fabric-euw1"), "gcp:compute/externalVpnGateway:ExternalVpnGateway")
        .map(({ inputs }) => JSON.stringify(inputs["interfaces"]))
        .sort(),
      published.map((ipAddress) => JSON.stringify([{ id: 0, ipAddress }])).sort(),
    );
  });
});
