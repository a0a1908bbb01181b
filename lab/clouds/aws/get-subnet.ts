import { z } from "zod";
import type { CloudFunction } from "../provider/provider";
import type { Account } from "./context";
import { noMatch, questionOf } from "./find";

/** @see Pulumi Registry, aws.ec2.getSubnet */
export const getSubnet: CloudFunction<Account> = {
  token: "aws:ec2/getSubnet:getSubnet",
  async invoke(given, context) {
    const { id } = questionOf("getSubnet", { id: z.string() }, given);
    const subnet = await context.find("subnet", id);
    const network = subnet === undefined ? undefined : await context.find("network", subnet.network);
    if (subnet === undefined || network?.cloudRegion !== context.region) throw noMatch("EC2 Subnet");
    return {
      id,
      arn: context.arn("subnet", id),
      vpcId: subnet.network,
      cidrBlock: subnet.cidr,
      availabilityZone: subnet.zone,
      mapPublicIpOnLaunch: false,
      ownerId: context.id,
      region: context.region,
      state: "available",
    };
  },
};
