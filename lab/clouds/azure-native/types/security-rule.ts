import { z } from "zod";
import type { Firewall, FirewallRule } from "../../../world/model";
import { Refusal } from "../../provider/refusal";
import type { Problem } from "../../provider/resource";
import { cidr, group, name } from "../fields";
import { worldId } from "../id";
import { azureType, computed, stateOf } from "../type";

/** Microsoft Learn, "Azure subscription and service limits", Networking limits. */
const addressesPerRule = 4000;
/** Where whatever no rule admits is refused at the latest. */
const lastPriority = 4096;

const port = z
  .string()
  .regex(/^(\*|\d{1,5}(-\d{1,5})?)$/, "SecurityRuleInvalidPortRange: a port, a range of them, or *");
const prefixes = z.array(cidr).min(1).max(addressesPerRule);
const everything = z.literal("*", "the lab has no stand-in for service tags: write * or addresses");

const inputs = {
  resourceGroupName: group,
  networkSecurityGroupName: z.string(),
  securityRuleName: name(),
  description: z.string().max(140, "at most 140 characters").optional(),
  access: z.enum(["Allow", "Deny"]),
  direction: z.enum(["Inbound", "Outbound"]),
  // Azure REST API reference, "Security Rules - Create Or Update".
  priority: z
    .int()
    .min(100, "must be between 100 and 4096")
    .max(lastPriority, "must be between 100 and 4096"),
  protocol: z.enum(["Tcp", "Udp", "Icmp", "Esp", "*"]),
  sourceAddressPrefix: everything.optional(),
  sourceAddressPrefixes: prefixes.optional(),
  sourcePortRange: everything,
  destinationAddressPrefix: everything.optional(),
  destinationAddressPrefixes: prefixes.optional(),
  destinationPortRange: port.optional(),
  destinationPortRanges: z.array(port).min(1).optional(),
};
type Given = z.output<z.ZodObject<typeof inputs>>;

/** One rule of a group; in the world those that admit something are the group's rules, and all else is refused anyway. */
export const securityRule = azureType({
  token: "azure-native:network:SecurityRule",
  inputs,
  replacedBy: ["resourceGroupName", "networkSecurityGroupName", "securityRuleName"],
  computed,
  check: problemsOf,
  async create(given, call) {
    const { context } = call;
    const group = groupId(given);
    const path = context.resourceId(
      given.resourceGroupName,
      `Microsoft.Network/networkSecurityGroups/${given.networkSecurityGroupName}/securityRules`,
      given.securityRuleName,
    );
    await context.change("firewall", group, (firewall) => withRule(firewall, given));
    return {
      id: path,
      outputs: {
        ...given,
        ...stateOf(given.securityRuleName, "Microsoft.Network/networkSecurityGroups/securityRules"),
      },
    };
  },
  async read(_path, state, { context }) {
    const before = z.object(inputs).parse(only(state));
    const firewall = await context.find("firewall", groupId(before));
    if (firewall === undefined) return undefined;
    const wanted = before.access === "Allow" ? rulesOf(before).length : 0;
    const there = firewall.rules.filter(({ id }) => isOf(id, before));
    if (wanted > 0 && there.length === 0) return undefined;
    const field = before.direction === "Inbound" ? "sourceAddressPrefixes" : "destinationAddressPrefixes";
    return before[field] === undefined
      ? state
      : {
          ...state,
          [field]: [...new Set(there.flatMap(({ peer }) => ("cidr" in peer ? [peer.cidr] : [])))].sort(
            // As they were asked for, where they are there.
            (one, other) => (before[field] ?? []).indexOf(one) - (before[field] ?? []).indexOf(other),
          ),
        };
  },
  async update(_path, given, _state, { context }) {
    await context.change("firewall", groupId(given), (firewall) => withRule(firewall, given));
    return { ...given };
  },
  async remove(_path, state, { context }) {
    const before = z.object(inputs).parse(only(state));
    await context.changeIfThere("firewall", groupId(before), (firewall) => ({
      ...firewall,
      rules: firewall.rules.filter(({ id }) => !isOf(id, before)),
    }));
  },
});

function only(state: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(state).filter(([key]) => key in inputs));
}

function groupId(given: Pick<Given, "resourceGroupName" | "networkSecurityGroupName">): string {
  return worldId("firewall", { group: given.resourceGroupName, names: [given.networkSecurityGroupName] });
}

/** @throws Refusal for a priority that another rule of the direction has */
function withRule(firewall: Firewall, given: Given): Firewall {
  const others = firewall.rules.filter(({ id }) => !isOf(id, given));
  const clash = others.find(({ id }) => id.split(" ")[1] === `${given.direction}-${String(given.priority)}`);
  if (clash !== undefined)
    throw new Refusal(
      "SecurityRuleConflict",
      `Security rule ${given.securityRuleName} conflicts with rule ${clash.id.split(" ")[0] ?? ""}. Rules cannot have the same Priority and Direction.`,
    );
  return { ...firewall, rules: [...others, ...(given.access === "Allow" ? rulesOf(given) : [])] };
}

/** By its name, which is unique in its group. */
function isOf(id: string, { securityRuleName }: Pick<Given, "securityRuleName">): boolean {
  return id.startsWith(`${securityRuleName} `);
}

function rulesOf(given: Given): FirewallRule[] {
  const inbound = given.direction === "Inbound";
  const peers = (inbound ? given.sourceAddressPrefixes : given.destinationAddressPrefixes) ?? ["0.0.0.0/0"];
  const ports = given.destinationPortRanges ?? [given.destinationPortRange ?? "*"];
  return ports
    .flatMap((range) => peers.map((peer) => ({ range, peer })))
    .map(({ range, peer }, index): FirewallRule => {
      const [from = 0, to = from] = range.split("-").map(Number);
      return {
        id: `${given.securityRuleName} ${given.direction}-${String(given.priority)} ${String(index)}`,
        direction: inbound ? "ingress" : "egress",
        protocol: protocols[given.protocol],
        ...(range === "*" ? {} : { ports: { from, to } }),
        peer: { cidr: peer },
      };
    });
}

const protocols = { Tcp: "tcp", Udp: "udp", Icmp: "icmp", Esp: "esp", "*": "all" } as const;

function problemsOf(given: Given): Problem[] {
  const problems: Problem[] = [];
  for (const [one, many] of [
    ["sourceAddressPrefix", "sourceAddressPrefixes"],
    ["destinationAddressPrefix", "destinationAddressPrefixes"],
    ["destinationPortRange", "destinationPortRanges"],
  ] as const)
    if ((given[one] === undefined) === (given[many] === undefined))
      problems.push({
        property: one,
        reason: `SecurityRuleParameterNotSpecified: exactly one of ${one} and ${many} must be there`,
      });
  // The world's rules know one end; a rule that names the other as well would be narrower than they are.
  const [far, near] =
    given.direction === "Inbound"
      ? (["sourceAddressPrefixes", "destinationAddressPrefixes"] as const)
      : (["destinationAddressPrefixes", "sourceAddressPrefixes"] as const);
  if (given[near] !== undefined)
    problems.push({ property: near, reason: "the lab has no stand-in for a rule that names its own end" });
  const refusesAll =
    given.protocol === "*" &&
    given[far] === undefined &&
    given.destinationPortRange === "*" &&
    given.direction === "Inbound" &&
    given.priority === lastPriority;
  if (given.access === "Deny" && !refusesAll)
    problems.push({
      property: "access",
      reason: `the lab has a stand-in for one Deny alone: of everything inbound, at priority ${String(lastPriority)}`,
    });
  if (given.protocol !== "Tcp" && given.protocol !== "Udp" && given.destinationPortRange !== "*")
    problems.push({
      property: "destinationPortRange",
      reason: `protocol ${given.protocol} has no ports here`,
    });
  return problems;
}
