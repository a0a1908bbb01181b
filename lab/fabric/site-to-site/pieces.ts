import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { World } from "../../world/model";
import { internet, link, linkDevice, uplink, uplinkDevice } from "../names";
import type { Piece } from "../piece";
import type { FollowedService } from "../route-services";
import type { EndHabits, Site, TunnelEnd } from "./end";
import { sitesOf } from "./sites";

/** The internet's device towards an end, by its public address. */
export function vpnDevice(world: World, address: string): string | undefined {
  const site = sitesOf(world).find(({ ends }) => ends.some((end) => end.address === address));
  return site === undefined ? undefined : uplinkDevice(site.namespace);
}

/** The devices on the internet of gateways with tunnels. */
export function vpnUplinks(world: World): string[] {
  return sitesOf(world)
    .filter(({ ends }) => ends.length > 0)
    .map(({ namespace }) => uplinkDevice(namespace));
}

/** What of a gateway is there once it has tunnels. */
export function siteToSitePieces({ namespace, ends, habits }: Site): Piece[] {
  if (ends.length === 0) return [];
  return [
    uplinkPiece(namespace),
    doorPiece(namespace, ends),
    ...[...new Set(ends.map(({ address }) => address))].map((address) => addressPiece(namespace, address)),
    ...ends.map((end) => endPiece(namespace, end, habits)),
    ...[...new Set(ends.map(({ router }) => router.address))].map((address) => wayPiece(namespace, address)),
    charonPiece(namespace, ends, habits),
  ];
}

/** Its BGP router, in the gateway's own namespace: a session's packets have a TTL of 1. */
export function siteToSiteRouter(
  { namespace, ends }: Site,
  {
    asn,
    identifier,
    lines,
  }: { readonly asn: number; readonly identifier: string; readonly lines: readonly string[] },
): Pick<FollowedService, "endpoints" | "ways"> {
  if (ends.length === 0) return { endpoints: [], ways: {} };
  return {
    ways: Object.fromEntries(ends.map(({ name, inside }) => [inside.router, `dev ${linkDevice(name)}`])),
    endpoints: [
      {
        id: namespace,
        local: true,
        address: identifier,
        asn,
        lines,
        peers: ends.map(({ inside, router, lines: own }) => ({
          address: inside.router,
          ipv6: null,
          asn: router.asn,
          lines: own,
        })),
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

/** From the internet there comes IKE and ESP of the routers elsewhere, and nothing passes to it or from it. */
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

function addressPiece(gateway: string, address: string): Piece {
  return {
    key: `vpn address ${gateway} ${address}`,
    stage: "cable",
    up: [
      { ip: `addr add ${address}/32 dev lo`, in: gateway },
      {
        ip: `route replace ${address}/32 via ${link.outer.network} dev ${uplinkDevice(gateway)} onlink`,
        in: internet,
      },
    ],
    down: [
      { sh: `ip -n ${internet} route del ${address}/32 2> /dev/null || true` },
      { ip: `addr del ${address}/32 dev lo`, in: gateway },
    ],
  };
}

function endPiece(gateway: string, { name, inside }: TunnelEnd, { mtu }: EndHabits): Piece {
  const device = linkDevice(name);
  return {
    key: `vpn end ${name} ${inside.own}`,
    stage: "cable",
    up: [
      { ip: `link add name ${device} type xfrm if_id ${String(ifIdOf(name))}`, in: gateway },
      { ip: `link set dev ${device} mtu ${String(mtu)} up`, in: gateway },
      { ip: `addr add ${inside.own}/${String(inside.prefix)} dev ${device}`, in: gateway },
    ],
    down: [{ ip: `link del dev ${device}`, in: gateway }],
  };
}

/** To a router elsewhere, over the internet. */
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
function charonPiece(gateway: string, ends: readonly TunnelEnd[], habits: EndHabits): Piece {
  const file = `/run/fabric/${gateway}-vpn`;
  const wanted = JSON.stringify({
    namespace: gateway,
    retransmit: habits.retransmit,
    connections: ends.map((end) => connection(end, habits)).join(""),
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

/**
 * Who begins IKE. A trap waits for a packet; strongSwan lets the older SA go when both have begun (`unique`), and what is gone is
 * begun again by the next packet.
 */
const starting = { never: "none", "for traffic": "trap" } as const satisfies Record<
  EndHabits["calls"],
  string
>;

/** A tunnel as strongSwan's swanctl.conf has it. */
function connection(
  { name, address, router, ike, esp, replayWindow }: TunnelEnd,
  { dpdDelaySeconds, calls }: EndHabits,
): string {
  return `  ${name} {
    version = 2
    local_addrs = ${address}
    remote_addrs = ${router.address}
    proposals = ${ike.proposals.join(", ")}
    rekey_time = ${String(ike.rekeySeconds)}s
    rand_time = ${String(ike.randomSeconds)}s
    over_time = ${String(ike.lifeSeconds - ike.rekeySeconds)}s
    dpd_delay = ${String(dpdDelaySeconds)}s
    mobike = no
    unique = replace
    # RFC 6023 is among the standards that no vendor names.
    childless = never
    local {
      auth = psk
      id = ${address}
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
        esp_proposals = ${esp.proposals.join(", ")}
        rekey_time = ${String(esp.rekeySeconds)}s
        rand_time = ${String(esp.randomSeconds)}s
        life_time = ${String(esp.lifeSeconds)}s
        replay_window = ${String(replayWindow)}
        start_action = ${starting[calls]}
        # The session goes with a peer that is gone.
        dpd_action = clear
      }
    }
  }
`;
}

function secret({ name, address, router, presharedKey }: TunnelEnd): string {
  return `  ike-${name} {
    id-1 = ${address}
    id-2 = ${router.address}
    secret = "${presharedKey}"
  }
`;
}

function program(): string {
  return readFileSync(join(__dirname, "site_to_site.py"), "utf8");
}
