import { z } from "zod";
import { cidr } from "../address";
import { newId } from "../context";
import { mainTableOf } from "../find";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";

export const vpc = awsType({
  token: "aws:ec2/vpc:Vpc",
  inputs: {
    cidrBlock: cidr,
    enableDnsSupport: z.boolean().default(true),
    enableDnsHostnames: z.boolean().default(false),
    instanceTenancy: z.literal("default", "dedicated tenancy has no stand-in").default("default"),
    tags,
  },
  replacedBy: ["cidrBlock"],
  computed: [
    ...["arn", "defaultNetworkAclId", "defaultRouteTableId", "defaultSecurityGroupId", "dhcpOptionsId"],
    ...["mainRouteTableId", "ownerId", "tagsAll"],
  ],
  changing: ["tagsAll"],
  async create(given, call) {
    const id = newId("vpc", call, given);
    const { context } = call;
    const name = nameTag(given.tags, id);
    const cidrs = [given.cidrBlock];
    await context.make({ kind: "network", id, name, cloud: "aws", cloudRegion: context.region, cidrs });
    const end = id.slice("vpc-".length);
    return {
      id,
      outputs: {
        ...given,
        ...tagsAll(given.tags),
        arn: context.arn("vpc", id),
        defaultNetworkAclId: `acl-${end}`,
        defaultRouteTableId: mainTableOf(id),
        mainRouteTableId: mainTableOf(id),
        defaultSecurityGroupId: `sg-${end}`,
        dhcpOptionsId: `dopt-${end}`,
        ownerId: context.id,
      },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("network", id);
    return found === undefined ? undefined : { cidrBlock: found.cidrs[0] };
  },
  async update(id, given, _state, { context }) {
    await context.change("network", id, (network) => ({ ...network, name: nameTag(given.tags, id) }));
    return { ...given, ...tagsAll(given.tags) };
  },
  remove: (id, _state, { context }) => context.unmake("network", id),
});
