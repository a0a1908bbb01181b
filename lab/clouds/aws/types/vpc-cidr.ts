import { z } from "zod";
import { Refusal } from "../../provider/refusal";
import { cidr } from "../address";
import { newId } from "../context";
import { awsType } from "../type";

/** AWS, "Amazon VPC quotas": IPv4 CIDR blocks per VPC. */
const blocksPerVpc = 5;

export const vpcCidr = awsType({
  token: "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
  inputs: { vpcId: z.string(), cidrBlock: cidr },
  replacedBy: "all",
  computed: [],
  async create(given, call) {
    const { vpcId, cidrBlock } = given;
    await call.context.change("network", vpcId, (network) => {
      if (network.cidrs.includes(cidrBlock)) return network;
      if (network.cidrs.length >= blocksPerVpc)
        throw new Refusal(
          "CidrLimitExceeded",
          `This network '${vpcId}' has met its maximum number of CIDRs: 5`,
        );
      return { ...network, cidrs: [...network.cidrs, cidrBlock] };
    });
    return { id: newId("vpc-cidr-assoc", call, given), outputs: {} };
  },
  async read(_id, state, { context }) {
    const { vpcId, cidrBlock } = stateSchema.parse(state);
    const network = await context.find("network", vpcId);
    return network?.cidrs.includes(cidrBlock) === true ? {} : undefined;
  },
  remove(_id, state, { context }) {
    const { vpcId, cidrBlock } = stateSchema.parse(state);
    return context.changeIfThere("network", vpcId, (network) => ({
      ...network,
      cidrs: network.cidrs.filter((block) => block !== cidrBlock),
    }));
  },
});

const stateSchema = z.object({ vpcId: z.string(), cidrBlock: z.string() });
