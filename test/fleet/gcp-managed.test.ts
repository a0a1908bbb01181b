import assert from "node:assert/strict";
import { formatCidr, parseCidr } from "trunkline/fleet/cidr";
import { cryptoReport } from "trunkline/fleet/crypto/report";
import { derivePlan, planFleet } from "trunkline/fleet/derive";
import { limits, managedFacts } from "trunkline/fleet/gcp/limits";
import { managedRules } from "trunkline/fleet/gcp/managed";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import { reachability } from "trunkline/fleet/reachability";
import { waysTo } from "trunkline/fleet/ways";
import { planText } from "../../automation/cli/plan-text";

const aws = (name: string, octet: number, more = "") =>
  `  ${name}: { cloud: aws, region: us-east-1, cidr: 10.${String(octet)}.0.0/16${more} }`;
const gcp = (name: string, cidr: string, more = "") =>
  `  ${name}: { cloud: gcp, region: europe-west1, ${cidr}${more} }`;
const managed = (name: string, octet: number) =>
  gcp(name, `cidr: 10.${String(octet)}.0.0/16`, ", gateway: managed");

function fleetOf(lines: readonly string[], more = "") {
  const parsed = parseFleet(`fleet: acme\n${more}regions:\n${lines.join("\n")}\n`, "fleet.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

const planOf = (lines: readonly string[], more = ""): Plan => derivePlan(fleetOf(lines, more));
const pair = [aws("use1", 1), managed("euw1", 2)];
const tunnelsOf = ({ links }: Plan) => links.flatMap(({ tunnels }) => tunnels);
const managedOnes = (plan: Plan) => tunnelsOf(plan).filter(({ managed: told }) => told !== undefined);

describe("a region of Google Cloud with a managed gateway", () => {
  it("has two interfaces, and a tunnel from each to every gateway that it is linked with", () => {
    const plan = planOf(pair);
    assert.deepEqual(plan.regions.find(({ name }) => name === "euw1")?.managed, {
      ends: ["euw1-1", "euw1-2"],
    });
    assert.deepEqual(
      tunnelsOf(plan).map(({ id }) => id),
      ["euw1-1~use1-a", "euw1-1~use1-b", "euw1-2~use1-a", "euw1-2~use1-b"],
    );
    assert.deepEqual(
      tunnelsOf(plan).map(({ managed: told }) => [told?.connection, told?.number]),
      [
        ["use1-a", 1],
        ["use1-b", 1],
        ["use1-a", 2],
        ["use1-b", 2],
      ],
    );
  });

  it("has subnets for workloads alone, where they would be beside gateways of ours", () => {
    const subnetsOf = (more: string) =>
      planOf([gcp("euw1", "cidrs: [10.2.0.0/16, 10.3.0.0/16]", more)]).regions[0]?.network.subnets ?? [];
    const own = subnetsOf("");
    assert.deepEqual(
      subnetsOf(", gateway: managed"),
      own.filter(({ role }) => role === "workload"),
    );
    assert.equal(own.length, 3);
  });

  it("needs no private network: nothing of ours lives in it", () => {
    const found = (more: string) => {
      const parsed = parseFleet(
        `fleet: acme\nregions:\n${[aws("use1", 1), gcp("euw1", "cidr: 100.64.0.0/16", more)].join("\n")}\n`,
        "fleet.yaml",
      );
      return parsed.ok ? [] : parsed.problems.map(({ code }) => code);
    };
    assert.deepEqual(found(""), ["CidrNotPrivate"]);
    assert.deepEqual(found(", gateway: managed"), []);
  });

  it("has a /30 of 169.254.0.0/16 for each tunnel, of which its own end has the first address", () => {
    const nets = managedOnes(planOf([aws("use1", 1, ", gateways: 4"), managed("euw1", 2)])).map(
      ({ ends, managed: told }) => {
        const net = parseCidr(told?.insideCidr ?? "");
        assert.ok(typeof net === "object" && net.prefix === 30);
        const at = (host: number) =>
          `${formatCidr({ address: net.address + host, prefix: 32 }).replace("/32", "")}/30`;
        assert.deepEqual(
          ends.map(({ region, inside }) => [region, inside]),
          [
            ["euw1", at(1)],
            ["use1", at(2)],
          ],
        );
        return told?.insideCidr;
      },
    );
    assert.equal(new Set(nets).size, 8);
  });

  it("has Google's lifetimes, which nobody chooses, and the own end rekeys long before", () => {
    for (const { seconds, ike, child } of [
      { seconds: "", ike: 14400, child: 3600 },
      { seconds: "crypto: { ikeRekeySeconds: 86400, childRekeySeconds: 28800 }\n", ike: 33720, child: 8520 },
    ])
      for (const { ikeSa, childSa, managed: told } of managedOnes(planOf(pair, seconds))) {
        assert.ok(told !== undefined);
        assert.deepEqual([told.ikeLifetimeSeconds, told.childLifetimeSeconds], [36000, 10800]);
        assert.deepEqual([ikeSa.rekeySeconds, childSa.rekeySeconds], [ike, child]);
        assert.ok(childSa.lifeSeconds < told.childLifetimeSeconds);
        assert.equal(told.dpdTimeoutSeconds, undefined);
      }
  });

  it("has a Cloud Router's own timers inside of its tunnels, and AWS' end has none of its own", () => {
    const plan = planOf(
      [...pair, "  euw2: { cloud: aws, region: eu-west-2, cidr: 10.3.0.0/16, gateway: managed }"],
      "links: [[euw1, use1], [euw2, use1]]\n",
    );
    assert.deepEqual(
      managedOnes(plan)
        .map(({ id, managed: told }) => [id.split("-")[0], told?.bgpSeconds])
        .sort(),
      [
        ...Array<unknown>(4).fill(["euw1", { keepalive: 20, hold: 60 }]),
        ...Array<unknown>(4).fill(["euw2", undefined]),
      ],
    );
  });

  it("has one transform of each role that HA VPN takes, AEAD alone", () => {
    for (const { ikeSa, childSa } of managedOnes(planOf(pair))) {
      assert.equal(ikeSa.proposal, "aes256gcm16-prfsha384-ecp384");
      assert.equal(childSa.proposal, "aes256gcm16-ecp384");
    }
    const [link] = cryptoReport(planOf(pair)).links;
    assert.deepEqual(link?.authentication, { kind: "psk", bits: 256 });
  });

  it("is reached from everywhere, also after the loss of a gateway or of one of its interfaces", () => {
    const plan = planOf([aws("apne1", 3), ...pair]);
    assert.deepEqual(reachability(plan), { never: [], afterLoss: [] });
    assert.deepEqual(waysTo(plan, "euw1").next.get("use1-a"), ["euw1-1", "euw1-2"]);
    assert.deepEqual(waysTo(plan, "euw1", "euw1-1").next.get("use1-a"), ["euw1-2"]);
  });

  it("costs by the tunnel, and says how long it sends to one whose other end is gone", () => {
    const plan = planOf([aws("apne1", 3), ...pair]);
    const { routeService } = plan.regions.find(({ name }) => name === "euw1") ?? {};
    assert.deepEqual(routeService?.facts, managedFacts(4));
    assert.equal(routeService.facts.dollarsPerMonth, 8 * 0.05 * 730);
    assert.match(
      planText(plan, []),
      /euw1: gateway: managed, HA VPN with a Cloud Router: \$292 a month .*after 40 to 60 s/,
    );
  });

  const problemsOf = (lines: readonly string[], more = "") => {
    const result = planFleet(fleetOf(lines, more), { waive: ["Unreachable", "InsideCidrConflict"] });
    const { ok } = result;
    return { ok, all: ok ? result.warnings : result.problems };
  };
  /** One network to live in, and so many more. */
  const networks = (count: number) =>
    `cidrs: [10.30.0.0/16, ${Array.from({ length: count }, (_, index) => `10.${String(40 + Math.floor(index / 16))}.${String((index % 16) * 16)}.0/28`).join(", ")}]`;

  it("is told of each network by itself, and refused where its network takes no more", () => {
    const most = limits.dynamicRoutePrefixes;
    const lines = (count: number) => [gcp("usc1", networks(count)), managed("euw1", 2)];
    const announced = planOf(lines(most - 1)).regions.find(({ name }) => name === "euw1")?.routeService
      .announced;
    assert.equal(announced?.length, most);
    assert.ok(problemsOf(lines(most - 1)).ok);
    const { ok, all } = problemsOf(lines(most));
    assert.ok(!ok);
    const [full] = all.filter(({ code }) => code === "CloudRouterRoutesExceeded");
    assert.equal(full?.path, "regions.euw1");
    assert.match(
      full.message,
      /told of 251 networks, by 251 prefixes at the least; Google Cloud takes 250\./,
    );
    assert.match(full.remedy, /fewer networks/);
  });

  it("is refused with more gateways than its Cloud Router has peers for", () => {
    const most = managedRules.most?.().connections ?? 0;
    assert.equal(most, 64);
    const lines = (count: number) => [
      ...Array.from({ length: count }, (_, index) => aws(`r${String(index)}`, index + 10, ", gateways: 4")),
      managed("m", 3),
    ];
    const links = (count: number) =>
      `links: [${Array.from({ length: count }, (_, index) => `[m, r${String(index)}]`).join(", ")}]\n`;
    for (const [count, refused] of [
      [most / 4, []],
      [most / 4 + 1, ["ManagedConnectionsExceeded regions.m.gateway"]],
    ] as const)
      assert.deepEqual(
        problemsOf(lines(count), links(count))
          .all.filter(({ code }) => code === "ManagedConnectionsExceeded")
          .map(({ code, path }) => `${code} ${path}`),
        refused,
      );
  });

  it("is warned of where its peers are machines of Google's, which its pages disagree on", () => {
    const found = (own: string) =>
      problemsOf([own, managed("euw1", 2)])
        .all.filter(({ code }) => code === "ManagedPeerOfItsCloud")
        .map(({ path, severity }) => `${severity} ${path}`);
    assert.deepEqual(found(gcp("usc1", "cidr: 10.30.0.0/16")), ["warning regions.euw1.gateway"]);
    assert.deepEqual(found(aws("use1", 1)), []);
    assert.deepEqual(found("  weu: { cloud: azure, region: westeurope, cidr: 10.30.0.0/16 }"), []);
  });

  it("keeps every tunnel as it is when a region of any cloud joins", () => {
    const before = tunnelsOf(planOf(pair));
    const after = planOf([
      gcp("usc1", "cidr: 10.30.0.0/16"),
      "  weu: { cloud: azure, region: westeurope, cidr: 10.40.0.0/16 }",
      ...pair,
    ]);
    const now = new Map(tunnelsOf(after).map((tunnel) => [tunnel.id, tunnel]));
    for (const tunnel of before) assert.deepEqual(now.get(tunnel.id), tunnel);
    assert.deepEqual(reachability(after), { never: [], afterLoss: [] });
  });
});
