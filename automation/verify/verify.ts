import { familyOf } from "trunkline/fleet/family";
import { hostOf, type Plan } from "trunkline/fleet/plan";
import { type GatewayAccess, withAccess } from "../gateway-access";
import { messageOf } from "../failure";
import { betweenQuestions } from "../pause";
import type { LiveFleet } from "../session";
import type { ProbeHost, Probes, Site } from "../site";
import { judgeCapture } from "./judge-capture";
import { judgeCertificates } from "./judge-certificates";
import { judgeBgp, judgePrefixes, judgeSas, type Statuses } from "./judge-gateways";
import {
  judgePathMtu,
  judgeReachability,
  mtuBetween,
  type PathObservation,
  pathSubject,
} from "./judge-paths";
import { judgeTransit } from "./judge-transit";
import { readPcap } from "./pcap";
import { type Judgement, type Proof, proofKinds } from "./proof";
import { judgeSharedAddresses, tunnelsWhereHeld } from "./shared-address";

export interface VerifyOptions {
  /** How long to wait for what is still coming up. Default 60. */
  readonly deadlineSeconds?: number;
  onProgress?(step: string): void;
  readonly stop?: AbortSignal;
  /** Which proofs are waited for; absent: all. The others are as they are when these hold. */
  counts?(proof: Pick<Proof, "id" | "kind" | "subject">): boolean;
}

/**
 * Everything that must be true of a fleet, asked of its daemons, its kernels and the wire. While something does not
 * hold yet it is asked again until the deadline: what counts is the last answer.
 */
export async function verify(
  plan: Plan,
  live: LiveFleet,
  site: Site,
  options: VerifyOptions = {},
): Promise<Proof[]> {
  const deadline = performance.now() + (options.deadlineSeconds ?? 60) * 1000;
  const lacks = (proof: Proof): boolean => failed(proof) && options.counts?.(proof) !== false;
  return withAccess(site, live, async (access) => {
    for (;;) {
      const last = performance.now() + sendingMs > deadline || options.stop?.aborted === true;
      const asked = await askGateways(plan, live, access, options);
      // Sending packets before the gateways agree would only take time.
      if (asked.proofs.some(lacks) && !last) {
        options.onProgress?.(notYet(asked.proofs.filter(lacks)));
        await betweenQuestions(options.stop);
        continue;
      }
      const proofs = [...asked.proofs, ...(await sendPackets(plan, asked.statuses, site, access, options))];
      if (!proofs.some(lacks) || last) return proofs;
      options.onProgress?.(notYet(proofs.filter(lacks)));
    }
  });
}

/** About what a round of packets takes: a round that begins later than this before the deadline is the last. */
const sendingMs = 15_000;

function failed({ status }: Proof): boolean {
  return status === "fail";
}

/** Which kinds do not hold yet, how many of each, and what is seen of the last: `sa 3, bgp 12 (euw1-a~use1-b: …)`. */
function notYet(proofs: readonly Proof[]): string {
  const kinds = proofKinds.flatMap((kind) => {
    const count = proofs.filter((proof) => proof.kind === kind && failed(proof)).length;
    return count === 0 ? [] : [`${kind} ${String(count)}`];
  });
  const last = proofs.filter(failed).at(-1);
  const seen = last === undefined ? "" : ` (${last.subject}: ${last.observed})`;
  return `not yet: ${kinds.join(", ")}${seen}`;
}

async function askGateways(
  plan: Plan,
  live: LiveFleet,
  access: GatewayAccess,
  options: VerifyOptions,
): Promise<{ readonly statuses: Statuses; readonly proofs: Proof[] }> {
  options.onProgress?.("asking the gateways");
  const [statuses, asking] = await timed(() => askAll(access));
  const endpoints = new Map(
    live.regions.map(({ region, routeService }) => [
      region,
      routeService.endpoints.map(({ address }) => address),
    ]),
  );
  const issued = new Map(live.trust.gateways.map(({ id, certificate }) => [id, certificate]));
  const held = tunnelsWhereHeld(plan, statuses);
  const proofs = lasting(asking, [
    ...judgeSas(held, statuses),
    ...judgeSharedAddresses(plan, statuses),
    ...judgeCertificates(plan, statuses, issued),
    ...judgeBgp(held, statuses, endpoints),
    ...judgePrefixes(held, statuses, endpoints),
    ...judgeTransit(plan, statuses),
  ]);
  return { statuses, proofs };
}

async function sendPackets(
  plan: Plan,
  statuses: Statuses,
  site: Site,
  access: GatewayAccess,
  options: VerifyOptions,
): Promise<Proof[]> {
  const { probes } = site;
  if (probes === undefined) return skippedPaths(plan);
  options.onProgress?.("sending packets between the regions");
  const [wire, sending] = await timed(() => probe(plan, statuses, access, probes));
  return lasting(sending, wire);
}

async function askAll(access: GatewayAccess): Promise<Statuses> {
  const asked = access.gateways.map(async (gateway) => {
    const status = await access.status(gateway).catch((error: unknown) => ({ silent: messageOf(error) }));
    return [gateway, status] as const;
  });
  return new Map(await Promise.all(asked));
}

/** A capture of the wire while workloads of every ordered pair of regions talk, and one IKE exchange per link. */
async function probe(
  plan: Plan,
  statuses: Statuses,
  access: GatewayAccess,
  probes: Probes,
): Promise<Judgement[]> {
  const hosts = await probes.hosts();
  const capture = await probes.captureInternet();
  const chunks: Buffer[] = [];
  capture.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    capture.once("end", resolve);
    capture.once("error", reject);
  });
  const observations = await Promise.all([
    ...pairs(plan, hosts).map((pair) => observe(plan, pair, probes)),
    ...rekeys(tunnelsWhereHeld(plan, statuses), access),
    ...echoes(plan, access),
  ]);
  capture.end();
  await ended;
  const paths = observations.filter((observation) => observation !== undefined);
  return [
    ...paths.map(judgeReachability),
    ...paths.map((path) => judgePathMtu(plan, path)),
    ...judgeCapture(tunnelsWhereHeld(plan, statuses), statuses, readPcap(Buffer.concat(chunks))),
  ];
}

interface Pair {
  readonly from: ProbeHost;
  readonly to: ProbeHost;
}

/** Each ordered pair of regions, and again for IPv6 where both have it. */
function pairs({ routes }: Plan, hosts: readonly ProbeHost[]): Pair[] {
  return routes.flatMap((route) => {
    const from = hosts.find(({ region }) => region === route.from);
    const to = hosts.find(({ region }) => region === route.to);
    if (from === undefined || to === undefined) return [];
    const { ipv6 } = to;
    return [
      { from, to },
      ...(from.ipv6 === undefined || ipv6 === undefined ? [] : [{ from, to: { ...to, address: ipv6 } }]),
    ];
  });
}

async function observe(plan: Plan, { from, to }: Pair, probes: Probes): Promise<PathObservation> {
  const family = familyOf(to.address);
  // An echo request has 8 bytes of ICMP, after an IP header of 20 or 40.
  const payload = mtuBetween(plan, from.region, to.region) - (family === "ipv6" ? 48 : 28);
  const ping = (...words: string[]) =>
    probes.run(from.host, ["ping", "-n", ...words, to.address], { deadlineSeconds: 30 });
  const echo = await ping("-c", "5", "-i", "0.2", "-W", "1");
  // What the host's kernel learnt earlier would answer in a router's place.
  await probes.run(from.host, ["ip", family === "ipv6" ? "-6" : "-4", "route", "flush", "cache"]);
  const large = await ping("-c", "2", "-i", "0.2", "-W", "1", "-M", "do", "-s", String(payload + 1));
  const fitting = await ping("-c", "2", "-i", "0.2", "-W", "1", "-M", "do", "-s", String(payload));
  return { from: from.region, to: to.region, family, echo, large, fitting };
}

/** IKE is silent for hours on a healthy tunnel: one rekeying per link puts some on the wire, and loses nothing. */
function rekeys({ links }: Plan, access: GatewayAccess): Promise<undefined>[] {
  return links.flatMap(({ tunnels }) => {
    const [tunnel] = tunnels;
    if (tunnel === undefined) return [];
    const [one, other] = tunnel.ends;
    const known = [one, other].find(({ gateway }) => access.gateways.includes(gateway));
    if (known === undefined) return [];
    return [access.run(known.gateway, `swanctl --rekey --ike '${tunnel.id}'`).then(() => undefined)];
  });
}

/**
 * A tunnel to a managed gateway is silent for ten or twenty seconds at a time, by its cloud: BGP's keepalives are all that must
 * pass it, for there is no BFD. An echo each shows its ESP on the wire, whichever tunnel the workloads' packets take.
 */
function echoes({ links }: Plan, access: GatewayAccess): Promise<undefined>[] {
  return links.flatMap(({ tunnels }) =>
    tunnels.flatMap(({ ends, managed }) => {
      if (managed === undefined || !access.gateways.includes(managed.connection)) return [];
      const ping = `ping -n -c 3 -i 0.2 -W 1 ${hostOf(ends[managed.end].inside)}`;
      return [access.run(managed.connection, ping).then(() => undefined)];
    }),
  );
}

function skippedPaths({ routes, regions }: Plan): Proof[] {
  const both = new Set(regions.filter(({ ipv6 }) => ipv6 !== undefined).map(({ name }) => name));
  const subjects = routes.flatMap(({ from, to }) => [
    pathSubject(from, to, "ipv4"),
    ...(both.has(from) && both.has(to) ? [pathSubject(from, to, "ipv6")] : []),
  ]);
  return subjects.flatMap((subject) =>
    (["reachability", "path-mtu"] as const).map((kind): Proof => ({
      id: `${kind}/${subject}`,
      kind,
      subject,
      expected: "a probe host in both regions",
      observed: "none",
      status: "skip",
      evidence: "this site has no hosts to probe from",
      seconds: 0,
    })),
  );
}

async function timed<T>(step: () => Promise<T>): Promise<readonly [T, number]> {
  const started = performance.now();
  const value = await step();
  return [value, (performance.now() - started) / 1000];
}

function lasting(seconds: number, judgements: readonly Judgement[]): Proof[] {
  return judgements.map((judgement) => ({ ...judgement, seconds: Math.round(seconds * 100) / 100 }));
}
