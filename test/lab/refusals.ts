import type { ObjectKind, WorldObject } from "../../lab/world/model";
import { original } from "./contract";
import { east, gatewayMachine, west, withoutIpv6 } from "./two-networks";

/** What a cloud refuses, beside twoNetworks() and both gateways' machines. */
export interface RefusalRow {
  readonly what: string;
  readonly code: string;
  readonly put?: WorldObject;
  readonly remove?: { readonly kind: ObjectKind; readonly id: string };
}

const network = original("network", west.network);
const subnet = original("subnet", "subnet-west-private");
const table = original("routeTable", "rtb-west-private");
const firewall = original("firewall", "sg-west-gateway");
const nic = original("interface", west.workloadInterface);
const held = original("publicAddress", "eip-west");
const service = { kind: "routeService", id: "rs-west", name: "rs", asn: 65001 } as const;

export const refusals: readonly RefusalRow[] = [
  {
    what: "a second address of an interface that is of no use in its subnet",
    code: "InvalidParameterValue",
    put: { ...nic, secondaryAddresses: ["10.10.129.20"] },
  },
  {
    what: "a second address of an interface that is the first",
    code: "InvalidParameterValue",
    put: { ...nic, secondaryAddresses: [nic.address] },
  },
  {
    what: "a second address of an interface that another has",
    code: "InvalidIPAddress.InUse",
    put: { ...original("interface", west.gatewayInterface), secondaryAddresses: [west.plainAddress] },
  },
  {
    what: "a public address at a private one that its interface does not have",
    code: "InvalidParameterValue",
    put: { ...held, privateAddress: "10.10.0.20" },
  },
  { what: "a block with host bits", code: "InvalidVpc.Range", put: { ...network, cidrs: ["10.10.1.0/16"] } },
  { what: "a block larger than /16", code: "InvalidVpc.Range", put: { ...network, cidrs: ["10.0.0.0/8"] } },
  { what: "a network without a block", code: "InvalidParameterValue", put: { ...network, cidrs: [] } },
  {
    what: "two blocks of a network that overlap",
    code: "CidrConflict",
    put: { ...network, cidrs: ["10.10.0.0/16", "10.10.128.0/20"] },
  },
  {
    what: "a subnet outside of its network",
    code: "InvalidSubnet.Range",
    put: { ...subnet, id: "subnet-x", cidr: "10.11.0.0/24" },
  },
  {
    what: "a subnet that overlaps another",
    code: "InvalidSubnet.Conflict",
    put: { ...subnet, id: "subnet-x", cidr: "10.10.128.128/25" },
  },
  {
    what: "an IPv6 block of a size that networks do not have",
    code: "InvalidVpc.Range",
    put: { ...network, ipv6: "fd8a:1b2c::/64" },
  },
  {
    what: "an IPv6 block with host bits",
    code: "InvalidVpc.Range",
    put: { ...network, ipv6: "fd8a:1b2c::1/56" },
  },
  {
    what: "a subnet with IPv6 in a network without",
    code: "InvalidSubnet.Range",
    put: { ...subnet, ipv6: "fd8a:1b2c::/64" },
  },
  {
    what: "an IPv6 address in a subnet without",
    code: "InvalidParameterValue",
    put: { ...nic, ipv6: "fd8a:1b2c::4" },
  },
  {
    what: "a route of IPv6 to anything but an internet gateway",
    code: "NotInLab",
    put: { ...table, routes: [{ cidr: "::/0", target: { interface: west.gatewayInterface } }] },
  },
  {
    what: "a route of IPv6 to some of the internet",
    code: "NotInLab",
    put: { ...table, routes: [{ cidr: "2001:db8:77::/48", target: { internetGateway: "igw-west" } }] },
  },
  {
    what: "two routes to the IPv6 internet",
    code: "RouteAlreadyExists",
    put: {
      ...table,
      routes: ["::/0", "::/0"].map((cidr) => ({ cidr, target: { internetGateway: "igw-west" } })),
    },
  },
  {
    what: "an IPv6 block that another network has",
    code: "CidrConflict",
    put: { ...network, ipv6: original("network", east.network).ipv6 ?? "" },
  },
  {
    what: "an IPv6 block of the lab's own internet",
    code: "InvalidVpc.Range",
    put: { ...network, ipv6: "2001:db8:ffff:100::/56" },
  },
  {
    what: "a network without the IPv6 block that its subnets have",
    code: "InvalidCidrBlock.InUse",
    put: withoutIpv6(network),
  },
  {
    what: "a subnet without the IPv6 block that its interfaces have",
    code: "InvalidCidrBlock.InUse",
    put: withoutIpv6(original("subnet", "subnet-west-public")),
  },
  { what: "a subnet of no network", code: "NotFound", put: { ...subnet, id: "subnet-x", network: "vpc-x" } },
  {
    what: "a subnet with another network's table",
    code: "InvalidParameterValue",
    put: { ...subnet, routeTable: "rtb-east-private" },
  },
  {
    what: "a second internet gateway",
    code: "Resource.AlreadyAssociated",
    put: { kind: "internetGateway", id: "igw-x", name: "x", network: west.network },
  },
  {
    what: "a route equal to the local one",
    code: "RouteAlreadyExists",
    put: { ...table, routes: [{ cidr: "10.10.0.0/16", target: { interface: west.gatewayInterface } }] },
  },
  {
    what: "two routes to one destination",
    code: "RouteAlreadyExists",
    put: { ...table, routes: [...table.routes, ...table.routes] },
  },
  {
    what: "a route to another network's interface",
    code: "InvalidParameterValue",
    put: { ...table, routes: [{ cidr: "10.20.0.0/16", target: { interface: east.gatewayInterface } }] },
  },
  {
    what: "a route to another network's internet gateway",
    code: "InvalidGatewayID.NotFound",
    put: { ...table, routes: [{ cidr: "0.0.0.0/0", target: { internetGateway: "igw-east" } }] },
  },
  {
    what: "a route within the network that is more specific than the local one",
    code: "NotInLab",
    put: { ...table, routes: [{ cidr: "10.10.64.0/24", target: { interface: west.gatewayInterface } }] },
  },
  {
    what: "a rule twice",
    code: "InvalidPermission.Duplicate",
    put: {
      ...firewall,
      rules: [...firewall.rules, ...firewall.rules.slice(0, 1).map((rule) => ({ ...rule, id: "x" }))],
    },
  },
  {
    what: "a 61st rule of a direction",
    code: "RulesPerSecurityGroupLimitExceeded",
    put: {
      ...firewall,
      rules: Array.from({ length: 61 }, (_, index) => ({
        id: `sgr-${String(index)}`,
        direction: "ingress" as const,
        protocol: "udp" as const,
        ports: { from: index, to: index },
        peer: { cidr: "0.0.0.0/0" },
      })),
    },
  },
  {
    what: "ports in the wrong order",
    code: "InvalidParameterValue",
    put: {
      ...firewall,
      rules: [
        {
          id: "x",
          direction: "ingress",
          protocol: "tcp",
          ports: { from: 9, to: 8 },
          peer: { cidr: "0.0.0.0/0" },
        },
      ],
    },
  },
  {
    what: "an address that the cloud keeps for itself",
    code: "InvalidParameterValue",
    put: { ...nic, id: "eni-x", address: "10.10.128.3" },
  },
  {
    what: "a subnet's last address",
    code: "InvalidParameterValue",
    put: { ...nic, id: "eni-x", address: "10.10.128.255" },
  },
  {
    what: "an address outside of the subnet",
    code: "InvalidParameterValue",
    put: { ...nic, id: "eni-x", address: "10.10.0.77" },
  },
  { what: "an address twice", code: "InvalidIPAddress.InUse", put: { ...nic, id: "eni-x" } },
  {
    what: "an interface that changes its address",
    code: "InvalidParameterValue",
    put: { ...nic, address: "10.10.128.9" },
  },
  {
    what: "an interface without a group",
    code: "SecurityGroupsPerInterfaceLimitExceeded",
    put: { ...nic, firewalls: [] },
  },
  {
    what: "a group of another network",
    code: "InvalidGroup.NotFound",
    put: { ...nic, firewalls: ["sg-east-workload"] },
  },
  {
    what: "a public address of somebody else",
    code: "InvalidAddress.NotFound",
    put: { ...held, address: "203.0.113.9" },
  },
  { what: "a public address twice", code: "InvalidAddress.Locked", put: { ...held, id: "eip-x" } },
  {
    what: "a second public address of an interface",
    code: "Resource.AlreadyAssociated",
    put: { ...held, id: "eip-x", address: "198.18.0.99" },
  },
  {
    what: "two hosts at one interface",
    code: "InvalidNetworkInterface.InUse",
    put: { ...gatewayMachine("west"), id: "i-x" },
  },
  {
    what: "a machine that changes its interface",
    code: "InvalidNetworkInterface.InUse",
    put: { ...gatewayMachine("west"), interface: west.plainInterface },
  },
  {
    what: "a machine that changes its image",
    code: "InvalidParameterValue",
    put: { ...gatewayMachine("west"), image: "debian-12" },
  },
  ...transitRefusals(),
  { what: "an ASN of 0", code: "InvalidParameterValue", put: { ...service, asn: 0 } },
  {
    what: "an object that becomes another kind",
    code: "WrongKind",
    put: { ...service, id: "vpc-west" },
  },
  {
    what: "a table that hears a route service which does not exist",
    code: "NotFound",
    put: { ...table, propagatedFrom: ["rs-nowhere"] },
  },
  ...(
    [
      ["network", west.network, "that still has subnets"],
      ["internetGateway", "igw-west", "that a route leads to"],
      ["routeTable", "rtb-west-public", "that a subnet uses"],
      ["subnet", "subnet-west-public", "that still has interfaces"],
      ["firewall", "sg-west-gateway", "that an interface has"],
      ["interface", west.gatewayInterface, "that a machine uses"],
    ] as const
  ).map(([kind, id, why]) => ({
    what: `the removal of a ${kind} ${why}`,
    code: "DependencyViolation",
    remove: { kind, id },
  })),
  { what: "a removal by another kind", code: "WrongKind", remove: { kind: "subnet", id: west.network } },
];

/** Beside twoNetworks(), which has no transit gateway: what a row needs is what it refuses. */
function transitRefusals(): RefusalRow[] {
  const gateway = {
    kind: "transitGateway",
    id: "tgw-x",
    name: "x",
    cloudRegion: "us-east-1",
    asn: 64999,
    cidrs: ["192.0.2.0/24"],
  } as const;
  return [
    {
      what: "a transit gateway with a public ASN",
      code: "InvalidParameterValue",
      put: { ...gateway, asn: 64511 },
    },
    {
      what: "a transit gateway with less than a /24 of addresses",
      code: "InvalidParameterValue",
      put: { ...gateway, cidrs: ["192.0.2.0/25"] },
    },
    {
      what: "a transit gateway with link-local addresses",
      code: "InvalidParameterValue",
      put: { ...gateway, cidrs: ["169.254.8.0/24"] },
    },
    {
      what: "a route to a transit gateway that does not exist",
      code: "NotFound",
      put: { ...table, routes: [{ cidr: "10.20.0.0/16", target: { transitGateway: "tgw-x" } }] },
    },
  ];
}
