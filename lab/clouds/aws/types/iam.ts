import { z } from "zod";
import { Refusal } from "../../provider/refusal";
import { policySchema } from "../api/policy";
import { tags, tagsAll } from "../tags";
import { awsType } from "../type";

/** IAM, "Names": letters, digits and +=,.@_-; roles 64, profiles 128 characters. */
const name = z.string().regex(/^[\w+=,.@-]{1,64}$/, "is no name of IAM's");

const document = (schema: z.ZodType) =>
  z.string().refine((text) => {
    try {
      return schema.safeParse(JSON.parse(text)).success;
    } catch {
      return false;
    }
  }, "is no policy of IAM's, or has an element without a stand-in");

const trust = z.strictObject({
  Version: z.literal("2012-10-17"),
  Statement: z
    .array(
      z.strictObject({
        Effect: z.literal("Allow"),
        Principal: z.strictObject({ Service: z.literal("ec2.amazonaws.com") }),
        Action: z.literal("sts:AssumeRole"),
      }),
    )
    .length(1),
});

function named(
  inputs: Record<string, unknown>,
  old: Record<string, unknown>,
  logical: string,
  seed: Uint8Array,
) {
  if (inputs["name"] !== undefined) return {};
  const before = z.string().safeParse(old["name"]);
  return {
    name: before.success ? before.data : `${logical}-${Buffer.from(seed).toString("hex").slice(0, 7)}`,
  };
}

/** IAM is of the account, not of a region. */
const arn = (account: string, kind: string, id: string) => `arn:aws:iam::${account}:${kind}/${id}`;

export const role = awsType({
  token: "aws:iam/role:Role",
  inputs: {
    name,
    assumeRolePolicy: document(trust),
    description: z.string().max(1000).default(""),
    forceDetachPolicies: z.boolean().default(false),
    maxSessionDuration: z.literal(3600).default(3600),
    path: z.literal("/", "paths have no stand-in").default("/"),
    tags,
  },
  replacedBy: ["name"],
  computed: [
    "arn",
    "createDate",
    "inlinePolicies",
    "managedPolicyArns",
    "namePrefix",
    "permissionsBoundary",
    "tagsAll",
    "uniqueId",
  ],
  changing: ["tagsAll"],
  defaults: (inputs, old, naming) => named(inputs, old, naming.name, naming.seed),
  async create(given, { context }) {
    await context.make({ kind: "role", id: given.name, name: given.name, policies: {} });
    const outputs = {
      ...given,
      ...tagsAll(given.tags),
      arn: arn(context.id, "role", given.name),
      uniqueId: given.name,
    };
    return { id: given.name, outputs };
  },
  async read(id, _state, { context }) {
    return (await context.find("role", id)) === undefined ? undefined : { name: id };
  },
  update: (_id, given) => Promise.resolve({ ...given, ...tagsAll(given.tags) }),
  remove: (id, _state, { context }) => context.unmake("role", id),
});

const policyState = z.object({ role: z.string(), name: z.string() });

export const rolePolicy = awsType({
  token: "aws:iam/rolePolicy:RolePolicy",
  inputs: { name: z.string().max(128), role: name, policy: document(policySchema) },
  replacedBy: ["name", "role"],
  computed: ["namePrefix"],
  defaults: (inputs, old, naming) => named(inputs, old, naming.name, naming.seed),
  async create(given, { context }) {
    await context.change("role", given.role, (held) => ({
      ...held,
      policies: { ...held.policies, [given.name]: given.policy },
    }));
    return { id: `${given.role}:${given.name}`, outputs: { ...given } };
  },
  async read(_id, state, { context }) {
    const { role: of, name: policy } = policyState.parse(state);
    const found = (await context.find("role", of))?.policies[policy];
    return found === undefined ? undefined : { policy: found };
  },
  async update(_id, given, _state, { context }) {
    await context.change("role", given.role, (held) => ({
      ...held,
      policies: { ...held.policies, [given.name]: given.policy },
    }));
    return {};
  },
  remove(_id, state, { context }) {
    const { role: of, name: policy } = policyState.parse(state);
    return context.changeIfThere("role", of, (held) => ({
      ...held,
      policies: Object.fromEntries(Object.entries(held.policies).filter(([key]) => key !== policy)),
    }));
  },
});

export const instanceProfile = awsType({
  token: "aws:iam/instanceProfile:InstanceProfile",
  inputs: { name: z.string().max(128), role: name, path: z.literal("/").default("/"), tags },
  replacedBy: ["name"],
  computed: ["arn", "createDate", "namePrefix", "tagsAll", "uniqueId"],
  changing: ["tagsAll"],
  defaults: (inputs, old, naming) => named(inputs, old, naming.name, naming.seed),
  async create(given, { context }) {
    if ((await context.find("role", given.role)) === undefined)
      throw new Refusal("NoSuchEntity", `The role with name ${given.role} cannot be found.`);
    await context.make({ kind: "instanceProfile", id: given.name, name: given.name, role: given.role });
    const outputs = {
      ...given,
      ...tagsAll(given.tags),
      arn: arn(context.id, "instance-profile", given.name),
      uniqueId: given.name,
    };
    return { id: given.name, outputs };
  },
  async read(id, _state, { context }) {
    const found = await context.find("instanceProfile", id);
    return found === undefined ? undefined : { name: id, role: found.role };
  },
  async update(id, given, _state, { context }) {
    await context.change("instanceProfile", id, (held) => ({ ...held, role: given.role }));
    return { ...given, ...tagsAll(given.tags) };
  },
  remove: (id, _state, { context }) => context.unmake("instanceProfile", id),
});
