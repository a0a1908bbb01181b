import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { insideAddresses } from "../../world/address";
import type { TransitGateway, VpnConnection, VpnTunnel, World } from "../../world/model";
import { objectOf, objectsOf } from "../../world/world";
import { internet, link, linkDevice, uplink, uplinkDevice } from "../names";
import type { Piece } from "../piece";
import type { FollowedService } from "../route-services";
import { customerGatewayLines, proposalsOf, rekeyingOf, siteToSiteHabits } from "./habits";

/** One tunnel at AWS' end, with who is at the other. */
interface TunnelEnd {
  readonly name: string;
  readonly tunnel: VpnTunnel;
  readonly router: { readonly address: string; readonly asn: number };
}

/** Every tunnel of a transit gateway, in order of its connections. */
function tunnelEnds(world: World, gateway: string): TunnelEnd[] {
  return connectionsOf(world, gateway).flatMap(({ id, customerGateway, tunnels }) => {
    const router = objectOf(world, "customerGateway", customerGateway);
    return router === undefined
      ? []
      : tunnels.map((tunnel, index) => ({ name: `${id}-${String(index + 1)}`, tunnel, router }));
  });
}

function connectionsOf(world: World, gateway: string): VpnConnection[] {
  return objectsOf(world, "vpnConnection").filter(({ transitGateway }) => transitGateway === gateway);
}

/** The internet's device towards a tunnel's end, by its public address. */
export function vpnDevice(world: World, address: string): string | undefined {
  const connection = objectsOf(world, "vpnConnection").find(({ tunnels }) =>
    tunnels.some((tunnel) => tunnel.address === address),
  );
  return connection === undefined ? undefined : uplinkDevice(connection.transitGateway);
}

/** The devices on the internet of transit gateways with VPN connections. */
export function vpnUplinks(world: World): string[] {
  return [...new Set(objectsOf(world, "vpnConnection").map(({ transitGateway }) => transitGateway))].map(
    uplinkDevice,
  );
}

/** What of a transit gateway is there once it has VPN connections. */
export function siteToSitePieces(world: World, { id }: TransitGateway): Piece[] {
  const ends = tunnelEnds(world, id);
  if (ends.length === 0) return [];
  return [
    uplinkPiece(id),
    doorPiece(id, ends),
    ...ends.map((end) => endPiece(id, end)),
    ...[...new Set(ends.map(({ router }) => router.address))].map((address) => wayPiece(id, address)),
    charonPiece(id, ends),
  ];
}

/** Its BGP router, in the transit gateway's own namespace: a session's packets have a TTL of 1. */
export function siteToSiteRouter(
  world: World,
  { id, asn }: TransitGateway,
  lines: readonly string[],
): Pick<FollowedService, "endpoints" | "ways"> {
  const ends = tunnelEnds(world, id);
  if (ends.length === 0) return { endpoints: [], ways: {} };
  return {
    ways: Object.fromEntries(
      ends.map(({ name, tunnel }) => [insideAddresses(tunnel.inside)[1], `dev ${linkDevice(name)}`]),
    ),
    endpoints: [
      {
        id,
        local: true,
        address: "0.0.0.9",
        asn,
        lines,
        peers: ends.map(({ tunnel, router }) => {
          const [own, address] = insideAddresses(tunnel.inside);
          return {
            address,
            ipv6: null,
            asn: router.asn,
            lines: customerGatewayLines(own, { address, asn: router.asn }),
          };
        }),
      },
    ],
  };
}

function uplinkPiece(gateway: string): Piece {
  const device = uplinkDevice(gateway);
  return {
    key: `vpn uplink ${gateway}`,
    stage: "cable",
    up: [
      { ip: `link add ${uplink} netns ${gateway} type veth peer name ${device} netns ${internet}` },
      { ip: `addr add ${link.outer.network}/32 dev ${uplink}`, in: gateway },
      { ip: `link set ${uplink} up`, in: gateway },
      { ip: `addr add ${link.outer.internet}/32 dev ${device}`, in: internet },
      { ip: `link set ${device} up`, in: internet },
      {
        sh: `tc -n ${internet} qdisc add dev ${device} clsact
tc -n ${internet} filter add dev ${device} ingress pref 2 matchall action mirred egress mirror dev tap`,
      },
    ],
    down: [{ ip: `link del ${device}`, in: internet }],
  };
}

/** From the internet there comes IKE and ESP of customer gateways, and nothing passes to it or from it. */
function doorPiece(gateway: string, ends: readonly TunnelEnd[]): Piece {
  const routers = [...new Set(ends.map(({ router }) => router.address))].sort().join(", ");
  return {
    key: `vpn door ${gateway}`,
    stage: "rule",
    up: [
      {
        nft: `table ip vpn
delete table ip vpn
table ip vpn {
  chain in {
    type filter hook input priority filter; policy accept;
    iifname "${uplink}" ip saddr { ${routers} } udp dport { 500, 4500 } accept
    iifname "${uplink}" ip saddr { ${routers} } ip protocol { esp, icmp } accept
    iifname "${uplink}" drop
  }
  chain through {
    type filter hook forward priority filter; policy accept;
    iifname "${uplink}" drop
    oifname "${uplink}" drop
  }
}
`,
        in: gateway,
      },
    ],
    down: [{ sh: `ip netns exec ${gateway} nft delete table ip vpn 2> /dev/null || true` }],
    onChange: "again",
  };
}

function endPiece(gateway: string, { name, tunnel }: TunnelEnd): Piece {
  const device = linkDevice(name);
  const [own] = insideAddresses(tunnel.inside);
  return {
    key: `vpn end ${name} ${tunnel.address} ${tunnel.inside}`,
    stage: "cable",
    up: [
      { ip: `addr add ${tunnel.address}/32 dev lo`, in: gateway },
      { ip: `link add name ${device} type xfrm if_id ${String(ifIdOf(name))}`, in: gateway },
      { ip: `link set dev ${device} mtu ${String(siteToSiteHabits.mtu)} up`, in: gateway },
      { ip: `addr add ${own}/30 dev ${device}`, in: gateway },
      {
        ip: `route replace ${tunnel.address}/32 via ${link.outer.network} dev ${uplinkDevice(gateway)} onlink`,
        in: internet,
      },
    ],
    down: [
      { sh: `ip -n ${internet} route del ${tunnel.address}/32 2> /dev/null || true` },
      { ip: `link del dev ${device}`, in: gateway },
      { ip: `addr del ${tunnel.address}/32 dev lo`, in: gateway },
    ],
  };
}

/** To a customer gateway, over the internet. */
function wayPiece(gateway: string, router: string): Piece {
  return {
    key: `vpn way ${gateway} ${router}`,
    stage: "route",
    up: [{ ip: `route replace ${router}/32 via ${link.outer.internet} dev ${uplink} onlink`, in: gateway }],
    // A link that is gone has taken its routes along.
    down: [{ sh: `ip -n ${gateway} route del ${router}/32 dev ${uplink} 2> /dev/null || true` }],
  };
}

function ifIdOf(name: string): number {
  return 1 + (parseInt(createHash("sha256").update(name).digest("hex").slice(0, 7), 16) % 0xfffffff);
}

/** What site_to_site.py is told: the daemon's settings and its connections. */
function charonPiece(gateway: string, ends: readonly TunnelEnd[]): Piece {
  const file = `/run/fabric/${gateway}-vpn`;
  const wanted = JSON.stringify({
    namespace: gateway,
    connections: ends.map(connection).join(""),
    secrets: ends.map(secret).join(""),
  });
  return {
    key: `vpn charon ${gateway}`,
    stage: "service",
    up: [
      {
        // For nobody else to read: it holds the keys.
        sh: `(umask 077; cat > ${file}.json.next <<'JSON'
${wanted}
JSON
)
mv ${file}.json.next ${file}.json
[ -e /run/fabric/site_to_site.py ] || cat > /run/fabric/site_to_site.py <<'PROGRAM'
${program()}PROGRAM
kill -HUP "$(cat ${file}.pid 2> /dev/null)" 2> /dev/null || {
  trap '' HUP
  setsid python3 -EsB /run/fabric/site_to_site.py ${file} > ${file}.log 2>&1 < /dev/null &
  echo $! > ${file}.pid
  trap - HUP
}`,
      },
    ],
    down: [
      {
        // The namespace goes next, and must not hold a process.
        sh: `kill "$(cat ${file}.pid 2> /dev/null)" 2> /dev/null || true
rm -rf ${file} ${file}.json ${file}.pid`,
      },
    ],
    onChange: "again",
  };
}

/** A tunnel as strongSwan's swanctl.conf has it. */
function connection({ name, tunnel, router }: TunnelEnd): string {
  const { ike, esp } = tunnel;
  const [ikeTimes, espTimes] = [rekeyingOf(tunnel, ike), rekeyingOf(tunnel, esp)];
  return `  ${name} {
    version = 2
    local_addrs = ${tunnel.address}
    remote_addrs = ${router.address}
    proposals = ${proposalsOf("ike", ike).join(", ")}
    rekey_time = ${String(ikeTimes.rekey)}s
    rand_time = ${String(ikeTimes.random)}s
    over_time = ${String(ikeTimes.life - ikeTimes.rekey)}s
    dpd_delay = ${String(siteToSiteHabits.dpdDelaySeconds)}s
    mobike = no
    unique = replace
    # RFC 6023 is among the standards that AWS names nowhere.
    childless = never
    local {
      auth = psk
      id = ${tunnel.address}
    }
    remote {
      auth = psk
      id = ${router.address}
    }
    children {
      ${name} {
        local_ts = 0.0.0.0/0
        remote_ts = 0.0.0.0/0
        if_id_in = ${String(ifIdOf(name))}
        if_id_out = ${String(ifIdOf(name))}
        esp_proposals = ${proposalsOf("esp", esp).join(", ")}
        rekey_time = ${String(espTimes.rekey)}s
        rand_time = ${String(espTimes.random)}s
        life_time = ${String(espTimes.life)}s
        replay_window = ${String(tunnel.replayWindow)}
        # The customer gateway begins (StartupAction: add), and the session goes with a peer that is gone (clear).
        start_action = none
        dpd_action = clear
      }
    }
  }
`;
}

function secret({ name, tunnel, router }: TunnelEnd): string {
  return `  ike-${name} {
    id-1 = ${tunnel.address}
    id-2 = ${router.address}
    secret = "${tunnel.presharedKey}"
  }
`;
}

function program(): string {
  return readFileSync(join(__dirname, "site_to_site.py"), "utf8");
}
