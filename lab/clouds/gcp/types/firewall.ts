import { z } from "zod";
import type { Firewall, FirewallRule } from "../../../world/model";
import { objectsOf } from "../../../world/world";
import { type Project, selfLink } from "../context";
import { cidr, description, name } from "../fields";
import { lastOf, worldNetwork } from "../link";
import { gcpType } from "../type";

/** SDK, `compute.Firewall`: a protocol's name or number. */
const protocol = z.enum(["tcp", "udp", "icmp", "esp", "all"]);
const port = z.string().regex(/^\d{1,5}(-\d{1,5})?$/, "is no port or range of ports");

const inputs = {
  name,
  description,
  network: z.string(),
  direction: z
    .literal("INGRESS", "the lab has no stand-in for rules of egress: all may leave")
    .default("INGRESS"),
  // Without a source a rule admits everybody (SDK): here it must be said.
  sourceRanges: z.array(cidr).min(1).max(5000),
  targetTags: z.array(name).min(1, "the lab has no stand-in for a rule for every machine").max(70),
  allows: z
    .array(z.strictObject({ protocol, ports: z.array(port).optional() }))
    .min(1)
    .refine(
      (all) => all.every(({ protocol: of, ports }) => ports === undefined || of === "tcp" || of === "udp"),
      "Ports may only be specified on rules whose protocol is one of [TCP, UDP, SCTP].",
    ),
  priority: z.literal(1000, "the lab has no stand-in for priorities").default(1000),
};
type Given = z.output<z.ZodObject<typeof inputs>>;

/** A rule of a VPC network for machines with a tag. In the world, a group for each tag, with the implied rules of Google's. */
export const firewall = gcpType({
  token: "gcp:compute/firewall:Firewall",
  inputs,
  replacedBy: ["name", "network", "direction"],
  computed: ["selfLink", "project", "creationTimestamp", "destinationRanges"],
  async create(given, call) {
    const path = call.context.global("firewalls", given.name);
    await admit(given, call.context);
    return {
      id: path,
      outputs: {
        ...given,
        project: call.context.id,
        selfLink: selfLink(path),
        creationTimestamp: "2026-01-01T00:00:00.000-00:00",
        destinationRanges: [],
      },
    };
  },
  async read(path, state, { context }) {
    const { targetTags, network } = z
      .object({ targetTags: z.array(z.string()), network: z.string() })
      .parse(state);
    const world = await context.world();
    const found = objectsOf(world, "firewall")
      .filter(({ id }) => targetTags.some((tag) => id === tagGroup(network, tag)))
      .flatMap(({ rules }) => rules.filter(({ id }) => id.startsWith(`${lastOf(path)}:`)));
    if (found.length === 0) return undefined;
    return {
      sourceRanges: [...new Set(found.flatMap(({ peer }) => ("cidr" in peer ? [peer.cidr] : [])))].sort(),
    };
  },
  async update(_path, given, state, { context }) {
    await forbid(inputsOf(state), context);
    await admit(given, context);
    return { ...given };
  },
  async remove(_path, state, { context }) {
    await forbid(inputsOf(state), context);
  },
});

/** Of what a rule was made with. */
function inputsOf(state: unknown): Pick<Given, "name" | "network" | "targetTags"> {
  return z.object({ name: z.string(), network: z.string(), targetTags: z.array(z.string()) }).parse(state);
}

export function tagGroup(network: string, tag: string): string {
  return `tag.${lastOf(network)}.${tag}`;
}

/** What a tag's machines admit and send, before any rule: nothing, and all (Google Cloud, "VPC firewall rules", Implied rules). */
export async function tagged(network: string, tag: string, context: Project): Promise<string> {
  const id = tagGroup(network, tag);
  await context.inTurn(id, async () => {
    if ((await context.find("firewall", id)) === undefined)
      await (
        await context.lab()
      ).put({
        kind: "firewall",
        id,
        name: tag,
        network: worldNetwork(network),
        rules: [{ id: "implied", direction: "egress", protocol: "all", peer: { cidr: "0.0.0.0/0" } }],
      });
  });
  return id;
}

/** A tag that no machine has and no rule names is nothing. */
export async function untagged(id: string, context: Project): Promise<void> {
  await context.inTurn(id, async () => {
    const world = await context.world();
    const found = objectsOf(world, "firewall").find((one) => one.id === id);
    const used = objectsOf(world, "interface").some(({ firewalls }) => firewalls.includes(id));
    if (found?.rules.length === 1 && !used) await (await context.lab()).remove("firewall", id);
  });
}

async function admit(given: Given, context: Project): Promise<void> {
  for (const tag of given.targetTags) {
    const id = await tagged(given.network, tag, context);
    await context.change("firewall", id, (group): Firewall => ({
      ...group,
      rules: [...withoutRule(group, given.name), ...rulesOf(given)],
    }));
  }
}

async function forbid(
  { name: rule, network, targetTags }: Pick<Given, "name" | "network" | "targetTags">,
  context: Project,
): Promise<void> {
  for (const tag of targetTags) {
    const id = tagGroup(network, tag);
    await context.changeIfThere("firewall", id, (group) => ({ ...group, rules: withoutRule(group, rule) }));
    await untagged(id, context);
  }
}

function withoutRule({ rules }: Firewall, rule: string): FirewallRule[] {
  return rules.filter(({ id }) => !id.startsWith(`${rule}:`));
}

function rulesOf({ name: rule, sourceRanges, allows }: Given): FirewallRule[] {
  return allows
    .flatMap(({ protocol: of, ports }) => (ports ?? [undefined]).map((range) => ({ of, range })))
    .flatMap(({ of, range }) => sourceRanges.map((source) => ({ of, range, source })))
    .map(({ of, range, source }, index): FirewallRule => {
      const [from = 0, to = from] = (range ?? "").split("-").map(Number);
      return {
        id: `${rule}:${String(index)}`,
        direction: "ingress",
        protocol: of,
        ...(range === undefined ? {} : { ports: { from, to } }),
        peer: { cidr: source },
      };
    });
}
