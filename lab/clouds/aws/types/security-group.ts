import { z } from "zod";
import { newId } from "../context";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";

/** AWS, "Security groups for your VPC": what names and descriptions may hold. */
const text = z
  .string()
  .max(255)
  .regex(
    /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/,
    "holds a character that AWS refuses in names and descriptions",
  );

export const securityGroup = awsType({
  token: "aws:ec2/securityGroup:SecurityGroup",
  // Rules inside the group have no stand-in: they are `vpc.SecurityGroupIngressRule` and `…EgressRule`.
  inputs: {
    vpcId: z.string(),
    name: text.refine((name) => !name.startsWith("sg-"), "cannot start with sg-"),
    description: text.default("Managed by Pulumi"),
    tags,
  },
  replacedBy: ["vpcId", "name", "description"],
  computed: ["arn", "ownerId", "tagsAll"],
  changing: ["tagsAll"],
  defaults(inputs, old, { name, seed }) {
    if (inputs["name"] !== undefined) return {};
    // As Pulumi names resources: what it was, else the logical name and seven hexadecimal digits.
    const before = z.string().safeParse(old["name"]);
    return {
      name: before.success ? before.data : `${name}-${Buffer.from(seed).toString("hex").slice(0, 7)}`,
    };
  },
  async create(given, call) {
    // The name is a new one after a crash; the id is to be the same.
    const id = newId("sg", call, { ...given, name: "" });
    const { context } = call;
    await context.get("network", given.vpcId);
    const name = given.tags?.["Name"] ?? given.name;
    // Empty both ways: the provider takes the egress rule away that AWS adds to a new group.
    await context.make({ kind: "firewall", id, name, network: given.vpcId, rules: [] });
    return {
      id,
      outputs: {
        ...given,
        ...tagsAll(given.tags),
        arn: context.arn("security-group", id),
        ownerId: context.id,
      },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("firewall", id);
    return found === undefined ? undefined : { vpcId: found.network };
  },
  async update(id, given, _state, { context }) {
    await context.change("firewall", id, (group) => ({ ...group, name: nameTag(given.tags, given.name) }));
    return { ...given, ...tagsAll(given.tags) };
  },
  remove: (id, _state, { context }) => context.unmake("firewall", id),
});
