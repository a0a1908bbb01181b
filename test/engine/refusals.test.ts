import assert from "node:assert/strict";
import * as ec2 from "@pulumi/aws/ec2";
import { Provider } from "@pulumi/aws/provider";
import * as s3 from "@pulumi/aws/s3";
import * as vpc from "@pulumi/aws/vpc";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import * as tls from "@pulumi/tls";
import type { Region } from "@pulumi/aws";
import { z } from "zod";
import { type Engine, startEngine } from "./engine";

/** As a user of JavaScript, or of another language, may write it. */
const regionName = z.custom<Region>((value) => typeof value === "string");

/** A provider as our components make them, and a network in it. */
function inRegion(region: Region = "us-east-1") {
  const provider = new Provider("cloud", { region });
  return { provider };
}

const network = () => new ec2.Vpc("net", { cidrBlock: "10.1.0.0/16" }, inRegion());
const cases: readonly { readonly what: string; readonly program: PulumiFn; readonly says: RegExp }[] = [
  {
    what: "a type without a stand-in",
    program: () => Promise.resolve(void new s3.Bucket("bucket", {}, inRegion())),
    says: /no stand-in for the resource type aws:s3\/bucket:Bucket/,
  },
  {
    what: "a field without a stand-in",
    program: () =>
      Promise.resolve(
        void new ec2.Vpc("net", { cidrBlock: "10.1.0.0/16", ipv6NetmaskLength: 56 }, inRegion()),
      ),
    says: /no stand-in for the field "ipv6NetmaskLength" of aws:ec2\/vpc:Vpc/,
  },
  {
    what: "a nested field without a stand-in",
    program: () =>
      Promise.resolve(
        void new ec2.Instance(
          "machine",
          {
            ami: "ami-0123456789abcdef0",
            instanceType: "t4g.small",
            primaryNetworkInterface: { networkInterfaceId: "eni-0" },
            rootBlockDevice: { iops: 3000 },
          },
          inRegion(),
        ),
      ),
    says: /no stand-in for the field "rootBlockDevice\.iops"/,
  },
  {
    what: "a function without a stand-in",
    program: async () => void (await ec2.getSubnets({}, inRegion())),
    says: /no stand-in for the function aws:ec2\/getSubnets/,
  },
  {
    what: "a region that AWS does not have",
    program: () =>
      Promise.resolve(
        void new ec2.Vpc("net", { cidrBlock: "10.1.0.0/16" }, inRegion(regionName.parse("us-north-1"))),
      ),
    says: /invalid AWS Region: us-north-1/,
  },
  {
    what: "a provider's field without a stand-in",
    program: () =>
      Promise.resolve(void new Provider("cloud", { region: "us-east-1", profile: "production" })),
    says: /no stand-in for the field "profile"/,
  },
  {
    what: "a VPC that is too large",
    program: () => Promise.resolve(void new ec2.Vpc("net", { cidrBlock: "10.0.0.0/8" }, inRegion())),
    says: /InvalidVpc\.Range/,
  },
  {
    what: "an IPv6 block of no pool",
    program: () => {
      const association = { vpcId: network().id, ipv6CidrBlock: "fd8a:1b2c::/56" };
      const provider = new Provider("other", { region: "us-east-1" });
      return Promise.resolve(void new ec2.VpcIpv6CidrBlockAssociation("ipv6", association, { provider }));
    },
    says: /exactly one of ipv6IpamPoolId and ipv6Pool is needed/,
  },
  {
    what: "an IPv6 block that a VPC does not take",
    program: () => {
      const association = {
        vpcId: network().id,
        ipv6CidrBlock: "fd8a:1b2c::/64",
        ipv6IpamPoolId: "ipam-pool-0123456789abcdef0",
      };
      const provider = new Provider("other", { region: "us-east-1" });
      return Promise.resolve(void new ec2.VpcIpv6CidrBlockAssociation("ipv6", association, { provider }));
    },
    says: /InvalidVpc\.Range/,
  },
  {
    what: "a route of both families",
    program: () => {
      const to = { destinationCidrBlock: "0.0.0.0/0", destinationIpv6CidrBlock: "::/0", gatewayId: "igw-0" };
      return Promise.resolve(void new ec2.Route("route", { routeTableId: "rtb-0", ...to }, inRegion()));
    },
    says: /exactly one of destinationCidrBlock and destinationIpv6CidrBlock is needed/,
  },
  {
    what: "a subnet outside of its VPC",
    program: () => {
      const { id } = network();
      new ec2.Subnet(
        "subnet",
        { vpcId: id, cidrBlock: "10.2.0.0/24", availabilityZone: "us-east-1a" },
        { provider: new Provider("other", { region: "us-east-1" }) },
      );
      return Promise.resolve();
    },
    says: /InvalidSubnet\.Range/,
  },
  {
    what: "a zone of another region",
    program: () => {
      new ec2.Subnet(
        "subnet",
        { vpcId: "vpc-0", cidrBlock: "10.1.0.0/24", availabilityZone: "eu-west-1a" },
        inRegion(),
      );
      return Promise.resolve();
    },
    says: /Value \(eu-west-1a\) for parameter availabilityZone is invalid/,
  },
  {
    what: "ports with protocol -1",
    program: () => {
      const rule = {
        securityGroupId: "sg-0",
        ipProtocol: "-1",
        cidrIpv4: "0.0.0.0/0",
        fromPort: 1,
        toPort: 2,
      };
      new vpc.SecurityGroupIngressRule("rule", rule, inRegion());
      return Promise.resolve();
    },
    says: /ports cannot be given with ip_protocol "-1"/,
  },
  {
    what: "a rule twice in one group",
    program: () => {
      const provider = inRegion();
      const { id: vpcId } = new ec2.Vpc("net", { cidrBlock: "10.1.0.0/16" }, provider);
      const { id: securityGroupId } = new ec2.SecurityGroup("group", { vpcId }, provider);
      for (const name of ["one", "two"])
        new vpc.SecurityGroupIngressRule(
          name,
          { securityGroupId, ipProtocol: "tcp", cidrIpv4: "10.0.0.0/8", fromPort: 22, toPort: 22 },
          provider,
        );
      return Promise.resolve();
    },
    says: /InvalidPermission\.Duplicate/,
  },
  {
    what: "a machine whose processor is not its image's",
    program: () => {
      const provider = inRegion();
      const { id: ami } = ec2.getAmiOutput(
        {
          owners: ["136693071363"],
          mostRecent: true,
          filters: [{ name: "name", values: ["debian-13-arm64-*"] }],
        },
        provider,
      );
      new ec2.Instance(
        "machine",
        { ami, instanceType: "t3.small", primaryNetworkInterface: { networkInterfaceId: "eni-0" } },
        provider,
      );
      return Promise.resolve();
    },
    says: /The architecture 'x86_64' of the specified instance type does not match the architecture 'arm64'/,
  },
  {
    what: "an image that nobody published",
    program: async () =>
      void (await ec2.getAmi(
        { owners: ["136693071363"], filters: [{ name: "name", values: ["debian-99-*"] }] },
        inRegion(),
      )),
    says: /Your query returned no results/,
  },
  {
    what: "a question about a VPC that is not there",
    program: async () => void (await ec2.getVpc({ id: "vpc-0123456789abcdef0" }, inRegion())),
    says: /no matching EC2 VPC found/,
  },
  {
    what: "a question without a stand-in",
    program: async () => void (await ec2.getSubnet({ cidrBlock: "10.1.0.0/24" }, inRegion())),
    says: /the lab's getSubnet knows id only/,
  },
  {
    what: "a filter of route tables without a stand-in",
    program: async () =>
      void (await ec2.getRouteTables(
        { filters: [{ name: "association.main", values: ["true"] }] },
        inRegion(),
      )),
    says: /has no stand-in for another filter/,
  },
  {
    what: "a weak key",
    program: () => Promise.resolve(void new tls.PrivateKey("key", { algorithm: "RSA", rsaBits: 1024 })),
    says: /no stand-in for the field "rsaBits"|stand-in for ED25519 and ECDSA/,
  },
];

describe("what the lab's clouds refuse, through the real engine", function () {
  let engine: Engine;
  before(async () => {
    engine = await startEngine();
  });
  after(() => engine.close());

  for (const [index, { what, program, says }] of cases.entries())
    it(what, async () => {
      const stack = await engine.stack(`refusal-${String(index)}`, program);
      await assert.rejects(stack.up(), says);
    });
});
