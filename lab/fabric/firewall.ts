import { isIpv6 } from "../world/address";
import { addressesOf, allAddressesOf } from "../world/addresses";
import type { Firewall, FirewallRule, Interface, World } from "../world/model";
import { objectOf, objectsOf } from "../world/world";

/**
 * A security group as a cloud runs it: stateful per interface, nothing passes that no rule admits, both ways.
 * @see AWS, "Control traffic to your AWS resources using security groups"
 */
export function interfaceRules(world: World, nic: Interface): string {
  const { ingress, egress } = rulesOf(world, nic);
  // AWS, "Disable source/destination checks": an interface takes and gives packets of its own address only.
  const own = addressesOf(nic).join(", ");
  // A machine that has no address yet asks for it (RFC 2131).
  const check = nic.sourceDestinationCheck
    ? `    iifname "host" ip saddr 0.0.0.0 udp dport 67 accept
    iifname "host" ip saddr != { ${own} } drop
    iifname "net" ip daddr != { ${own} } drop
${nic.ipv6 === undefined ? "" : `    iifname "host" ip6 saddr != { ${nic.ipv6}, fe80::/10, :: } drop\n    iifname "net" ip6 daddr != { ${nic.ipv6}, fe80::/10, ff00::/8 } drop\n`}`
    : "";
  return `table inet cloud
delete table inet cloud
table inet cloud {
  chain check {
    type filter hook prerouting priority raw; policy accept;
${check}  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname "net" oifname "host" jump ingress
    iifname "host" oifname "net" jump egress
  }
  chain ingress {
${ingress}  }
  chain egress {
${egress}  }
${keepTtl}}
`;
}

/** What finds neighbours is no traffic that a security group judges. */
const neighbours =
  "    icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept\n";

/** The same for a workload, whose interface ends in the namespace itself. */
export function workloadRules(world: World, nic: Interface): string {
  const { ingress, egress } = rulesOf(world, nic);
  const own6 = nic.ipv6 === undefined ? "" : `${neighbours}    ip6 SIDE != ${nic.ipv6} drop\n`;
  const check = (side: "saddr" | "daddr"): string =>
    nic.sourceDestinationCheck ? `    ip ${side} != ${nic.address} drop\n${own6.replace("SIDE", side)}` : "";
  return `table inet cloud
delete table inet cloud
table inet cloud {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
${check("daddr")}    ct state established,related accept
${ingress}  }
  chain output {
    type filter hook output priority filter; policy drop;
    oif lo accept
${check("saddr")}    ct state established,related accept
${egress}  }
}
`;
}

/**
 * A cloud's network forwards without counting hops: eBGP's 1 must not end at it, and BFD's 255 (RFC 5881 section 5) must
 * arrive as such. Only these two values are mended, around the kernel's own decrement.
 */
export const keepTtl = `  chain last {
    type filter hook prerouting priority mangle; policy accept;
    ip ttl 1 ip ttl set 2
  }
  chain hops {
    type filter hook postrouting priority mangle; policy accept;
    ip ttl 254 ip ttl set 255
  }
`;

function rulesOf(world: World, nic: Interface): { readonly ingress: string; readonly egress: string } {
  const rules = nic.firewalls
    .map((id) => objectOf(world, "firewall", id))
    .filter((firewall) => firewall !== undefined)
    .flatMap((firewall) => firewall.rules.map((rule) => ({ firewall, rule })));
  const text = (direction: FirewallRule["direction"]): string =>
    rules
      .filter(({ rule }) => rule.direction === direction)
      .map(({ firewall, rule }) => ruleText(world, firewall, rule))
      .join("");
  return { ingress: text("ingress"), egress: text("egress") };
}

function ruleText(
  world: World,
  firewall: Firewall,
  { direction, protocol, ports, peer }: FirewallRule,
): string {
  const addresses = "cidr" in peer ? [peer.cidr] : membersOf(world, peer.firewall);
  const side = direction === "ingress" ? "saddr" : "daddr";
  const range = ports === undefined ? undefined : `${String(ports.from)}-${String(ports.to)}`;
  return (["ip", "ip6"] as const)
    .map((family) => {
      const own = addresses.filter((address) => isIpv6(address) === (family === "ip6"));
      if (own.length === 0) return "";
      const match =
        protocol === "all"
          ? ""
          : protocol === "icmp" || protocol === "esp" || range === undefined
            ? protocolText(family, protocol)
            : `${protocol} dport ${range} `;
      return `    ${family} ${side} { ${own.join(", ")} } ${match}accept comment "${firewall.id}"\n`;
    })
    .join("");
}

function protocolText(family: "ip" | "ip6", protocol: FirewallRule["protocol"]): string {
  if (family === "ip") return `ip protocol ${protocol} `;
  return `meta l4proto ${protocol === "icmp" ? "icmpv6" : protocol} `;
}

function membersOf(world: World, firewall: string): string[] {
  return objectsOf(world, "interface")
    .filter(({ firewalls }) => firewalls.includes(firewall))
    .flatMap(allAddressesOf);
}
