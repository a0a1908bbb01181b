import assert from "node:assert/strict";
import { join } from "node:path";
import { readFileSync, writeFileSync } from "node:fs";
import { managedRules } from "trunkline/fleet/aws/managed";
import { managedFacts } from "trunkline/fleet/aws/limits";
import { contains, formatCidr, overlaps, parseCidr } from "trunkline/fleet/cidr";
import { cryptoReport } from "trunkline/fleet/crypto/report";
import { derivePlan, planFleet } from "trunkline/fleet/derive";
import { insideOf } from "trunkline/fleet/inside-ipv4";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import { reachability } from "trunkline/fleet/reachability";
import { waysTo } from "trunkline/fleet/ways";
import { planText } from "../../automation/cli/plan-text";

const own = (name: string, octet: number, more = "") =>
  `  ${name}: { cloud: aws, region: us-east-1, cidr: 10.${String(octet)}.0.0/16${more} }`;
const managed = (name: string, octet: number, more = "") => own(name, octet, `, gateway: managed${more}`);

function fleetOf(lines: readonly string[], more = "") {
  const parsed = parseFleet(`fleet: acme\n${more}regions:\n${lines.join("\n")}\n`, "fleet.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

const planOf = (lines: readonly string[], more = ""): Plan => derivePlan(fleetOf(lines, more));
const pair = [own("use1", 1), managed("euw1", 2)];

describe("a region with a managed gateway", () => {
  it("is planned as what lies in the golden folder", () => {
    const text = `${JSON.stringify(planOf(pair), undefined, 1)}\n`;
    const file = join(__dirname, "golden/managed.json");
    if (process.env["TRUNKLINE_GOLDEN"] === "write") writeFileSync(file, text);
    assert.equal(text, readFileSync(file, "utf8"), "npm run golden writes it anew");
  });

  it("has two tunnels to each own gateway, whose end calls itself by its own name", () => {
    for (const gateways of [1, 2, 4]) {
      const [link] = planOf([own("use1", 1, `, gateways: ${String(gateways)}`), managed("euw1", 2)]).links;
      assert.equal(link?.tunnels.length, 2 * gateways);
      assert.deepEqual(
        link?.tunnels.map(({ managed: told }) => [told?.connection, told?.number]).sort(),
        ["a", "b", "c", "d"]
          .slice(0, gateways)
          .flatMap((letter) => [1, 2].map((number) => [`use1-${letter}`, number])),
      );
    }
  });

  it("has a /30 of 169.254.0.0/16 for each tunnel, of which its own end has the first address", () => {
    const tunnels = planOf([own("use1", 1, ", gateways: 4"), managed("euw1", 2)]).links.flatMap(
      (link) => link.tunnels,
    );
    const nets = tunnels.map(({ managed: told }) => parseCidr(told?.insideCidr ?? ""));
    for (const [index, net] of nets.entries()) {
      assert.ok(typeof net === "object");
      assert.equal(net.prefix, 30);
      for (const other of nets.slice(index + 1))
        assert.ok(typeof other === "object" && !overlaps(net, other));
    }
    for (const { ends, managed: told } of tunnels) {
      const base = (told?.insideCidr ?? "").replace(/\.(\d+)\/30$/, "");
      const last = Number(/\.(\d+)\/30$/.exec(told?.insideCidr ?? "")?.[1]);
      assert.deepEqual(
        ends.map(({ region, inside }) => [region, inside]),
        [
          ["euw1", `${base}.${String(last + 1)}/30`],
          ["use1", `${base}.${String(last + 2)}/30`],
        ],
      );
    }
  });

  it("has none that AWS reserves, that a machine of AWS or Azure's gateways use, or Connect peers, for any link", () => {
    const taken = [
      // AWS, "Tunnel options for your AWS Site-to-Site VPN connection".
      ...[0, 1, 2, 3, 4, 5].map((octet) => `169.254.${String(octet)}.0/30`),
      "169.254.169.252/30",
      // Metadata, DNS and time.
      "169.254.169.0/24",
      "169.254.21.0/24",
      "169.254.22.0/24",
      "169.254.100.0/24",
      // RFC 3927 section 2.1.
      "169.254.0.0/24",
      "169.254.255.0/24",
    ].map(parseCidr);
    const linkLocal = parseCidr("169.254.0.0/16");
    const octets = new Set<string>();
    for (let link = 0; link < 20_000; link += 1)
      for (const [place, tunnel] of [
        [0, 0],
        [3, 1],
      ] as const) {
        const net = insideOf("acme", `a${String(link)}~b`, place, tunnel);
        assert.ok(typeof linkLocal === "object" && contains(linkLocal, net));
        for (const other of taken)
          assert.ok(typeof other === "object" && !overlaps(net, other), formatCidr(net));
        octets.add(formatCidr(net).split(".")[2] ?? "");
      }
    assert.equal(octets.size, 256 - 11);
  });

  it("keeps every tunnel as it is when a region joins", () => {
    const before = planOf(pair);
    const after = planOf([own("apne1", 3), ...pair]);
    const tunnelsOf = ({ links }: Plan) => links.flatMap(({ tunnels }) => tunnels);
    const now = new Map(tunnelsOf(after).map((tunnel) => [tunnel.id, tunnel]));
    assert.equal(tunnelsOf(before).length, 4);
    for (const tunnel of tunnelsOf(before)) assert.deepEqual(now.get(tunnel.id), tunnel);
  });

  it("has one transform of each role, the strongest that both ends take, and no BGP roles", () => {
    for (const { ikeSa, childSa, ends } of planOf(pair).links.flatMap(({ tunnels }) => tunnels)) {
      assert.equal(ikeSa.proposal, "aes256gcm16-prfsha384-ecp384");
      assert.equal(childSa.proposal, "aes256gcm16-ecp384");
      for (const end of ends) assert.equal(end.role, undefined);
    }
  });

  it("has lifetimes within AWS' ranges, and the own end rekeys before AWS' begins to", () => {
    for (const { seconds, ike, child } of [
      { seconds: "", ike: 14400, child: 2400 },
      { seconds: "crypto: { ikeRekeySeconds: 86400, childRekeySeconds: 28800 }\n", ike: 27600, child: 2400 },
      { seconds: "crypto: { ikeRekeySeconds: 1200, childRekeySeconds: 600 }\n", ike: 1200, child: 600 },
    ])
      for (const { ikeSa, childSa, managed: told } of planOf(pair, seconds).links[0]?.tunnels ?? []) {
        assert.ok(told !== undefined);
        assert.equal(ikeSa.rekeySeconds, ike);
        assert.equal(childSa.rekeySeconds, child);
        assert.ok(ikeSa.rekeySeconds < told.ikeLifetimeSeconds - 2 * told.rekeyMarginSeconds);
        assert.ok(childSa.rekeySeconds < told.childLifetimeSeconds - 2 * told.rekeyMarginSeconds);
        assert.ok(childSa.lifeSeconds < told.childLifetimeSeconds);
        assert.ok(told.ikeLifetimeSeconds >= 900 && told.ikeLifetimeSeconds <= 28800);
        assert.ok(told.childLifetimeSeconds >= 900 && told.childLifetimeSeconds <= 3600);
        assert.ok(told.rekeyMarginSeconds >= 60 && told.rekeyMarginSeconds <= told.childLifetimeSeconds / 2);
        assert.ok(told.dpdTimeoutSeconds !== undefined && told.dpdTimeoutSeconds >= 30);
      }
  });

  it("is reached from everywhere, also after the loss of a gateway or of one of its own ends", () => {
    const plan = planOf([own("apne1", 3), ...pair]);
    assert.deepEqual(reachability(plan), { never: [], afterLoss: [] });
    assert.deepEqual(waysTo(plan, "euw1").next.get("use1-a"), ["euw1-1", "euw1-2"]);
    assert.deepEqual(waysTo(plan, "euw1", "euw1-1").next.get("use1-a"), ["euw1-2"]);
    const alone = planOf([own("use1", 1, ", gateways: 1"), managed("euw1", 2)]);
    assert.deepEqual(reachability(alone).afterLoss, [
      { from: "use1", to: "euw1", lost: "use1-a" },
      { from: "euw1", to: "use1", lost: "use1-a" },
    ]);
  });

  it("is no way for others: it tells of its own networks alone", () => {
    const plan = planOf([own("apne1", 3), ...pair], "links: [[apne1, euw1], [euw1, use1]]\n");
    assert.deepEqual(
      plan.filters.filter(({ from }) => from === "euw1").map(({ prefixes }) => prefixes),
      [["10.2.0.0/16"], ["10.2.0.0/16"]],
    );
    assert.ok(reachability(plan).never.length > 0);
  });

  it("takes of the fleet's defaults what it can have", () => {
    const [, region] = planOf(
      [own("use1", 1), managed("usw2", 2)],
      "management: { allowFrom: [203.0.113.0/24] }\ndefaults: { ha: active-standby, gateways: 3, size: c7g.large, system: debian-12, outerMtu: 1400, tags: { team: net } }\n",
    ).regions;
    assert.ok(region?.managed !== undefined);
    assert.deepEqual([region.ha, region.gateways, region.pairTunnels], ["active-active", [], []]);
    assert.deepEqual([region.outerMtu, region.tags, region.managementAllowFrom], [1400, { team: "net" }, []]);
  });

  it("costs a connection and an attachment for each own gateway, and an attachment for its network", () => {
    const plan = planOf([own("apne1", 3), ...pair]);
    const facts = plan.regions.find(({ name }) => name === "euw1")?.routeService.facts;
    assert.deepEqual(facts, managedFacts(4));
    assert.equal(facts?.dollarsPerMonth, (4 + 1 + 4) * 0.05 * 730);
    assert.match(
      planText(plan, []),
      /euw1: gateway: managed, Site-to-Site VPN at a transit gateway: \$328\.5 a month/,
    );
  });

  it("shows how its links are protected: by preshared keys, and open to quantum computers", () => {
    const [link] = cryptoReport(planOf(pair)).links;
    assert.deepEqual(link?.authentication, { kind: "psk", bits: 256 });
    assert.equal(link?.quantum.exposure, "exposed");
  });

  it("is refused where two links of it have one inside network", () => {
    const plan = planOf([own("apne1", 3), ...pair]);
    // Names that collide are found by trying.
    const seen = new Map<string, string>();
    const collision = Array.from({ length: 5000 }, (_, index) => `r${String(index)}`).find((name) => {
      const net = formatCidr(insideOf("acme", ["m", name].sort().join("~"), 0, 0));
      const taken = seen.get(net);
      if (taken === undefined) seen.set(net, name);
      return taken !== undefined;
    });
    assert.ok(collision !== undefined && plan.links.length === 3);
    const twin = seen.get(formatCidr(insideOf("acme", ["m", collision].sort().join("~"), 0, 0)));
    const result = planFleet(fleetOf([own(collision, 1), own(twin ?? "", 2), managed("m", 3)]));
    assert.ok(!result.ok);
    assert.deepEqual(
      result.problems
        .filter(({ severity }) => severity === "error")
        .map(({ code, path }) => `${code} ${path}`),
      ["InsideCidrConflict regions.m"],
    );
  });

  it("is warned of where a fresh account has too few connections", () => {
    const owns = Array.from({ length: 26 }, (_, index) => own(`r${String(index)}`, index + 10));
    const { most = 0 } = managedRules.quota ?? {};
    for (const [count, warned] of [
      [most / 2, 0],
      [most / 2 + 1, 1],
    ] as const) {
      const links = owns.slice(0, count).map((_, index) => `[m, r${String(index)}]`);
      const result = planFleet(
        fleetOf([...owns.slice(0, count), managed("m", 3)], `links: [${links.join(", ")}]\n`),
        { waive: ["Unreachable", "InsideCidrConflict"] },
      );
      assert.ok(result.ok);
      assert.equal(result.warnings.filter(({ code }) => code === "ManagedConnectionQuota").length, warned);
    }
  });
});
