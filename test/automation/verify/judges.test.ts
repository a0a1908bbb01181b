import assert from "node:assert/strict";
import type { Plan } from "trunkline/fleet/plan";
import type { GatewayStatus } from "trunkline/gateway/status";
import { judgeCapture } from "../../../automation/verify/judge-capture";
import { judgeCertificates } from "../../../automation/verify/judge-certificates";
import { judgeBgp, judgePrefixes, judgeSas, type Statuses } from "../../../automation/verify/judge-gateways";
import { judgePathMtu, judgeReachability } from "../../../automation/verify/judge-paths";
import type { Judgement } from "../../../automation/verify/proof";
import { samplePlan } from "../../components/sample-plan";
import { createAuthority } from "./authority";
import {
  cleartextPacket,
  espPacket,
  type Healthy,
  healthyFleet,
  ikePacket,
  pinged,
  tooLong,
} from "./healthy";

const plan = samplePlan(["euw1", "use1"]);

function judgeAll(fleet: Omit<Healthy, "statuses"> & { readonly statuses: Statuses }): Judgement[] {
  const { statuses, issued, endpoints, packets, paths } = fleet;
  return [
    ...judgeSas(plan, statuses),
    ...judgeCertificates(plan, statuses, issued),
    ...judgeBgp(plan, statuses, endpoints),
    ...judgePrefixes(plan, statuses, endpoints),
    ...judgeCapture(plan, statuses, packets),
    ...paths.map(judgeReachability),
    ...paths.map((path) => judgePathMtu(plan, path)),
  ];
}

function failing(judgements: readonly Judgement[]): string[] {
  return judgements.filter(({ status }) => status === "fail").map(({ id }) => id);
}

/** The fleet with one gateway's word changed. */
function telling(fleet: Healthy, gateway: string, change: (status: GatewayStatus) => GatewayStatus): Healthy {
  const status = fleet.statuses.get(gateway);
  assert.ok(status);
  return { ...fleet, statuses: new Map(fleet.statuses).set(gateway, change(status)) };
}

function changedSa(tunnel: string, change: (sa: GatewayStatus["ikeSas"][number]) => object) {
  return (status: GatewayStatus): GatewayStatus => ({
    ...status,
    ikeSas: status.ikeSas.map((sa) => (sa.name === tunnel ? { ...sa, ...change(sa) } : sa)),
  });
}

describe("proofs of a live fleet", () => {
  let fleet: Healthy;
  before(async () => {
    fleet = await healthyFleet(plan);
  });

  it("all hold when everything is as planned, one for each thing that should hold", () => {
    const judgements = judgeAll(fleet);
    assert.deepEqual(
      judgements
        .filter(({ status }) => status !== "pass")
        .map(({ id, expected, observed }) => [id, expected, observed]),
      [],
    );
    const ids = judgements.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const count = (kind: string) => judgements.filter((proof) => proof.kind === kind).length;
    // 4 tunnels and one in each of 2 pairs; 4 gateways; a session per tunnel and one row per gateway's route service;
    // 2 ordered pairs of regions.
    assert.deepEqual(
      ["sa", "certificate", "bgp", "prefixes", "reachability", "path-mtu", "cleartext"].map(count),
      [6, 4, 10, 10, 2, 2, 1],
    );
  });

  it("a wrong proposal fails the tunnel's sa alone", () => {
    for (const change of [
      changedSa("euw1-a~use1-b", ({ proposal }) => ({ proposal: { ...proposal, "dh-group": "ECP_256" } })),
      changedSa("euw1-a~use1-b", ({ childSas }) => ({
        childSas: childSas.map((child) => ({
          ...child,
          proposal: { ...child.proposal, "encr-keysize": "128" },
        })),
      })),
      changedSa("euw1-a~use1-b", ({ childSas }) => ({
        childSas: childSas.map((child) => ({ ...child, udpEncapsulated: false })),
      })),
    ])
      assert.deepEqual(failing(judgeAll(telling(fleet, "use1-b", change))), ["sa/euw1-a~use1-b"]);
  });

  it("an SA without the PPK that is required fails its tunnel's sa alone; where it is optional it does not", async () => {
    const withPpk = (required: boolean): Plan => ({
      ...plan,
      links: plan.links.map((link) => ({
        ...link,
        tunnels: link.tunnels.map((tunnel) => ({ ...tunnel, ppk: { required } })),
      })),
    });
    const without = changedSa("euw1-a~use1-b", () => ({ ppk: false }));
    for (const { required, fails } of [
      { required: true, fails: ["sa/euw1-a~use1-b"] },
      { required: false, fails: [] },
    ]) {
      const planned = withPpk(required);
      const guarded = await healthyFleet(planned);
      assert.deepEqual(failing(judgeSas(planned, guarded.statuses)), []);
      assert.deepEqual(failing(judgeSas(planned, telling(guarded, "use1-b", without).statuses)), fails);
    }
    // And one that nobody has planned is not as planned.
    const unplanned = changedSa("euw1-a~use1-b", () => ({ ppk: true }));
    assert.deepEqual(failing(judgeAll(telling(fleet, "use1-b", unplanned))), ["sa/euw1-a~use1-b"]);
  });

  it("an SA twice is not as planned", () => {
    const twice = telling(fleet, "euw1-a", (status) => ({
      ...status,
      ikeSas: status.ikeSas.flatMap((sa) => (sa.name === "euw1-a~use1-a" ? [sa, { ...sa, id: 2 }] : [sa])),
    }));
    assert.deepEqual(failing(judgeAll(twice)), ["sa/euw1-a~use1-a"]);
  });

  it("another authority's certificate of the same name fails that gateway's certificate alone", async () => {
    const foreign = await createAuthority("trunkline acme intermediate");
    const identity = plan.regions[0]?.gateways[0]?.identity ?? "";
    const right = fleet.issued.get("euw1-a");
    const wrong = await foreign(identity);
    const presented = telling(fleet, "use1-a", (status) => ({
      ...status,
      certificates: status.certificates.map((pem) => (pem === right ? wrong : pem)),
    }));
    assert.deepEqual(failing(judgeAll(presented)), ["certificate/euw1-a"]);
  });

  it("a session that is down, or without BFD, fails that tunnel's bgp", () => {
    const address = plan.links[0]?.tunnels[0]?.ends[1].inside.replace("/127", "");
    for (const change of [{ state: "Active" }, { bfd: "Down" }]) {
      const down = telling(fleet, "euw1-a", (status) => ({
        ...status,
        neighbours: status.neighbours.map((one) => (one.address === address ? { ...one, ...change } : one)),
      }));
      assert.deepEqual(failing(judgeAll(down)), ["bgp/euw1-a~use1-a"]);
    }
  });

  it("a missing prefix, and one too many, fail that tunnel's prefixes alone", () => {
    const address = plan.links[0]?.tunnels[0]?.ends[1].inside.replace("/127", "");
    for (const received of [[], [...(plan.regions[1]?.cidrs ?? []), "192.0.2.0/24"]]) {
      const told = telling(fleet, "euw1-a", (status) => ({
        ...status,
        neighbours: status.neighbours.map((one) => (one.address === address ? { ...one, received } : one)),
      }));
      assert.deepEqual(failing(judgeAll(told)), ["prefixes/euw1-a~use1-a"]);
    }
  });

  it("a kernel that lacks the route fails the prefixes of that gateway's tunnels", () => {
    const dropped = telling(fleet, "euw1-a", (status) => ({ ...status, routes: [] }));
    assert.deepEqual(failing(judgeAll(dropped)), ["prefixes/euw1-a~use1-a", "prefixes/euw1-a~use1-b"]);
  });

  it("what the route service is not told, or tells us, fails that gateway's prefixes", () => {
    const endpoint = fleet.endpoints.get("euw1")?.[0];
    for (const change of [{ sent: [] }, { received: ["10.0.0.0/8"] }]) {
      const told = telling(fleet, "euw1-b", (status) => ({
        ...status,
        neighbours: status.neighbours.map((one) => (one.address === endpoint ? { ...one, ...change } : one)),
      }));
      assert.deepEqual(failing(judgeAll(told)), ["prefixes/euw1-b~route-service"]);
    }
  });

  it("a route service that takes fewer is told of exactly the planned prefixes, and not of what they stand for", async () => {
    const [heard] = plan.regions[0]?.routeService.announced ?? [];
    const wide = "10.0.0.0/8";
    const aggregated: Plan = {
      ...plan,
      regions: plan.regions.map((region) =>
        region.name === "euw1"
          ? { ...region, routeService: { ...region.routeService, announced: [wide] } }
          : region,
      ),
    };
    const healthy = await healthyFleet(aggregated);
    const judge = (told: Healthy) => failing(judgePrefixes(aggregated, told.statuses, told.endpoints));
    assert.deepEqual(judge(healthy), []);
    for (const sent of [[heard ?? ""], [heard ?? "", wide], []]) {
      const told = telling(healthy, "euw1-a", (status) => ({
        ...status,
        neighbours: status.neighbours.map((one) =>
          healthy.endpoints.get("euw1")?.includes(one.address) === true ? { ...one, sent } : one,
        ),
      }));
      assert.deepEqual(judge(told), ["prefixes/euw1-a~route-service"]);
    }
  });

  it("a gateway that stands by takes nothing while the first tells the same, and all when it does not", async () => {
    for (const told of [
      { med: 100, prepend: 0 },
      { med: 0, prepend: 1 },
    ]) {
      const standby: Plan = {
        ...plan,
        regions: plan.regions.map((region) =>
          region.name === "use1"
            ? {
                ...region,
                ha: "active-standby",
                gateways: region.gateways.map((own, place) => (place === 0 ? own : { ...own, told })),
              }
            : region,
        ),
      };
      const healthy = await healthyFleet(standby);
      const judge = ({ statuses, endpoints }: Healthy) =>
        failing(judgePrefixes(standby, statuses, endpoints));
      assert.deepEqual(judge(healthy), []);
      const tunnels = standby.links[0]?.tunnels ?? [];
      const [first = "", second = ""] = ["use1-a", "use1-b"].map(
        (far) => tunnels.find(({ id }) => id === `euw1-a~${far}`)?.ends[0].interface,
      );
      const by = (...nextHops: readonly string[]) =>
        telling(healthy, "euw1-a", (status) => ({
          ...status,
          routes: status.routes.map((route) => ({ ...route, nextHops: [...nextHops] })),
        }));
      assert.deepEqual(judge(by(first, second)), ["prefixes/euw1-a~use1-b"]);
      assert.deepEqual(judge(by(second)), ["prefixes/euw1-a~use1-a", "prefixes/euw1-a~use1-b"]);
      // Of a tunnel that is down nothing comes: what fails is that tunnel, and not the way over the other.
      const address = tunnels.find(({ id }) => id === "euw1-a~use1-a")?.ends[1].inside.replace("/127", "");
      const alone = telling(by(second), "euw1-a", (status) => ({
        ...status,
        neighbours: status.neighbours.map((one) =>
          one.address === address ? { ...one, received: [] } : one,
        ),
      }));
      assert.deepEqual(judge(alone), ["prefixes/euw1-a~use1-a"]);
    }
  });

  it("a dropped route fails the reachability of that ordered pair alone", () => {
    const paths = fleet.paths.map((path) => (path.from === "use1" ? { ...path, echo: pinged(0) } : path));
    assert.deepEqual(failing(judgeAll({ ...fleet, paths })), ["reachability/use1>euw1"]);
    const some = fleet.paths.map((path) => (path.from === "use1" ? { ...path, echo: pinged(4) } : path));
    assert.deepEqual(failing(judgeAll({ ...fleet, paths: some })), ["reachability/use1>euw1"]);
  });

  it("a small MTU on the way fails that pair's path-mtu alone, and so does a black hole", () => {
    for (const change of [
      { large: tooLong(1200), fitting: pinged(0, 2) },
      { large: pinged(0, 2), fitting: pinged(2, 2) },
    ]) {
      const paths = fleet.paths.map((path) => (path.from === "euw1" ? { ...path, ...change } : path));
      assert.deepEqual(failing(judgeAll({ ...fleet, paths })), ["path-mtu/euw1>use1"]);
    }
  });

  it("a path over IPv6 has proofs of its own", () => {
    const over = fleet.paths.map((path) => ({ ...path, family: "ipv6" as const }));
    const lost = over.map((path) => ({ ...path, echo: pinged(0), fitting: pinged(0, 2) }));
    assert.deepEqual(failing(judgeAll({ ...fleet, paths: [...fleet.paths, ...over] })), []);
    assert.deepEqual(
      failing(judgeAll({ ...fleet, paths: [...fleet.paths, ...lost] })).sort(),
      ["path-mtu", "reachability"].flatMap((kind) =>
        ["euw1>use1", "use1>euw1"].map((way) => `${kind}/${way} over IPv6`),
      ),
    );
  });

  it("an IPv6 packet in the clear fails cleartext alone", () => {
    const payload = Buffer.from("6000000000083a40", "hex");
    const packet = { seconds: 1, etherType: 0x86dd, source: "", destination: "", payload };
    assert.deepEqual(failing(judgeAll({ ...fleet, packets: [...fleet.packets, packet] })), [
      "cleartext/internet",
    ]);
  });

  it("what tells of a small MTU over IPv6 is no packet of anybody's, an echo in the clear is", () => {
    const icmp = (type: number) => ({
      ...{ seconds: 1, etherType: 0x86dd, source: "2001:db8::1", destination: "2001:db8::2", protocol: 58 },
      payload: Buffer.from([type, 0, 0, 0]),
    });
    const with_ = (type: number) => failing(judgeAll({ ...fleet, packets: [...fleet.packets, icmp(type)] }));
    assert.deepEqual([2, 128].map(with_), [[], ["cleartext/internet"]]);
  });

  it("one planted cleartext packet fails cleartext alone", () => {
    const packets = [...fleet.packets, cleartextPacket()];
    assert.deepEqual(failing(judgeAll({ ...fleet, packets })), ["cleartext/internet"]);
  });

  it("bare bytes on IKE's ports are no IKE, and IKE is no ESP", () => {
    const noise = { ...ikePacket(500), payload: Buffer.from("GET / HTTP/1.1\r\nhost: example.com\r\n") };
    assert.deepEqual(failing(judgeAll({ ...fleet, packets: [...fleet.packets, noise] })), [
      "cleartext/internet",
    ]);
    const withoutIke = fleet.packets.slice(0, -1);
    assert.deepEqual(failing(judgeAll({ ...fleet, packets: withoutIke })), ["cleartext/internet"]);
  });

  it("a tunnel whose ESP is not on the wire fails cleartext", () => {
    assert.deepEqual(failing(judgeAll({ ...fleet, packets: fleet.packets.slice(1) })), [
      "cleartext/internet",
    ]);
  });

  it("ESP of an SPI that no gateway knows is somebody else's", () => {
    const packets = [...fleet.packets, espPacket("deadbeef")];
    assert.deepEqual(failing(judgeAll({ ...fleet, packets })), ["cleartext/internet"]);
  });

  it("a gateway that does not answer passes nothing of its own", () => {
    const statuses: Statuses = new Map<string, GatewayStatus | { readonly silent: string }>([
      ...fleet.statuses,
      ["euw1-a", { silent: "connection refused" }],
    ]);
    const failed = failing(judgeAll({ ...fleet, statuses }));
    for (const id of [
      "sa/euw1-a~use1-a",
      "sa/euw1-a~use1-b",
      "bgp/euw1-a~use1-a",
      "prefixes/euw1-a~route-service",
    ])
      assert.ok(failed.includes(id), id);
    assert.ok(!failed.includes("sa/euw1-b~use1-b"));
  });
});
