import { z } from "zod";
import { resourceType } from "../../provider/resource";
import { cidr } from "../address";
import { type Account, newId } from "../context";
import { nameTag, tags, tagsAll } from "../tags";

export const vpc = resourceType<Account, typeof inputs>({
  token: "aws:ec2/vpc:Vpc",
  inputs: inputsOf(),
  replacedBy: ["cidrBlock"],
  computed: [
    ...["arn", "defaultNetworkAclId", "defaultRouteTableId", "defaultSecurityGroupId", "dhcpOptionsId"],
    ...["instanceTenancy", "mainRouteTableId", "ownerId", "tagsAll"],
  ],
  changing: ["tagsAll"],
  async create(given, call) {
    const id = newId("vpc", call, given);
    const { context } = call;
    await context.make({
      kind: "network",
      id,
      name: nameTag(given.tags, id),
      cloud: "aws",
      cloudRegion: context.region,
      cidrs: [given.cidrBlock],
    });
    const end = id.slice("vpc-".length);
    return {
      id,
      outputs: {
        ...settings(given),
        arn: context.arn("vpc", id),
        defaultNetworkAclId: `acl-${end}`,
        defaultRouteTableId: `rtb-${end}`,
        mainRouteTableId: `rtb-${end}`,
        defaultSecurityGroupId: `sg-${end}`,
        dhcpOptionsId: `dopt-${end}`,
        instanceTenancy: "default",
        ownerId: context.id,
      },
    };
  },
  async read(id, state, { context }) {
    const found = await context.find("network", id);
    return found === undefined ? undefined : { cidrBlock: found.cidrs[0], ...settings(inputsSchema.parse(state)) };
  },
  async update(id, given, _state, { context }) {
    await context.change("network", id, (network) => ({ ...network, name: nameTag(given.tags, id) }));
    return settings(given);
  },
  remove: (id, _state, { context }) => context.unmake("network", id),
});
