import type { Origin, Packet, Refusal } from "../../lab/world/passage";
import { labInternet } from "../../lab/world/model";
import { east, west } from "./two-networks";

/** What a world of clouds does to one packet. Held by both kinds of lab: the recorded one and the kernels. */
export interface ContractRow {
  readonly what: string;
  readonly from: Origin;
  readonly packet: Packet;
  readonly expected:
    | { readonly at: string; readonly source?: string; readonly destination?: string }
    | { readonly refused: Refusal };
}

const gateway = { interface: west.gatewayInterface };
const plain = { interface: west.plainInterface };
const workload = { interface: west.workloadInterface };
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
];
