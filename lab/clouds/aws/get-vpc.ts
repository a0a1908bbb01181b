import { z } from "zod";
import type { CloudFunction } from "../provider/provider";
import type { Account } from "./context";
import { mainTableOf, noMatch, questionOf } from "./find";

/** @see Pulumi Registry, aws.ec2.getVpc */
export const getVpc: CloudFunction<Account> = {
  token: "aws:ec2/getVpc:getVpc",
  async invoke(given, context) {
    const { id } = questionOf("getVpc", { id: z.string() }, given);
    const network = await context.find("network", id);
    // A provider sees its own region only.
    if (network?.cloudRegion !== context.region) throw noMatch("EC2 VPC");
    const { cidrs } = network;
    return {
      id,
      arn: context.arn("vpc", id),
      cidrBlock: cidrs[0],
      cidrBlockAssociations: cidrs.map((cidrBlock, index) => ({
        associationId: `vpc-cidr-assoc-${id.slice("vpc-".length)}${index === 0 ? "" : String(index)}`,
        cidrBlock,
        state: "associated",
      })),
      default: false,
      instanceTenancy: "default",
      mainRouteTableId: mainTableOf(id),
      ownerId: context.id,
      region: context.region,
      state: "available",
    };
  },
};
