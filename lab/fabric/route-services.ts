import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isIpv6 } from "../world/address";
import { allAddressesOf } from "../world/addresses";
import { networkOf } from "../world/check";
import type { Network, RouteService, RouteServiceEndpoint, World } from "../world/model";
import { objectOf, objectsOf } from "../world/world";
import { link, link6, linkDevice, tableNumber } from "./names";
import type { Piece } from "./piece";
import {
  applianceLines,
  azureRouteServerHabits,
  cloudRouterHabits,
  peerLines,
  routeServiceHabits,
  virtualApplianceLines,
} from "./route-service-habits";

/**
 * A route service: per endpoint a BGP router of its own (FRR) that never opens a session, with BFD where it is asked
 * for; what its peers announce enters the route tables that it propagates to: one next hop per prefix, and so many.
 * A Cloud Router is the same with habits of its own. It spreads flows over routes with one MED, which no two gateways of a
 * region tell it: that is not in the lab. An Azure Route Server spreads flows over the shortest AS paths.
 * @see AWS, "Dynamic routing in your VPC using VPC Route Server"
 * @see Google Cloud, "Router appliance overview"
 * @see Microsoft Learn, "Azure Route Server frequently asked questions (FAQ)"
 */
export function routeServicePieces(world: World): Piece[] {
  // One that speaks inside of tunnels runs where they end (ha-vpn.ts).
  const inside = new Set(objectsOf(world, "gatewayTunnel").map(({ routeService }) => routeService));
  return [
    ...objectsOf(world, "routeServiceEndpoint").map((endpoint) => endpointPiece(world, endpoint)),
    ...objectsOf(world, "routeService").flatMap((service) =>
      service.network === undefined || inside.has(service.id)
        ? []
        : [servicePiece(world, service, service.network)],
    ),
  ];
}

function endpointPiece(world: World, { id, address, subnet }: RouteServiceEndpoint): Piece {
  const network = networkOf(world, subnet);
  const device = linkDevice(id);
  return {
    key: `endpoint ${id}`,
    stage: "cable",
    up: [
      { ip: `netns add ${id}` },
      { ip: `link add wan netns ${id} type veth peer name ${device} netns ${network}` },
      { ip: "link set lo up", in: id },
      { ip: `addr add ${address}/32 dev wan`, in: id },
      { ip: "link set wan up", in: id },
      { ip: `route add default via ${link.inner.network} dev wan src ${address} onlink`, in: id },
      { ip: `addr add ${link.inner.network}/32 dev ${device}`, in: network },
      { ip: `link set ${device} up`, in: network },
      { ip: `route add ${address}/32 dev ${device}`, in: network },
    ],
    down: [{ ip: `link del ${device}`, in: network }, { ip: `netns del ${id}` }],
  };
}

/** What one route service is to be, for route_service.py, which runs it and follows. */
function servicePiece(world: World, { id, asn, keepaliveSeconds }: RouteService, network: string): Piece {
  const cloud = objectOf(world, "network", network)?.cloud ?? "aws";
  const peers = objectsOf(world, "routeServicePeer");
  const endpoints = objectsOf(world, "routeServiceEndpoint").filter(
    ({ routeService }) => routeService === id,
  );
  const tables = objectsOf(world, "routeTable").filter(({ propagatedFrom }) => propagatedFrom.includes(id));
  const machines = new Set(objectsOf(world, "machine").map((machine) => machine.interface));
  const nics = objectsOf(world, "interface").filter(
    (nic) => machines.has(nic.id) && networkOf(world, nic.subnet) === network,
  );
  return followedPiece(id, {
    namespace: network,
    most: routesTaken[cloud],
    dropsLast: cloud === "gcp",
    tables: tables.map((table) => String(tableNumber(table.id))),
    spread: cloud === "azure",
    ways: Object.fromEntries(
      nics.flatMap((nic) =>
        allAddressesOf(nic).map((address) => [
          address,
          `via ${(isIpv6(address) ? link6 : link.inner).host} dev ${linkDevice(nic.id)} onlink`,
        ]),
      ),
    ),
    endpoints: endpoints.map((endpoint) => ({
      id: endpoint.id,
      address: endpoint.address,
      asn,
      // A second equal path is news of the kernel then.
      lines: cloud === "azure" ? ["maximum-paths 64"] : [],
      peers: peers
        .filter((peer) => peer.endpoint === endpoint.id)
        .map(({ peerAddress, peerAsn, liveness }) => ({
          address: peerAddress,
          // What it may tell IPv6 routes by (RFC 4760): there is no session over IPv6.
          ipv6: nics.find((nic) => nic.address === peerAddress)?.ipv6 ?? null,
          asn: peerAsn,
          lines: linesOf(cloud, endpoint.address, {
            ...{ address: peerAddress, asn: peerAsn, liveness },
            ...(keepaliveSeconds === undefined ? {} : { keepaliveSeconds }),
          }),
        })),
    })),
  });
}

/** How many routes a network's tables take of it. */
const routesTaken = {
  aws: routeServiceHabits.routes.perFib,
  azure: azureRouteServerHabits.routes.perNetwork,
  gcp: cloudRouterHabits.routes.perNetwork,
} as const satisfies Record<Network["cloud"], number>;

function linesOf(
  cloud: Network["cloud"],
  own: string,
  peer: Parameters<typeof peerLines>[1] & { readonly keepaliveSeconds?: number },
): string[] {
  switch (cloud) {
    case "aws":
      return peerLines(own, peer);
    case "azure":
      return virtualApplianceLines(own, peer);
    case "gcp":
      return applianceLines(own, peer, peer.keepaliveSeconds);
  }
}

/** What route_service.py is told of one service. */
export interface FollowedService {
  /** Where the tables are. */
  readonly namespace: string;
  /** Names or numbers. */
  readonly tables: readonly string[];
  /** Prefixes that a table takes. */
  readonly most: number;
  /** Whether what is beyond them is told by its mask and its text, and not by who came first. */
  readonly dropsLast?: boolean;
  /** Whether a prefix has all equally good next hops, or one. */
  readonly spread: boolean;
  /** Of those: whether a MED makes one better than another. */
  readonly comparesMed?: boolean;
  /** Where each route is written as well, by the one way that leads here: the network that it is for. */
  readonly beside?: readonly {
    readonly namespace: string;
    readonly tables: readonly string[];
    readonly way: string;
  }[];
  /** By next hop: how the kernel's route says it. */
  readonly ways: Readonly<Record<string, string>>;
  /** BGP routers, each in a namespace of that name. */
  readonly endpoints: readonly {
    readonly id: string;
    /** Its peers are met in the namespace that routes: what it learns stays out of the kernel there but for the tables. */
    readonly local?: boolean;
    /** It passes packets on itself: for all that it learns the next hop is its own id. */
    readonly stands?: boolean;
    /** BGP identifier. */
    readonly address: string;
    readonly asn: number;
    /** More lines of its `router bgp`. */
    readonly lines: readonly string[];
    readonly peers: readonly {
      readonly address: string;
      /** What it may tell IPv6 routes by, if any. */
      readonly ipv6: string | null;
      readonly asn: number;
      /** By which the endpoint meets it; absent: its only one. */
      readonly device?: string;
      readonly lines: readonly string[];
    }[];
  }[];
}

/** The program that runs a service's routers and follows what they learn. */
export function followedPiece(id: string, service: FollowedService): Piece {
  const wanted = JSON.stringify(service);
  const file = `/run/fabric/${id}`;
  return {
    key: `service ${id}`,
    stage: "service",
    up: [
      {
        sh: `cat > ${file}.json.next <<'JSON'
${wanted}
JSON
mv ${file}.json.next ${file}.json
[ -e /run/fabric/route_service.py ] || cat > /run/fabric/route_service.py <<'PROGRAM'
${program()}PROGRAM
kill -HUP "$(cat ${file}.pid 2> /dev/null)" 2> /dev/null || {
  # Until it listens to this signal it must not die of it; it reads the file after that.
  trap '' HUP
  setsid python3 -EsB /run/fabric/route_service.py ${file} > ${file}.log 2>&1 < /dev/null &
  echo $! > ${file}.pid
  trap - HUP
}`,
      },
    ],
    down: [
      { sh: `kill "$(cat ${file}.pid 2> /dev/null)" 2> /dev/null || true; rm -f ${file}.json ${file}.pid` },
    ],
    onChange: "again",
  };
}

function program(): string {
  return readFileSync(join(__dirname, "route_service.py"), "utf8");
}
