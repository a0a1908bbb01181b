import { type Family, ofFamily } from "trunkline/fleet/family";
import { allTunnels, hostOf, type Plan } from "trunkline/fleet/plan";
import type { GatewayIkeSa, GatewayStatus } from "trunkline/gateway/status";
import type { Packet } from "../../../automation/verify/pcap";
import type { PathObservation } from "../../../automation/verify/judge-paths";
import { speakersOf } from "../../../automation/operations/drain.plan";
import { createAuthority } from "./authority";

/** What daemons, kernels and the wire say of a fleet in which everything holds; tests break one fact of it. */
export interface Healthy {
  readonly statuses: Map<string, GatewayStatus>;
  readonly issued: Map<string, string>;
  readonly endpoints: Map<string, readonly string[]>;
  readonly packets: Packet[];
  readonly paths: PathObservation[];
}

export async function healthyFleet(plan: Plan): Promise<Healthy> {
  const issue = await createAuthority("trunkline acme intermediate");
  const issued = new Map<string, string>();
  for (const { gateways } of plan.regions)
    for (const { id, identity } of gateways) issued.set(id, await issue(identity));
  const endpoints = new Map(
    plan.regions.map(({ name }, index) => [name, [`10.${String(index)}.0.4`, `10.${String(index)}.1.4`]]),
  );
  const statuses = new Map(
    plan.regions.flatMap(({ name, gateways }) =>
      gateways.map(({ id }) => [id, statusOf(plan, id, issued, endpoints.get(name) ?? [])] as const),
    ),
  );
  const outside = new Map(allTunnels(plan).map((tunnel) => [tunnel.id, tunnel.outside]));
  const managed = new Set(
    allTunnels(plan).flatMap((tunnel) => (tunnel.managed === undefined ? [] : [tunnel.id])),
  );
  const packets = [...statuses.values()].flatMap(({ ikeSas }) =>
    ikeSas.flatMap(({ name, childSas }) =>
      childSas.flatMap(({ spis }) =>
        // Of a managed gateway nobody says what it gets by but who sends it.
        [spis.in, ...(managed.has(name) ? [spis.out] : [])].map((spi) =>
          espPacket(spi ?? "", outside.get(name)),
        ),
      ),
    ),
  );
  return { statuses, issued, endpoints, packets: [...packets, ikePacket()], paths: healthyPaths(plan) };
}

function statusOf(
  plan: Plan,
  gateway: string,
  issued: ReadonlyMap<string, string>,
  endpoints: readonly string[],
): GatewayStatus {
  const identities = new Map(
    plan.regions.flatMap(({ gateways }) => gateways.map(({ id, identity }) => [id, identity])),
  );
  const own = plan.links.flatMap((link) =>
    link.tunnels.flatMap(({ id, outside, managed, ends: [one, other] }, index) => {
      if (one.gateway !== gateway && other.gateway !== gateway) return [];
      const [near, far] = one.gateway === gateway ? [one, other] : [other, one];
      return [{ link: link.id, id, outside, near, far, index, bfd: managed === undefined }];
    }),
  );
  const partners = plan.regions
    .flatMap(({ pairTunnels }) => pairTunnels)
    .flatMap(({ id, outside, ends: [one, other] }) => {
      if (one.gateway !== gateway && other.gateway !== gateway) return [];
      const [near, far] = one.gateway === gateway ? [one, other] : [other, one];
      return [{ id, outside, near, far }];
    });
  const toRoutes = plan.filters.filter(({ to }) => gateway.startsWith(`${to}-`));
  const remote = [...new Set(toRoutes.flatMap(({ prefixes }) => prefixes))].sort();
  return {
    format: "trunkline.status/1",
    clock: 1_800_000_000,
    release: { current: "0".repeat(64) },
    drained: [],
    forwarded: {},
    hostKey: "ssh-ed25519 AAAA",
    ikeSas: [...own, ...partners].map(({ id, outside, near, far }) => {
      const spis = { in: spiOf(near.gateway, id), out: spiOf(far.gateway, id) };
      const [self, peer] = [gateway, far.gateway].map((end) => identities.get(end) ?? "");
      const ppk = allTunnels(plan).find((tunnel) => tunnel.id === id)?.ppk !== undefined;
      return { ...ikeSa(id, outside, self ?? "", peer ?? "", near.ifId, spis), ppk };
    }),
    certificates: [...issued.values()],
    interfaces: [],
    neighbours: [
      ...own.map(({ link, near, far, bfd }) => ({
        address: hostOf(far.inside),
        state: "Established",
        role: {},
        ...(bfd ? { bfd: "Up" } : {}),
        received: prefixesOf(plan, link, near.region),
        sent: prefixesOf(plan, link, far.region),
      })),
      ...partners.map(({ far }) => ({
        address: far.inside.replace("/127", ""),
        state: "Established",
        role: {},
        received: remote,
        sent: remote,
      })),
      ...endpoints.map((address) => ({
        address,
        state: "Established",
        role: {},
        bfd: "Up",
        received: [],
        sent: announcedBy(plan, gateway),
      })),
      ...speakersOf(plan, gateway).map((address) => ({
        address,
        state: "Established",
        role: {},
        received: [],
        sent: ofFamily("ipv4", remote),
      })),
    ],
    bfd: [],
    routes: [...new Set(own.map(({ link }) => link))].flatMap((link) =>
      prefixesOf(plan, link, gateway.replace(/-[ab]$/, "")).map((prefix) => ({
        prefix,
        nextHops: own
          .filter((tunnel) => tunnel.link === link && carriedBy(plan).has(tunnel.far.gateway))
          .map(({ near }) => near.interface),
      })),
    ),
  };
}

/** What the gateway's region tells its route service. */
function announcedBy({ regions }: Plan, gateway: string): string[] {
  const home = regions.find(({ gateways }) => gateways.some(({ id }) => id === gateway));
  return [...(home?.routeService.announced ?? [])];
}

/** Gateways that others send to: all, and of an active-standby region the first, or who holds its address. */
function carriedBy({ regions }: Plan): ReadonlySet<string> {
  return new Set(
    regions.flatMap(({ ha, shared, gateways, managed }) => [
      ...gateways
        .slice(0, ha === "active-standby" && shared === undefined ? 1 : undefined)
        .map(({ id }) => id),
      ...(managed?.ends ?? []),
    ]),
  );
}

function prefixesOf({ filters }: Plan, link: string, to: string): string[] {
  return [...(filters.find((filter) => filter.link === link && filter.to === to)?.prefixes ?? [])];
}

const addresses = {
  ipv4: ["198.18.0.1", "198.18.0.2"],
  ipv6: ["2001:db8::1", "2001:db8::2"],
} as const;

function ikeSa(
  name: string,
  outside: Family,
  local: string,
  remote: string,
  ifId: number,
  spis: { readonly in: string; readonly out: string },
): GatewayIkeSa {
  const gcm = { "encr-alg": "AES_GCM_16", "encr-keysize": "256" };
  return {
    name,
    id: 1,
    state: "ESTABLISHED",
    version: 2,
    local: { address: addresses[outside][0], identity: local },
    remote: { address: addresses[outside][1], identity: remote },
    udpEncapsulated: true,
    proposal: { ...gcm, "prf-alg": "PRF_HMAC_SHA2_384", "dh-group": "ECP_384" },
    spis: ["1111111111111111", "2222222222222222"],
    establishedSeconds: 5,
    childSas: [
      {
        name: "net",
        state: "INSTALLED",
        mode: "TUNNEL",
        udpEncapsulated: true,
        ifId,
        proposal: { ...gcm, "dh-group": "ECP_384" },
        spis,
        bytes: { in: 1, out: 1 },
        packets: { in: 1, out: 1 },
      },
    ],
  };
}

/** The SPI that a gateway chose for packets towards itself. */
function spiOf(gateway: string, tunnel: string): string {
  const sum = [...`${gateway} ${tunnel}`].reduce(
    (hash, letter) => (hash * 33 + letter.charCodeAt(0)) >>> 0,
    7,
  );
  return (sum | 0x80000000).toString(16).replace("-", "").padStart(8, "8").slice(-8);
}

function udp(port: number, payload: Buffer, outside: Family = "ipv4"): Packet {
  const [source, destination] = addresses[outside];
  return {
    seconds: 1,
    etherType: outside === "ipv6" ? 0x86dd : 0x0800,
    source,
    destination,
    protocol: 17,
    sourcePort: port,
    destinationPort: port,
    payload,
  };
}

export function espPacket(spi: string, outside?: Family): Packet {
  return udp(4500, Buffer.concat([Buffer.from(spi, "hex"), Buffer.alloc(80, 7)]), outside);
}

export function ikePacket(port: 500 | 4500 = 4500): Packet {
  const header = Buffer.alloc(28, 1);
  header.writeUInt8(0x20, 17);
  return udp(port, port === 4500 ? Buffer.concat([Buffer.alloc(4), header]) : header);
}

/** A ping of a workload that no tunnel hid. */
export function cleartextPacket(): Packet {
  return {
    seconds: 1,
    etherType: 0x0800,
    source: "10.10.64.10",
    destination: "10.20.64.10",
    protocol: 1,
    payload: Buffer.from("0800abcd", "hex"),
  };
}

export function pinged(received: number, sent = 5) {
  const lost = Math.round(((sent - received) / sent) * 100);
  return {
    code: received === 0 ? 1 : 0,
    stdout: `5 bytes\n--- ping statistics ---\n${String(sent)} packets transmitted, ${String(received)} received, ${String(lost)}% packet loss, time 804ms\n`,
    stderr: "",
  };
}

/** iputils' words when a router on the way has named its MTU. */
export function tooLong(mtu: number) {
  return {
    code: 1,
    stdout: "",
    stderr: `ping: sendmsg: Message too long\nping: local error: message too long, mtu=${String(mtu)}\n`,
  };
}

function healthyPaths({ routes, links }: Plan): PathObservation[] {
  const mtu = links[0]?.tunnels[0]?.mtu ?? 0;
  return routes.map(({ from, to }) => ({
    from,
    to,
    family: "ipv4",
    echo: pinged(5),
    large: tooLong(mtu),
    fitting: pinged(2, 2),
  }));
}
