import { z } from "zod";
import type { Network } from "../../../world/model";
import { Refusal } from "../../provider/refusal";
import { cidr, freeBlock6, isAmazons } from "../address";
import { type Account, newId } from "../context";
import { mainTableOf } from "../find";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";
import { without } from "../without";

export const vpc = awsType({
  token: "aws:ec2/vpc:Vpc",
  inputs: {
    cidrBlock: cidr,
    assignGeneratedIpv6CidrBlock: z.boolean().optional(),
    enableDnsSupport: z.boolean().default(true),
    enableDnsHostnames: z.boolean().default(false),
    instanceTenancy: z.literal("default", "dedicated tenancy has no stand-in").default("default"),
    tags,
  },
  replacedBy: ["cidrBlock"],
  computed: [
    ...["arn", "defaultNetworkAclId", "defaultRouteTableId", "defaultSecurityGroupId", "dhcpOptionsId"],
    ...["ipv6AssociationId", "ipv6CidrBlock", "mainRouteTableId", "ownerId", "tagsAll"],
  ],
  // Of these the provider says in a preview that they are not known where the block is asked for or given up.
  changing: ["ipv6AssociationId", "ipv6CidrBlock", "tagsAll"],
  async create(given, call) {
    const id = newId("vpc", call, given);
    const { context } = call;
    const name = nameTag(given.tags, id);
    const cidrs = [given.cidrBlock];
    const there = await context.find("network", id);
    const network: Network = { kind: "network", id, name, cloud: "aws", cloudRegion: context.region, cidrs };
    const made = await withBlock({ ...network, ...ipv6Of(there) }, given, undefined, context);
    await context.make(made);
    const end = id.slice("vpc-".length);
    return {
      id,
      outputs: {
        ...given,
        ...tagsAll(given.tags),
        ...blockOutputs(made),
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
    if (found === undefined) return undefined;
    // Whoever has asked for it: a block of Amazon's is one that was asked for (terraform-provider-aws, `resourceVPCRead`).
    const generated = isAmazons(found.ipv6) ? { assignGeneratedIpv6CidrBlock: true } : {};
    return { cidrBlock: found.cidrs[0], ...generated, ...blockOutputs(found) };
  },
  async update(id, given, state, { context }) {
    const network = await context.get("network", id);
    const changed = await withBlock(network, given, stateSchema.parse(state), context);
    await context.change("network", id, (now) => ({
      ...without(now, "ipv6"),
      ...ipv6Of(changed),
      name: nameTag(given.tags, id),
    }));
    return { ...given, ...tagsAll(given.tags), ...blockOutputs(changed) };
  },
  remove: (id, _state, { context }) => context.unmake("network", id),
});

const stateSchema = z.object({ assignGeneratedIpv6CidrBlock: z.boolean().optional() });
type Asked = z.output<typeof stateSchema>;

/**
 * The network with a block that Amazon chooses, or without the one that it gave before; any other block is not this
 * resource's.
 * @see EC2 API reference, "AssociateVpcCidrBlock": AmazonProvidedIpv6CidrBlock
 */
async function withBlock(
  network: Network,
  given: Asked,
  before: Asked | undefined,
  context: Account,
): Promise<Network> {
  const [asked, had] = [given, before].map((said) => said?.assignGeneratedIpv6CidrBlock === true);
  if (asked === had) return network;
  if (!asked) return before === undefined ? network : without(network, "ipv6");
  if (isAmazons(network.ipv6)) return network;
  if (network.ipv6 !== undefined)
    throw new Refusal("NotInLab", `a second IPv6 block of '${network.id}' is not in the lab`);
  return { ...network, ipv6: freeBlock6(await context.world(), network.id) };
}

function ipv6Of(network: Network | undefined): { readonly ipv6?: string } {
  return network?.ipv6 === undefined ? {} : { ipv6: network.ipv6 };
}

/** Empty where there is none, as the provider has it. */
function blockOutputs({ id, ipv6 }: Network) {
  return {
    ipv6AssociationId: ipv6 === undefined ? "" : `vpc-cidr-assoc-6${id.slice("vpc-".length + 1)}`,
    ipv6CidrBlock: ipv6 ?? "",
  };
}
