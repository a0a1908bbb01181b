import { z } from "zod";
import { Refusal } from "../../provider/refusal";
import { cidr6 } from "../address";
import { newId } from "../context";
import { awsType } from "../type";

/**
 * @see AWS, "AssociateVpcCidrBlock" (EC2 API reference): a block of a pool needs the pool; one of Amazon's own pool, or one
 * that IPAM chooses, has no stand-in
 */
export const vpcIpv6Cidr = awsType({
  token: "aws:ec2/vpcIpv6CidrBlockAssociation:VpcIpv6CidrBlockAssociation",
  inputs: {
    vpcId: z.string(),
    ipv6CidrBlock: cidr6,
    ipv6IpamPoolId: z
      .string()
      .regex(/^ipam-pool-[0-9a-f]{8,17}$/, "is no id of an IPAM pool")
      .optional(),
    ipv6Pool: z
      .string()
      .regex(/^ipv6pool-ec2-[0-9a-f]{8,17}$/, "is no id of an address pool")
      .optional(),
  },
  replacedBy: "all",
  computed: ["assignGeneratedIpv6CidrBlock", "ipSource", "ipv6AddressAttribute"],
  check({ ipv6IpamPoolId, ipv6Pool }) {
    if ((ipv6IpamPoolId === undefined) !== (ipv6Pool === undefined)) return [];
    return [{ property: "", reason: "exactly one of ipv6IpamPoolId and ipv6Pool is needed" }];
  },
  async create(given, call) {
    const { vpcId, ipv6CidrBlock } = given;
    await call.context.change("network", vpcId, (network) => {
      if (network.ipv6 !== undefined && network.ipv6 !== ipv6CidrBlock)
        throw new Refusal("NotInLab", `a second IPv6 block of '${vpcId}' is not in the lab`);
      return { ...network, ipv6: ipv6CidrBlock };
    });
    return {
      id: newId("vpc-cidr-assoc", call, given),
      outputs: {
        assignGeneratedIpv6CidrBlock: false,
        ipSource: given.ipv6Pool === undefined ? "none" : "byoip",
        ipv6AddressAttribute: ipv6CidrBlock.startsWith("fd") ? "private" : "public",
      },
    };
  },
  async read(_id, state, { context }) {
    const { vpcId, ipv6CidrBlock } = stateSchema.parse(state);
    const network = await context.find("network", vpcId);
    return network?.ipv6 === ipv6CidrBlock ? {} : undefined;
  },
  remove(_id, state, { context }) {
    const { vpcId, ipv6CidrBlock } = stateSchema.parse(state);
    return context.changeIfThere("network", vpcId, ({ ipv6, ...network }) =>
      ipv6 === undefined || ipv6 === ipv6CidrBlock ? network : { ...network, ipv6 },
    );
  },
});

const stateSchema = z.object({ vpcId: z.string(), ipv6CidrBlock: z.string() });
