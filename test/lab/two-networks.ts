import { without } from "../../lab/clouds/aws/without";
import type { FirewallRule, Interface, Machine, WorldObject } from "../../lab/world/model";

/**
 * Two networks as two regions of a fleet have them: a gateway that may forward, with a public address; a host beside it
 * that may not; a workload behind, whose table leads to the gateway. The gateways' subnets have global IPv6. Beside them a
 * third network with one host, whose IPv6 is unique local. In an order in which a cloud accepts them.
 */
export const west = region("west", "10.10", 1);
export const east = region("east", "10.20", 2);
export const local = { workload: "w-local", interface: "eni-local", address6: "fd8a:1b2c:4d00::a" } as const;

export const publicAddresses = {
  west: "198.18.0.1",
  east: "198.18.0.2",
  /** Of the host that does not forward. */
  westPlain: "198.18.0.11",
  eastPlain: "198.18.0.12",
} as const;

export function twoNetworks(): WorldObject[] {
  return [
    ...objects("west", "10.10", 1, "10.20.0.0/16"),
    ...objects("east", "10.20", 2, "10.10.0.0/16"),
    ...localObjects(),
  ];
}

function localObjects(): WorldObject[] {
  const network = "vpc-local";
  const target = { internetGateway: "igw-local" };
  return [
    {
      ...{ kind: "network", id: network, name: "local", cloud: "aws", cloudRegion: "us-east-1" },
      cidrs: ["10.40.0.0/16"],
      ipv6: "fd8a:1b2c:4d00::/56",
    },
    { kind: "internetGateway", id: "igw-local", name: "local", network },
    {
      ...{ kind: "firewall", id: "sg-local", name: "local", network },
      rules: [rule("ingress", "all", "::/0"), rule("egress", "all", "::/0")],
    },
    {
      ...{ kind: "routeTable", id: "rtb-local", name: "public", network, propagatedFrom: [] },
      routes: [
        { cidr: "0.0.0.0/0", target },
        { cidr: "::/0", target },
      ],
    },
    {
      ...{ kind: "subnet", id: "subnet-local", name: "public", network, zone: "us-east-1a" },
      cidr: "10.40.0.0/24",
      ipv6: "fd8a:1b2c:4d00::/64",
      routeTable: "rtb-local",
    },
    {
      ...{ kind: "interface", id: local.interface, name: local.interface, subnet: "subnet-local" },
      address: "10.40.0.9",
      ipv6: local.address6,
      firewalls: ["sg-local"],
      sourceDestinationCheck: true,
      mac: macOf("10.40.0.9"),
    },
    { kind: "workload", id: local.workload, name: local.workload, interface: local.interface },
  ];
}

function region(name: string, block: string, index: number) {
  return {
    network: `vpc-${name}`,
    gateway: `i-${name}`,
    gatewayInterface: `eni-${name}-gateway`,
    gatewayAddress: `${block}.0.4`,
    gatewayAddress6: `${block6(index)}4`,
    router6: `${block6(index)}1`,
    plain: `w-${name}-plain`,
    plainInterface: `eni-${name}-plain`,
    plainAddress: `${block}.0.9`,
    workload: `w-${name}`,
    workloadInterface: `eni-${name}-workload`,
    workloadAddress: `${block}.128.4`,
    public: `198.18.0.${String(index)}`,
    plainPublic: `198.18.0.${String(index + 10)}`,
  };
}

/** The /56 of a network and the /64 of its public subnet begin alike. */
function block6(index: number): string {
  return `2001:db8:${String(index)}0::`;
}

function objects(name: string, block: string, index: number, others: string): WorldObject[] {
  const ids = region(name, block, index);
  const network = ids.network;
  const nic = (
    id: string,
    subnet: string,
    address: string,
    firewall: string,
    sourceDestinationCheck: boolean,
    ipv6?: string,
  ): Interface => ({
    kind: "interface",
    id,
    name: id,
    subnet,
    address,
    ...(ipv6 === undefined ? {} : { ipv6 }),
    firewalls: [firewall],
    sourceDestinationCheck,
    mac: macOf(address),
  });
  return [
    {
      kind: "network",
      id: network,
      name,
      cloud: "aws",
      cloudRegion: "us-east-1",
      cidrs: [`${block}.0.0/16`],
      ipv6: `${block6(index)}/56`,
    },
    { kind: "internetGateway", id: `igw-${name}`, name, network },
    {
      kind: "firewall",
      id: `sg-${name}-gateway`,
      name: "gateway",
      network,
      rules: [
        rule("ingress", "tcp", "203.0.113.0/24", 22),
        rule("ingress", "udp", index === 1 ? "198.18.0.2/32" : "198.18.0.1/32", 500),
        rule("ingress", "icmp", index === 1 ? "198.18.0.2/32" : "198.18.0.1/32"),
        rule("ingress", "all", `${block}.0.0/16`),
        rule("ingress", "udp", `${block6(3 - index)}4/128`, 500),
        rule("ingress", "icmp", `${block6(3 - index)}4/128`),
        rule("egress", "all", "0.0.0.0/0"),
        rule("egress", "all", "::/0"),
      ],
    },
    {
      kind: "firewall",
      id: `sg-${name}-plain`,
      name: "plain",
      network,
      rules: [
        rule("ingress", "icmp", "0.0.0.0/0"),
        { ...rule("ingress", "tcp", "", 8080), peer: { firewall: `sg-${name}-gateway` } },
        rule("egress", "icmp", "0.0.0.0/0"),
        rule("egress", "udp", "0.0.0.0/0", 53),
      ],
    },
    {
      kind: "firewall",
      id: `sg-${name}-workload`,
      name: "workload",
      network,
      rules: [rule("ingress", "all", "10.0.0.0/8"), rule("egress", "all", "0.0.0.0/0")],
    },
    {
      kind: "routeTable",
      id: `rtb-${name}-private`,
      name: "private",
      network,
      routes: [],
      propagatedFrom: [],
    },
    {
      kind: "routeTable",
      id: `rtb-${name}-public`,
      name: "public",
      network,
      routes: ["0.0.0.0/0", "::/0"].map((cidr) => ({ cidr, target: { internetGateway: `igw-${name}` } })),
      propagatedFrom: [],
    },
    {
      kind: "subnet",
      id: `subnet-${name}-public`,
      name: "public",
      network,
      zone: "us-east-1a",
      cidr: `${block}.0.0/24`,
      ipv6: `${block6(index)}/64`,
      routeTable: `rtb-${name}-public`,
    },
    {
      kind: "subnet",
      id: `subnet-${name}-private`,
      name: "private",
      network,
      zone: "us-east-1a",
      cidr: `${block}.128.0/24`,
      routeTable: `rtb-${name}-private`,
    },
    nic(
      ids.gatewayInterface,
      `subnet-${name}-public`,
      ids.gatewayAddress,
      `sg-${name}-gateway`,
      false,
      ids.gatewayAddress6,
    ),
    nic(ids.plainInterface, `subnet-${name}-public`, ids.plainAddress, `sg-${name}-plain`, true),
    nic(ids.workloadInterface, `subnet-${name}-private`, ids.workloadAddress, `sg-${name}-workload`, true),
    address(`eip-${name}`, ids.public, ids.gatewayInterface),
    address(`eip-${name}-plain`, ids.plainPublic, ids.plainInterface),
    { kind: "workload", id: ids.plain, name: ids.plain, interface: ids.plainInterface },
    { kind: "workload", id: ids.workload, name: ids.workload, interface: ids.workloadInterface },
    {
      kind: "routeTable",
      id: `rtb-${name}-private`,
      name: "private",
      network,
      routes: [{ cidr: others, target: { interface: ids.gatewayInterface } }],
      propagatedFrom: [],
    },
  ];
}

/** A gateway's machine that does nothing but be there, with its sshd. */
export function gatewayMachine(name: "west" | "east"): Machine {
  const ids = name === "west" ? west : east;
  return {
    kind: "machine",
    id: ids.gateway,
    name: ids.gateway,
    interface: ids.gatewayInterface,
    hostname: `gateway-${name}`,
    userData: "#!/bin/sh\n",
    image: "debian-13",
    power: "on",
  };
}

function rule(
  direction: FirewallRule["direction"],
  protocol: FirewallRule["protocol"],
  cidr: string,
  port?: number,
): FirewallRule {
  return {
    id: `sgr-${direction}-${protocol}-${cidr}-${String(port ?? "")}`,
    direction,
    protocol,
    ...(port === undefined ? {} : { ports: { from: port, to: port } }),
    peer: { cidr },
  };
}

function address(id: string, value: string, nic: string): WorldObject {
  return { kind: "publicAddress", id, name: id, address: value, interface: nic };
}

function macOf(value: string): string {
  const parts = value.split(".").map((octet) => Number(octet).toString(16).padStart(2, "0"));
  return ["02", "00", ...parts].join(":");
}

/** Another object beside one of these cannot have its IPv6. */
export function withoutIpv6<T extends { readonly ipv6?: string }>(object: T): Omit<T, "ipv6"> {
  return without(object, "ipv6");
}
