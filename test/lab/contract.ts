import type { Origin, Packet, Refusal } from "../../lab/world/passage";
import { labInternet, type ObjectKind, type PublicAddress, type WorldObject } from "../../lab/world/model";
import { east, local, twoNetworks, west } from "./two-networks";

/** What a world of clouds does to one packet. Held by both kinds of lab: the recorded one and the kernels. */
export interface ContractRow {
  readonly what: string;
  /** Put before the packet is sent; afterwards they are as in twoNetworks() again. */
  readonly changed?: readonly WorldObject[];
  readonly from: Origin;
  readonly packet: Packet;
  readonly expected:
    | { readonly at: string; readonly source?: string; readonly destination?: string }
    | { readonly refused: Refusal };
}

const gateway = { interface: west.gatewayInterface };
const plain = { interface: west.plainInterface };
const workload = { interface: west.workloadInterface };
const uniqueLocal = { interface: local.interface };
const icmp = (source: string, destination: string): Packet => ({ source, destination, protocol: "icmp" });
const udp = (source: string, destination: string, port: number): Packet => ({
  source,
  destination,
  protocol: "udp",
  port,
});
const tcp = (source: string, destination: string, port: number): Packet => ({
  source,
  destination,
  protocol: "tcp",
  port,
});

/** The last state of an object of twoNetworks(). */
export function original<K extends ObjectKind>(kind: K, id: string): Extract<WorldObject, { kind: K }> {
  const found = twoNetworks()
    .filter((object): object is Extract<WorldObject, { kind: K }> => object.kind === kind && object.id === id)
    .at(-1);
  if (found === undefined) throw new Error(`two networks have no ${kind} ${id}`);
  return found;
}

const eastAddress = original("publicAddress", "eip-east");
const eastAddressAlone = released(eastAddress);
const eastPlainAddressAlone = released(original("publicAddress", "eip-east-plain"));
const eastFirewall = original("firewall", "sg-east-gateway");
const westFirewall = original("firewall", "sg-west-gateway");
const westTable = original("routeTable", "rtb-west-private");
const westPublic = original("routeTable", "rtb-west-public");

export const contract: readonly ContractRow[] = [
  {
    what: "an echo from gateway to gateway carries public addresses outside and private ones inside",
    from: gateway,
    packet: icmp(west.gatewayAddress, east.public),
    expected: { at: east.gateway, source: west.public, destination: east.gatewayAddress },
  },
  {
    what: "IKE from the peer's public address is admitted",
    from: gateway,
    packet: udp(west.gatewayAddress, east.public, 500),
    expected: { at: east.gateway, source: west.public },
  },
  {
    what: "IKE from a stranger is refused",
    from: "stranger",
    packet: udp(labInternet.stranger, east.public, 500),
    expected: { refused: "Ingress" },
  },
  {
    what: "a port that no rule names is refused, even from the peer",
    from: gateway,
    packet: udp(west.gatewayAddress, east.public, 4501),
    expected: { refused: "Ingress" },
  },
  {
    what: "SSH from management is admitted",
    from: "management",
    packet: tcp(labInternet.management, east.public, 22),
    expected: { at: east.gateway, source: labInternet.management },
  },
  {
    what: "SSH from outside of management is refused",
    from: "stranger",
    packet: tcp(labInternet.stranger, east.public, 22),
    expected: { refused: "Ingress" },
  },
  {
    what: "SSH from management to another port is refused",
    from: "management",
    packet: tcp(labInternet.management, east.public, 179),
    expected: { refused: "Ingress" },
  },
  {
    what: "a foreign source leaves an interface whose check is off",
    from: gateway,
    packet: udp("10.20.128.4", west.workloadAddress, 7000),
    expected: { at: west.workload, source: "10.20.128.4" },
  },
  {
    what: "a foreign source does not leave an interface whose check is on",
    from: plain,
    packet: udp("10.20.128.4", west.workloadAddress, 53),
    expected: { refused: "SourceCheck" },
  },
  {
    what: "a foreign destination reaches an interface whose check is off",
    from: workload,
    packet: udp(west.workloadAddress, east.workloadAddress, 7001),
    expected: { at: west.gateway, source: west.workloadAddress, destination: east.workloadAddress },
  },
  {
    what: "the table without a default route leads nowhere else",
    from: workload,
    packet: udp(west.workloadAddress, labInternet.stranger, 7002),
    expected: { refused: "NoRoute" },
  },
  {
    what: "a port that egress does not name does not leave",
    from: plain,
    packet: udp(west.plainAddress, west.gatewayAddress, 123),
    expected: { refused: "Egress" },
  },
  {
    what: "a port that egress names does",
    from: plain,
    packet: udp(west.plainAddress, west.gatewayAddress, 53),
    expected: { at: west.gateway, source: west.plainAddress },
  },
  {
    what: "a rule for members of a group admits a member",
    from: gateway,
    packet: tcp(west.gatewayAddress, west.plainAddress, 8080),
    expected: { at: west.plain, source: west.gatewayAddress },
  },
  {
    what: "and nobody else",
    from: workload,
    packet: tcp(west.workloadAddress, west.plainAddress, 8080),
    expected: { refused: "Ingress" },
  },
  {
    what: "within a network, subnets reach each other",
    from: workload,
    packet: icmp(west.workloadAddress, west.plainAddress),
    expected: { at: west.plain, source: west.workloadAddress, destination: west.plainAddress },
  },
  {
    what: "a private address of the other network is nowhere on the internet",
    from: gateway,
    packet: icmp(west.gatewayAddress, east.gatewayAddress),
    expected: { refused: "NobodyThere" },
  },
  {
    what: "what holds no public address does not leave by the internet gateway",
    from: gateway,
    packet: udp(west.workloadAddress, labInternet.stranger, 7003),
    expected: { refused: "NoPublicAddress" },
  },
  {
    what: "the internet sees a public address as the source",
    from: plain,
    packet: icmp(west.plainAddress, labInternet.stranger),
    expected: { at: "stranger", source: west.plainPublic },
  },
  {
    what: "a foreign destination does not reach an interface whose check is on",
    from: workload,
    packet: icmp(west.workloadAddress, "10.30.0.1"),
    changed: [
      { ...westTable, routes: [{ cidr: "10.30.0.0/16", target: { interface: west.plainInterface } }] },
    ],
    expected: { refused: "DestinationCheck" },
  },
  {
    what: "nor a gateway whose check has been turned on",
    from: workload,
    packet: udp(west.workloadAddress, east.workloadAddress, 7004),
    changed: [{ ...original("interface", west.gatewayInterface), sourceDestinationCheck: true }],
    expected: { refused: "DestinationCheck" },
  },
  {
    what: "and such a gateway sends nothing of others",
    from: gateway,
    packet: udp("10.20.128.4", west.workloadAddress, 7005),
    changed: [{ ...original("interface", west.gatewayInterface), sourceDestinationCheck: true }],
    expected: { refused: "SourceCheck" },
  },
  {
    what: "a rule that is added admits",
    from: "stranger",
    packet: udp(labInternet.stranger, east.public, 4500),
    changed: [
      {
        ...eastFirewall,
        rules: [
          ...eastFirewall.rules,
          {
            id: "sgr-more",
            direction: "ingress",
            protocol: "udp",
            ports: { from: 4500, to: 4500 },
            peer: { cidr: `${labInternet.stranger}/32` },
          },
        ],
      },
    ],
    expected: { at: east.gateway, source: labInternet.stranger },
  },
  {
    what: "and admits no longer when it has gone",
    from: "stranger",
    packet: udp(labInternet.stranger, east.public, 4500),
    expected: { refused: "Ingress" },
  },
  {
    what: "a public address that nobody holds leads nowhere",
    from: gateway,
    packet: icmp(west.gatewayAddress, east.public),
    changed: [eastAddressAlone],
    expected: { refused: "NobodyThere" },
  },
  {
    what: "a public address that moves leads to its new holder",
    from: gateway,
    packet: icmp(west.gatewayAddress, east.public),
    changed: [eastPlainAddressAlone, { ...eastAddress, interface: east.plainInterface }],
    expected: { at: east.plain, source: west.public, destination: east.plainAddress },
  },
  {
    what: "the longest prefix wins",
    from: workload,
    packet: icmp(west.workloadAddress, east.workloadAddress),
    changed: [
      {
        ...westTable,
        routes: [
          { cidr: "10.20.128.0/24", target: { interface: west.gatewayInterface } },
          { cidr: "10.20.0.0/16", target: { interface: west.plainInterface } },
        ],
      },
    ],
    expected: { at: west.gateway, destination: east.workloadAddress },
  },
  {
    what: "a route that has gone leads nowhere",
    from: workload,
    packet: icmp(west.workloadAddress, east.workloadAddress),
    changed: [{ ...westTable, routes: [] }],
    expected: { refused: "NoRoute" },
  },
  {
    what: "and leads there again when it is back",
    from: workload,
    packet: icmp(west.workloadAddress, east.workloadAddress),
    expected: { at: west.gateway, destination: east.workloadAddress },
  },
  {
    what: "over IPv6, IKE from the peer's address is admitted, and nothing is translated",
    from: gateway,
    packet: udp(west.gatewayAddress6, east.gatewayAddress6, 500),
    expected: { at: east.gateway, source: west.gatewayAddress6, destination: east.gatewayAddress6 },
  },
  {
    what: "over IPv6, an echo from gateway to gateway is admitted",
    from: gateway,
    packet: icmp(west.gatewayAddress6, east.gatewayAddress6),
    expected: { at: east.gateway, source: west.gatewayAddress6 },
  },
  {
    what: "over IPv6, IKE from a stranger is refused",
    from: "stranger",
    packet: udp(labInternet.stranger6, east.gatewayAddress6, 500),
    expected: { refused: "Ingress" },
  },
  {
    what: "over IPv6, a port that no rule names is refused, even from the peer",
    from: gateway,
    packet: udp(west.gatewayAddress6, east.gatewayAddress6, 4501),
    expected: { refused: "Ingress" },
  },
  {
    what: "the internet sees an IPv6 address as it is",
    from: gateway,
    packet: icmp(west.gatewayAddress6, labInternet.stranger6),
    expected: { at: "stranger", source: west.gatewayAddress6 },
  },
  {
    what: "an IPv6 source that nobody holds does not leave by the internet gateway",
    from: gateway,
    packet: udp(`${west.gatewayAddress6}4`, labInternet.stranger6, 7006),
    expected: { refused: "NoPublicAddress" },
  },
  {
    what: "nor does a unique local one, though its host holds it and its table leads there",
    from: uniqueLocal,
    packet: icmp(local.address6, labInternet.stranger6),
    expected: { refused: "NoPublicAddress" },
  },
  {
    what: "a unique local address is nowhere on the internet",
    from: gateway,
    packet: icmp(west.gatewayAddress6, local.address6),
    expected: { refused: "NobodyThere" },
  },
  {
    what: "nor is an IPv6 address that nobody holds",
    from: gateway,
    packet: icmp(west.gatewayAddress6, `${east.gatewayAddress6}4`),
    expected: { refused: "NobodyThere" },
  },
  {
    what: "a table without ::/0 leads nowhere over IPv6, whatever it has for IPv4",
    from: gateway,
    packet: icmp(west.gatewayAddress6, east.gatewayAddress6),
    changed: [{ ...westPublic, routes: westPublic.routes.filter(({ cidr }) => cidr !== "::/0") }],
    expected: { refused: "NoRoute" },
  },
  {
    what: "and leads there again with it",
    from: gateway,
    packet: icmp(west.gatewayAddress6, east.gatewayAddress6),
    expected: { at: east.gateway, source: west.gatewayAddress6 },
  },
  {
    what: "a group without an IPv6 rule lets nothing of it out",
    from: gateway,
    packet: tcp(west.gatewayAddress6, east.gatewayAddress6, 7007),
    changed: [
      {
        ...westFirewall,
        rules: westFirewall.rules.filter(
          ({ direction, peer }) => direction === "ingress" || !("cidr" in peer) || peer.cidr !== "::/0",
        ),
      },
    ],
    expected: { refused: "Egress" },
  },
];

function released({ kind, id, name, address }: PublicAddress): PublicAddress {
  return { kind, id, name, address };
}

/** What undoes a row's changes, in an order in which a cloud accepts it. */
export function undoing({ changed = [] }: ContractRow): WorldObject[] {
  const kinds = new Map(changed.map(({ kind, id }) => [id, kind]));
  return [...kinds].reverse().map(([id, kind]) => original(kind, id));
}
