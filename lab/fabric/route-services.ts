import { readFileSync } from "node:fs";
import { join } from "node:path";
import { networkOf } from "../world/check";
import type { RouteServiceEndpoint, RouteServicePeer, World } from "../world/model";
import { objectOf, objectsOf } from "../world/world";
import { link, linkDevice, tableNumber } from "./names";
import type { Piece } from "./piece";

/**
 * A route service: per endpoint a BGP router of its own (FRR) that never opens a session, with BFD where it is asked
 * for; what its peers announce enters the route tables that it propagates to, one next hop per prefix.
 * @see AWS, "Dynamic routing in your VPC using VPC Route Server"
 */
export function routeServicePieces(world: World): Piece[] {
  const endpoints = objectsOf(world, "routeServiceEndpoint");
  return [
    ...endpoints.flatMap((endpoint) => endpointPieces(world, endpoint)),
    ...objectsOf(world, "routeServicePeer").flatMap((peer) => peerPieces(world, peer)),
    ...objectsOf(world, "routeService").map((service): Piece => {
      const own = endpoints.filter(({ routeService }) => routeService === service.id);
      return watchPiece(world, service.id, service.network, own);
    }),
  ];
}

function endpointPieces(world: World, { id, address, subnet, routeService }: RouteServiceEndpoint): Piece[] {
  const network = networkOf(world, subnet);
  const asn = objectOf(world, "routeService", routeService)?.asn ?? 0;
  const device = linkDevice(id);
  return [
    {
      key: `endpoint ${id}`,
      stage: "cable",
      up: [
        { ip: `netns add ${id}` },
        { ip: `link add up netns ${id} type veth peer name ${device} netns ${network}` },
        { ip: "link set lo up", in: id },
        { ip: `addr add ${address}/32 dev up`, in: id },
        { ip: "link set up up", in: id },
        { ip: `route add default via ${link.inner.network} dev up src ${address} onlink`, in: id },
        { ip: `addr add ${link.inner.network}/32 dev ${device}`, in: network },
        { ip: `link set ${device} up`, in: network },
        { ip: `route add ${address}/32 dev ${device}`, in: network },
      ],
      down: [{ ip: `link del ${device}`, in: network }, { ip: `netns del ${id}` }],
    },
    {
      key: `router ${id}`,
      stage: "service",
      up: [{ sh: routerScript(id, address, asn) }],
      down: [
        {
          sh: `for pid in /run/frr/${id}/*.pid; do kill -KILL "$(cat "$pid")" 2> /dev/null || true; done; rm -rf /run/frr/${id} /etc/frr/${id}`,
        },
      ],
    },
  ];
}

/** zebra, bgpd and bfdd of their own per endpoint, apart by FRR's path space. */
function routerScript(id: string, address: string, asn: number): string {
  return `mkdir -p /etc/frr/${id} /run/frr/${id}
cat > /etc/frr/${id}/bgpd.conf <<'CONFIG'
router bgp ${String(asn)}
 bgp router-id ${address}
 no bgp ebgp-requires-policy
 no bgp network import-check
 bgp graceful-restart-disable
exit
CONFIG
: > /etc/frr/${id}/zebra.conf
: > /etc/frr/${id}/bfdd.conf
chown -R frr:frr /etc/frr/${id} /run/frr/${id}
for daemon in zebra bgpd bfdd; do
  ip netns exec ${id} /usr/lib/frr/$daemon -d -N ${id} -A 127.0.0.1 -P 0 -f /etc/frr/${id}/$daemon.conf > /dev/null 2>&1
done`;
}

function peerPieces(
  world: World,
  { id, endpoint, peerAddress, peerAsn, liveness }: RouteServicePeer,
): Piece[] {
  const found = objectOf(world, "routeServiceEndpoint", endpoint);
  const asn = found === undefined ? undefined : objectOf(world, "routeService", found.routeService)?.asn;
  if (found === undefined || asn === undefined) return [];
  const lines = (entries: readonly string[]): string =>
    ["configure terminal", `router bgp ${String(asn)}`, ...entries].map((line) => `-c '${line}'`).join(" ");
  const neighbour = `neighbor ${peerAddress}`;
  return [
    {
      key: `peer ${id}`,
      stage: "watch",
      up: [
        // The peer's own address as next hop, so that a route tells which of them it came from.
        { ip: `route replace ${peerAddress}/32 dev up`, in: endpoint },
        {
          sh: `vtysh -N ${endpoint} ${lines([
            `${neighbour} remote-as ${String(peerAsn)}`,
            `${neighbour} passive`,
            `${neighbour} ebgp-multihop 2`,
            `${neighbour} update-source ${found.address}`,
            ...(liveness === "bfd" ? [`${neighbour} bfd`] : []),
          ])}`,
        },
      ],
      down: [
        {
          sh: `vtysh -N ${endpoint} ${lines([`no ${neighbour} remote-as ${String(peerAsn)}`])} 2> /dev/null || true`,
        },
        { sh: `ip -n ${endpoint} route del ${peerAddress}/32 dev up 2> /dev/null || true` },
      ],
    },
  ];
}

/** What copies the endpoints' best routes into the network's tables as they change (propagate.py). */
function watchPiece(
  world: World,
  id: string,
  network: string,
  endpoints: readonly RouteServiceEndpoint[],
): Piece {
  const tables = objectsOf(world, "routeTable").filter(({ propagatedFrom }) => propagatedFrom.includes(id));
  const devices = objectsOf(world, "interface").flatMap((nic) =>
    networkOf(world, nic.subnet) === network && isMachines(world, nic.id)
      ? [[nic.address, linkDevice(nic.id)]]
      : [],
  );
  const settings = JSON.stringify({
    network,
    endpoints: endpoints.map((endpoint) => endpoint.id),
    tables: tables.map((table) => tableNumber(table.id)),
    devices: Object.fromEntries(devices),
    via: link.inner.host,
  });
  const file = `/run/fabric/${id}`;
  return {
    key: `watch ${id}`,
    stage: "watch",
    up: [
      {
        sh: `mkdir -p /run/fabric
cat > ${file}.json.next <<'JSON'
${settings}
JSON
mv ${file}.json.next ${file}.json
[ -e /run/fabric/propagate.py ] || cat > /run/fabric/propagate.py <<'PROGRAM'
${readFileSync(join(__dirname, "propagate.py"), "utf8")}PROGRAM
kill -HUP "$(cat ${file}.pid 2> /dev/null)" 2> /dev/null || {
  setsid python3 -EsB /run/fabric/propagate.py ${file} > ${file}.log 2>&1 < /dev/null &
}`,
      },
    ],
    down: [
      { sh: `kill "$(cat ${file}.pid 2> /dev/null)" 2> /dev/null || true; rm -f ${file}.json ${file}.pid` },
    ],
    onChange: "again",
  };
}

function isMachines(world: World, nic: string): boolean {
  return objectsOf(world, "machine").some((machine) => machine.interface === nic);
}
