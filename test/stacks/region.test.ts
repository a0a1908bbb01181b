import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { regionHandover } from "../../stacks/handover";
import { stackProgram } from "../../stacks/program";
import { named, only, type Recorded, run } from "../components/recorder";
import { samplePlan } from "../components/sample-plan";

const plan = samplePlan(["euw1", "use1"]);
const stack = "acme.region-use1";

describe("stacks/region", () => {
  let resources: readonly Recorded[];
  let calls: readonly { readonly provider: string }[];
  let handover: unknown;
  before(async () => {
    const done = await run(stackProgram(plan, stack));
    resources = done.resources;
    calls = done.calls;
    handover = done.result.handover;
  });

  it("hands on what the schema says", () => {
    regionHandover.parse(handover);
  });

  it("keeps the hand-over secret: it holds the key that may push", async () => {
    const { result } = await run(async () => {
      const { handover } = await stackProgram(plan, stack)();
      return pulumi.isSecret(pulumi.output(handover));
    });
    assert.equal(result, true);
  });

  it("gives every resource of AWS the region's own provider", () => {
    assert.equal(named(resources, "acme-use1-cloud").inputs["region"], "us-east-1");
    for (const { type, name, provider } of resources)
      if (type.startsWith("aws:")) assert.equal(provider, "acme-use1-cloud", `${type} ${name}`);
  });

  it("asks the region's own provider for the image", () => {
    assert.deepEqual(
      calls.map(({ provider }) => provider),
      ["acme-use1-cloud", "acme-use1-cloud"],
    );
  });

  it("protects the network and the addresses, and nothing else", () => {
    assert.deepEqual(
      resources.filter((resource) => resource.protect).map(({ name }) => name),
      ["acme-use1-pair-a-address", "acme-use1-pair-b-address", "acme-use1-network-vpc"],
    );
  });

  it("protects nothing where it is told so", async () => {
    const done = await run(stackProgram(plan, stack, { protect: false }));
    assert.ok(done.resources.every((resource) => !resource.protect));
  });

  describe("least privilege", () => {
    it("admits nothing from the whole internet", () => {
      for (const { name, inputs } of only(
        resources,
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
      ))
        assert.notEqual(inputs["cidrIpv4"], "0.0.0.0/0", name);
    });

    it("admits SSH from the management ranges; besides them only the network's own blocks enter", () => {
      const rules = only(resources, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
      assert.deepEqual(
        rules.map(({ inputs }) => [
          inputs["cidrIpv4"],
          inputs["ipProtocol"],
          inputs["fromPort"],
          inputs["toPort"],
        ]),
        [
          ["10.89.0.0/16", "-1", undefined, undefined],
          ["203.0.113.0/24", "tcp", 22, 22],
        ],
      );
    });

    it("makes no role, policy or instance profile", () => {
      assert.deepEqual(
        resources.filter(({ type }) => type.startsWith("aws:iam")),
        [],
      );
      for (const { inputs } of only(resources, "aws:ec2/instance:Instance"))
        assert.equal(inputs["iamInstanceProfile"], undefined);
    });

    it("asks for IMDSv2 and an encrypted disk", () => {
      for (const { inputs } of only(resources, "aws:ec2/instance:Instance")) {
        assert.deepEqual(inputs["metadataOptions"], {
          httpEndpoint: "enabled",
          httpTokens: "required",
          httpPutResponseHopLimit: 1,
        });
        assert.deepEqual(inputs["rootBlockDevice"], {
          encrypted: true,
          volumeType: "gp3",
          volumeSize: 16,
          deleteOnTermination: true,
        });
      }
    });

    it("gives workloads' subnets no public address and no way to the internet", () => {
      for (const { inputs } of only(resources, "aws:ec2/subnet:Subnet"))
        assert.equal(inputs["mapPublicIpOnLaunch"], false);
      assert.deepEqual(
        only(resources, "aws:ec2/route:Route").map(({ inputs }) => inputs["routeTableId"]),
        ["acme-use1-network-public-id"],
      );
      const association = named(resources, "acme-use1-network-workload-a-routes");
      assert.equal(association.inputs["routeTableId"], "acme-use1-network-private-id");
    });

    it("shows private keys in secret inputs only", () => {
      for (const { name, inputs, secrets } of resources) {
        const shown = Object.entries(inputs).filter(
          ([key]) => !secrets.some((path) => path.split(".")[0] === key),
        );
        assert.doesNotMatch(JSON.stringify([name, shown]), /PRIVATE/, name);
      }
      assert.ok(named(resources, "acme-use1-pair-a").secrets.includes("userData"));
    });
  });

  describe("machines", () => {
    it("forward: no source/destination check on their cards", () => {
      for (const { inputs } of only(resources, "aws:ec2/networkInterface:NetworkInterface"))
        assert.equal(inputs["sourceDestCheck"], false);
    });

    it("come, and are replaced, one after the other", () => {
      const [a, b] = [named(resources, "acme-use1-pair-a"), named(resources, "acme-use1-pair-b")];
      assert.ok(b.dependsOn.includes("acme-use1-pair-a"));
      assert.ok(!a.dependsOn.includes("acme-use1-pair-b"));
      for (const machine of [a, b]) {
        assert.equal(machine.deleteBeforeReplace, true);
        assert.equal(machine.replacementTrigger, 1);
      }
    });

    it("keep image and user data until their epoch changes", () => {
      const pinned = named(resources, "acme-use1-pair-a-boot");
      assert.equal(pinned.type, "pulumi:index:Stash");
      assert.equal(pinned.replacementTrigger, 1);
      const machine = named(resources, "acme-use1-pair-a");
      assert.ok(machine.dependsOn.includes("acme-use1-pair-a-boot"));
      assert.equal(machine.inputs["ami"], "ami-0123456789");
      // The engine would reuse the old values in a replacement, too.
      assert.deepEqual(machine.ignoreChanges, []);
    });

    it("have their public address before they boot, which needs the internet gateway", () => {
      assert.ok(named(resources, "acme-use1-pair-a").dependsOn.includes("acme-use1-pair-a-address-card"));
      assert.ok(
        named(resources, "acme-use1-pair-a-address-card").dependsOn.includes("acme-use1-network-internet"),
      );
    });
  });

  describe("route server", () => {
    it("is associated before endpoints and propagation", () => {
      for (const name of ["endpoint-a", "endpoint-b", "routes-workloads"])
        assert.ok(
          named(resources, `acme-use1-pair-${name}`).dependsOn.includes("acme-use1-pair-routes-network"),
          name,
        );
    });

    it("peers with every gateway at every endpoint, by BFD", () => {
      const peers = only(resources, "aws:vpc/routeServerPeer:RouteServerPeer");
      assert.deepEqual(
        peers.map(({ name }) => name),
        ["a-endpoint-a", "a-endpoint-b", "b-endpoint-a", "b-endpoint-b"].map(
          (end) => `acme-use1-pair-${end}-peer`,
        ),
      );
      for (const { inputs } of peers)
        assert.deepEqual(inputs["bgpOptions"], { peerAsn: 4200000089, peerLivenessDetection: "bfd" });
    });

    it("propagates to the workloads' table", () => {
      const propagation = named(resources, "acme-use1-pair-routes-workloads");
      assert.equal(propagation.inputs["routeTableId"], "acme-use1-network-private-id");
    });
  });

  it("makes the blocks of a region with several before their subnets", async () => {
    const several = samplePlan(["use1"], { cidrs: ["10.89.0.0/16", "10.201.0.0/16"] });
    const done = await run(stackProgram(several, stack));
    const block = named(done.resources, "acme-use1-network-cidr-2");
    assert.equal(block.inputs["cidrBlock"], "10.201.0.0/16");
    for (const subnet of only(done.resources, "aws:ec2/subnet:Subnet"))
      assert.ok(subnet.dependsOn.includes(block.name));
  });

  describe("with IPv6", () => {
    const block = "fd8a:1b2c:3d00::/56";
    const sample = samplePlan(["use1"]);
    const dual = {
      ...sample,
      regions: sample.regions.map((region) => ({
        ...region,
        ipv6: { cidr: block, pool: "ipam-pool-0123456789abcdef0" },
        network: {
          subnets: region.network.subnets.map((subnet, index) => ({
            ...subnet,
            ipv6: `fd8a:1b2c:3d00:${String(index + 1)}::/64`,
          })),
        },
      })),
    };
    let made: readonly Recorded[];
    let handed: unknown;
    before(async () => {
      const done = await run(stackProgram(dual, stack));
      made = done.resources;
      handed = done.result.handover;
    });

    it("takes the block out of its pool before there are subnets of it", () => {
      const association = named(made, "acme-use1-network-ipv6");
      assert.deepEqual(association.inputs, {
        vpcId: "acme-use1-network-vpc-id",
        ipv6CidrBlock: block,
        ipv6IpamPoolId: "ipam-pool-0123456789abcdef0",
      });
      for (const subnet of only(made, "aws:ec2/subnet:Subnet")) {
        assert.ok(subnet.dependsOn.includes(association.name), subnet.name);
        assert.match(String(subnet.inputs["ipv6CidrBlock"]), /^fd8a:1b2c:3d00:\d::\/64$/);
      }
    });

    it("gives each gateway an address, and admits the own network alone", () => {
      for (const { inputs } of only(made, "aws:ec2/networkInterface:NetworkInterface"))
        assert.equal(inputs["ipv6AddressCount"], 1);
      for (const direction of ["Ingress", "Egress"])
        assert.deepEqual(
          only(made, `aws:vpc/securityGroup${direction}Rule:SecurityGroup${direction}Rule`)
            .map(({ inputs }) => inputs["cidrIpv6"])
            .filter((cidr) => cidr !== undefined),
          [block],
        );
    });

    it("changes nothing that the machines are made of, and adds to subnets and cards alone", async () => {
      const added = ["ipv6CidrBlock", "ipv6AddressCount"];
      const inputsOf = (resources: readonly Recorded[]) =>
        ["aws:ec2/instance:Instance", "aws:ec2/networkInterface:NetworkInterface", "aws:ec2/subnet:Subnet"]
          .flatMap((type) => only(resources, type))
          .map(({ name, inputs }) => [
            name,
            Object.fromEntries(Object.entries(inputs).filter(([key]) => !added.includes(key))),
          ]);
      const without = await run(stackProgram(sample, stack));
      assert.deepEqual(inputsOf(made), inputsOf(without.resources));
    });

    it("makes no route of IPv6 to the internet", () => {
      for (const { inputs } of only(made, "aws:ec2/route:Route"))
        assert.equal(inputs["destinationIpv6CidrBlock"], undefined);
    });

    it("hands on each gateway's address and its router", () => {
      const { gateways } = regionHandover.parse(handed);
      for (const { ipv6 } of gateways) assert.match(ipv6?.router ?? "", /^fd8a:1b2c:3d00:\d::1$/);
    });
  });

  it("refuses a plan without management ranges, before anything is made, with what to write", () => {
    const open = samplePlan(["use1"], { managementAllowFrom: [] });
    assert.throws(
      () => stackProgram(open, stack),
      /regions\.use1.*management: \{ allowFrom: \[203\.0\.113\.0\/24\] \}/s,
    );
  });

  it("refuses a stack that the fleet does not have", () => {
    assert.throws(() => stackProgram(plan, "acme.region-nowhere"), /has no stack "acme\.region-nowhere"/);
  });
});
