import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { FirewallRule } from "../../../world/model";
import { Refusal } from "../../provider/refusal";
import type { Problem } from "../../provider/resource";
import { isIpv6 } from "../../../world/address";
import { cidr, cidr6 } from "../address";
import { newId } from "../context";
import { tags, tagsAll } from "../tags";
import { awsType } from "../type";
import { without } from "../without";

const port = z.int().min(-1).max(65535).optional();

const inputs = {
  securityGroupId: z.string(),
  description: z.string().max(255).optional(),
  /** IANA names or numbers; `-1` is all. */
  ipProtocol: z.enum(
    ["-1", "tcp", "6", "udp", "17", "icmp", "1", "47", "50"],
    "has no stand-in for this protocol",
  ),
  fromPort: port,
  toPort: port,
  cidrIpv4: cidr.optional(),
  cidrIpv6: cidr6.optional(),
  referencedSecurityGroupId: z.string().optional(),
  tags,
};
type Given = z.output<z.ZodObject<typeof inputs>>;

const protocols = {
  "-1": "all",
  tcp: "tcp",
  "6": "tcp",
  udp: "udp",
  "17": "udp",
  icmp: "icmp",
  "1": "icmp",
  "47": "gre",
  "50": "esp",
} as const;

export const ingressRule = ruleType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "ingress");
export const egressRule = ruleType("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "egress");

function ruleType(token: string, direction: FirewallRule["direction"]) {
  return awsType({
    token,
    inputs,
    replacedBy: ["securityGroupId"],
    computed: ["arn", "securityGroupRuleId", "tagsAll"],
    changing: ["tagsAll"],
    check: problemsOf,
    async create(given, call) {
      const { context } = call;
      const id = newId("sgr", call, given);
      const rule = ruleOf(id, direction, given);
      await context.change("firewall", given.securityGroupId, (group) => ({
        ...group,
        rules: withRule(group.rules, rule),
      }));
      const arn = context.arn("security-group-rule", id);
      return { id, outputs: { ...tagsAll(given.tags), arn, securityGroupRuleId: id } };
    },
    async read(id, state, { context }) {
      const group = await context.find("firewall", groupOf(state));
      const rule = group?.rules.find((other) => other.id === id);
      if (rule === undefined) return undefined;
      return {
        cidrIpv4: "cidr" in rule.peer && !isIpv6(rule.peer.cidr) ? rule.peer.cidr : undefined,
        cidrIpv6: "cidr" in rule.peer && isIpv6(rule.peer.cidr) ? rule.peer.cidr : undefined,
        referencedSecurityGroupId: "firewall" in rule.peer ? rule.peer.firewall : undefined,
        ...(rule.ports === undefined ? {} : { fromPort: rule.ports.from, toPort: rule.ports.to }),
      };
    },
    async update(id, given, _state, { context }) {
      const rule = ruleOf(id, direction, given);
      await context.change("firewall", given.securityGroupId, (group) => {
        const before = group.rules.find((other) => other.id === id);
        // EC2 API reference, "SecurityGroupRuleRequest": a rule of IPv4 addresses stays one.
        if (before !== undefined && kindOf(before) !== kindOf(rule))
          throw new Refusal("InvalidParameterValue", "The type of a security group rule cannot be changed");
        return { ...group, rules: withRule(group.rules, rule) };
      });
      return tagsAll(given.tags);
    },
    remove: (id, state, { context }) =>
      context.changeIfThere("firewall", groupOf(state), (group) => ({
        ...group,
        rules: group.rules.filter((rule) => rule.id !== id),
      })),
  });
}

function groupOf(state: unknown): string {
  return z.object({ securityGroupId: z.string() }).parse(state).securityGroupId;
}

/** @see AWS, "AuthorizeSecurityGroupIngress" (EC2 API reference): which fields go together */
function problemsOf({
  ipProtocol,
  fromPort,
  toPort,
  cidrIpv4,
  cidrIpv6,
  referencedSecurityGroupId,
}: Given): Problem[] {
  const problems: Problem[] = [];
  if ([cidrIpv4, cidrIpv6, referencedSecurityGroupId].filter((peer) => peer !== undefined).length !== 1)
    problems.push({
      property: "",
      reason: "exactly one of cidrIpv4, cidrIpv6 and referencedSecurityGroupId is needed",
    });
  const protocol = protocols[ipProtocol];
  const ports = [fromPort, toPort];
  if (protocol === "tcp" || protocol === "udp") {
    if (fromPort === undefined || toPort === undefined || fromPort < 0 || toPort < fromPort)
      problems.push({
        property: "fromPort",
        reason: "tcp and udp need fromPort and toPort, a range from 0 to 65535",
      });
  } else if (protocol === "icmp") {
    if (ports.some((value) => value !== -1))
      problems.push({
        property: "fromPort",
        reason: "the lab has a stand-in for icmp with -1 and -1 (all types) only",
      });
  } else if (ports.some((value) => value !== undefined))
    problems.push({ property: "fromPort", reason: `ports cannot be given with ip_protocol "${ipProtocol}"` });
  return problems;
}

function ruleOf(id: string, direction: FirewallRule["direction"], given: Given): FirewallRule {
  const { ipProtocol, fromPort, toPort, cidrIpv4, cidrIpv6, referencedSecurityGroupId } = given;
  const block = cidrIpv4 ?? cidrIpv6;
  const protocol = protocols[ipProtocol];
  const hasPorts = protocol === "tcp" || protocol === "udp";
  return {
    id,
    direction,
    protocol,
    ...(hasPorts && fromPort !== undefined && toPort !== undefined
      ? { ports: { from: fromPort, to: toPort } }
      : {}),
    peer: block === undefined ? { firewall: referencedSecurityGroupId ?? "" } : { cidr: block },
  };
}

function kindOf({ peer }: FirewallRule): "ipv4" | "ipv6" | "group" {
  if ("firewall" in peer) return "group";
  return isIpv6(peer.cidr) ? "ipv6" : "ipv4";
}

function withRule(rules: readonly FirewallRule[], rule: FirewallRule): FirewallRule[] {
  const others = rules.filter(({ id }) => id !== rule.id);
  const same = others.find((other) => isDeepStrictEqual(without(other, "id"), without(rule, "id")));
  if (same !== undefined)
    throw new Refusal(
      "InvalidPermission.Duplicate",
      "the specified rule already exists in the security group",
    );
  return [...others, rule];
}
