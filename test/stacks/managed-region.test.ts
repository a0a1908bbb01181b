import assert from "node:assert/strict";
import { factsFor } from "../../components/backbone/facts.plan";
import { derivePlan } from "../../fleet/derive";
import { parseFleet } from "../../fleet/parse";
import type { Plan } from "../../fleet/plan";
import { changedStacks, stackGraph } from "../../stacks/graph";
import { fabricHandover, regionHandover, trustHandover } from "../../stacks/handover";
import { named, only, type Recorded } from "../components/recorder";
import { type FleetRun, upFleet } from "./up";

function planned(...more: readonly string[]): Plan {
  const parsed = parseFleet(
    `fleet: acme
management: { allowFrom: [203.0.113.0/24] }
regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }
  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16, gateway: managed }
${more.join("\n")}
`,
    "fleet.yaml",
  );
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return derivePlan(parsed.value);
}

const plan = planned();
const file = "/etc/swanctl/conf.d/trunkline-psk.conf";

/** The files of a release that hold this, out of what is pushed. */
function filesOf({ inputs }: Recorded): string[] {
  return String(inputs["stdin"])
    .split("\n")
    .slice(2)
    .map((line) => Buffer.from(line.split(" ")[1] ?? "", "base64").toString());
}

describe("a region with a managed gateway, in the stacks", () => {
  let fleet: FleetRun;
  before(async () => {
    fleet = await upFleet(plan);
  });
  const region = () => fleet.stack("acme.region-euw1");
  const fabric = () => fleet.stack("acme.fabric-euw1");
  const connection = (letter: string) => named(fabric(), `acme-euw1-use1-${letter}-connection`).inputs;

  it("comes up before who calls it, and needs no machine, address or firewall of its own", () => {
    const order = stackGraph(plan).map(({ name }) => name);
    assert.ok(order.indexOf("acme.fabric-euw1") < order.indexOf("acme.fabric-use1"));
    assert.ok(
      stackGraph(plan)
        .find(({ name }) => name === "acme.fabric-use1")
        ?.dependsOn.includes("acme.fabric-euw1"),
    );
    assert.deepEqual(
      region()
        .filter(({ custom }) => custom)
        .map(({ type }) => type.split(":").at(-1))
        .sort(),
      [
        ...["Provider", "RouteTable"].slice(1),
        ...Array<string>(4).fill("RouteTableAssociation"),
        ...Array<string>(4).fill("Subnet"),
        ...["TransitGateway", "Vpc", "VpcAttachment", "aws"],
      ],
    );
  });

  it("is a transit gateway with the region's ASN, attached in subnets of its own", () => {
    const gateway = named(region(), "acme-euw1-managed-gateway").inputs;
    assert.equal(gateway["amazonSideAsn"], plan.regions.find(({ name }) => name === "euw1")?.asn);
    assert.equal(gateway["vpnEcmpSupport"], "enable");
    assert.equal(gateway["autoAcceptSharedAttachments"], "disable");
    assert.deepEqual(named(region(), "acme-euw1-managed-network").inputs["subnetIds"], [
      "acme-euw1-network-attachment-a-id",
      "acme-euw1-network-attachment-b-id",
    ]);
  });

  it("hands on its transit gateway and table, and no gateway", () => {
    const handover = regionHandover.parse(fleet.handovers["acme.region-euw1"]);
    assert.deepEqual(handover.transitGateway, {
      id: "acme-euw1-managed-gateway-id",
      routeTables: { workloads: "acme-euw1-network-private-id" },
    });
    assert.deepEqual([handover.gateways, handover.securityGroupId], [[], undefined]);
  });

  it("has a customer gateway at each own gateway's public address, with that region's ASN", () => {
    const { gateways } = regionHandover.parse(fleet.handovers["acme.region-use1"]);
    const asn = String(plan.regions.find(({ name }) => name === "use1")?.asn);
    for (const { id, publicAddress } of gateways) {
      const { inputs } = named(fabric(), `acme-euw1-${id}-peer`);
      assert.deepEqual([inputs["ipAddress"], inputs["bgpAsnExtended"]], [publicAddress, asn]);
    }
    assert.equal(only(fabric(), "aws:ec2/customerGateway:CustomerGateway").length, 2);
    assert.equal(only(fabric(), "aws:ec2/vpnConnection:VpnConnection").length, 2);
  });

  it("pins every option of both tunnels, each with the plan's inside network and a key of its own", () => {
    const tunnels = plan.links.flatMap((link) => link.tunnels);
    const keys = new Set<unknown>();
    for (const letter of ["a", "b"])
      for (const number of [1, 2]) {
        const planned = tunnels.find(
          ({ managed }) => managed?.connection === `use1-${letter}` && managed.number === number,
        );
        const of = (field: string) => connection(letter)[`tunnel${String(number)}${field}`];
        assert.equal(of("InsideCidr"), planned?.managed?.insideCidr);
        assert.deepEqual(of("Phase1EncryptionAlgorithms"), ["AES256-GCM-16"]);
        assert.deepEqual(of("Phase1DhGroupNumbers"), [20]);
        assert.deepEqual(of("Phase2DhGroupNumbers"), [20]);
        assert.deepEqual(of("IkeVersions"), ["ikev2"]);
        assert.deepEqual(
          [of("StartupAction"), of("DpdTimeoutAction"), of("DpdTimeoutSeconds")],
          ["add", "clear", 30],
        );
        assert.match(String(of("PresharedKey")), /^[A-Za-z1-9._][A-Za-z0-9._]{42}$/);
        keys.add(of("PresharedKey"));
      }
    assert.equal(keys.size, 4);
    // Of a field that stands for one tunnel alone the other would have AWS' defaults.
    const fields = (tunnel: string) =>
      Object.keys(connection("a"))
        .filter((field) => field.startsWith(tunnel))
        .map((field) => field.slice(tunnel.length))
        .sort();
    assert.deepEqual(fields("tunnel1"), fields("tunnel2"));
    assert.equal(fields("tunnel1").length, 17);
  });

  it("asks for its keys as secrets, and hands on none", () => {
    for (const letter of ["a", "b"])
      assert.deepEqual(
        named(fabric(), `acme-euw1-use1-${letter}-connection`)
          .secrets.filter((path) => /Key/.test(path))
          .sort(),
        ["tunnel1PresharedKey", "tunnel2PresharedKey"],
      );
    const handover = JSON.stringify(fabricHandover.parse(fleet.handovers["acme.fabric-euw1"]));
    for (const letter of ["a", "b"])
      for (const number of ["1", "2"])
        assert.ok(!handover.includes(String(connection(letter)[`tunnel${number}PresharedKey`])));
  });

  it("keeps of its keys what they are derived of in the trust stack alone", () => {
    const seeds = only(fleet.stack("acme.trust"), "tls:index/privateKey:PrivateKey").filter(({ name }) =>
      name.endsWith("-ppk"),
    );
    assert.deepEqual(seeds.map(({ name }) => name).sort(), ["acme-euw1-ppk", "acme-use1-ppk"]);
    const { ppkSeeds = {}, gateways } = trustHandover.parse(fleet.handovers["acme.trust"]);
    assert.deepEqual(Object.keys(ppkSeeds).sort(), ["euw1", "use1"]);
    assert.deepEqual(gateways.map(({ id }) => id).sort(), ["use1-a", "use1-b"]);
  });

  for (const letter of ["a", "b"])
    it(`gateway use1-${letter} is told the same keys and addresses, in a release that is a secret`, () => {
      const release = named(fleet.stack("acme.fabric-use1"), `acme-use1-${letter}-release-ensure`);
      assert.ok(release.secrets.includes("stdin"));
      const { managedAddresses = {} } = fabricHandover.parse(fleet.handovers["acme.fabric-euw1"]);
      const { gateways } = regionHandover.parse(fleet.handovers["acme.region-use1"]);
      const own = gateways.find(({ id }) => id === `use1-${letter}`)?.publicAddress ?? "";
      const [text = ""] = filesOf(release).filter((content) => content.includes("\nsecrets {\n"));
      for (const number of [1, 2]) {
        const tunnel = `euw1-${String(number)}~use1-${letter}`;
        const key = String(connection(letter)[`tunnel${String(number)}PresharedKey`]);
        assert.ok(
          text.includes(
            `  ike-${tunnel} {\n    id-own = ${own}\n    id-peer = ${managedAddresses[tunnel] ?? "none"}\n    secret = "${key}"\n`,
          ),
          file,
        );
      }
      assert.ok(!text.includes(`use1-${letter === "a" ? "b" : "a"}`));
    });

  it("is admitted by the gateways' firewall at each of its addresses, and by nothing else", () => {
    const { managedAddresses = {} } = fabricHandover.parse(fleet.handovers["acme.fabric-euw1"]);
    assert.equal(Object.keys(managedAddresses).length, 4);
    assert.deepEqual(
      only(fleet.stack("acme.fabric-use1"), "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        .map(({ inputs }) => `${String(inputs["cidrIpv4"])} ${String(inputs["fromPort"])}`)
        .sort(),
      Object.values(managedAddresses)
        .flatMap((address) => [`${address}/32 4500`, `${address}/32 500`])
        .sort(),
    );
  });

  it("has the network's routes to the others lead to it", () => {
    assert.deepEqual(
      only(fabric(), "aws:ec2/route:Route").map(({ inputs }) => [
        inputs["destinationCidrBlock"],
        inputs["transitGatewayId"],
        inputs["routeTableId"],
      ]),
      [["10.10.0.0/16", "acme-euw1-managed-gateway-id", "acme-euw1-network-private-id"]],
    );
  });

  it("refuses a release before its connections are there, and says which stack is to come up", () => {
    const regions = ["euw1", "use1"].map((name) =>
      regionHandover.parse(fleet.handovers[`acme.region-${name}`]),
    );
    const trust = trustHandover.parse(fleet.handovers["acme.trust"]);
    assert.throws(
      () => factsFor(plan, "use1-a", regions, trust, []),
      /fabric of region euw1 has handed on no address of the tunnel euw1-1~use1-a\. Bring that stack up/,
    );
  });

  it("is linked with gateways of ours on any cloud", async () => {
    const mixed = planned(
      "  usc1: { cloud: gcp, region: us-central1, cidr: 10.30.0.0/16 }",
      "  weu: { cloud: azure, region: westeurope, cidr: 10.40.0.0/16 }",
    );
    const { stack, handovers } = await upFleet(mixed);
    const published = ["usc1", "use1", "weu"].flatMap((name) =>
      regionHandover
        .parse(handovers[`acme.region-${name}`])
        .gateways.map(({ publicAddress }) => publicAddress),
    );
    assert.deepEqual(
      only(stack("acme.fabric-euw1"), "aws:ec2/customerGateway:CustomerGateway")
        .map(({ inputs }) => String(inputs["ipAddress"]))
        .sort(),
      published.sort(),
    );
    const { managedAddresses = {} } = fabricHandover.parse(handovers["acme.fabric-euw1"]);
    for (const region of ["usc1", "weu"])
      for (const letter of ["a", "b"]) {
        const release = named(stack(`acme.fabric-${region}`), `acme-${region}-${letter}-release-ensure`);
        const text = filesOf(release).join("\n");
        for (const number of [1, 2]) {
          const id = `euw1-${String(number)}~${region}-${letter}`;
          assert.ok(text.includes(`remote_addrs = ${managedAddresses[id] ?? "none"}`), id);
        }
      }
  });

  it("one more own region changes its connections, the newcomer's stacks and no region's own", () => {
    const more = planned("  apne1: { cloud: aws, region: ap-northeast-1, cidr: 10.30.0.0/16 }");
    assert.deepEqual(
      changedStacks(plan, more).map(({ name }) => name),
      ["acme.region-apne1", "acme.trust", "acme.fabric-euw1", "acme.fabric-use1", "acme.fabric-apne1"],
    );
  });
});
