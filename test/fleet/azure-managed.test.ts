import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { insideRules } from "trunkline/fleet/azure/inside";
import { limits, managedFacts } from "trunkline/fleet/azure/limits";
import { contains, overlaps, parseCidr } from "trunkline/fleet/cidr";
import { cryptoReport } from "trunkline/fleet/crypto/report";
import { derivePlan, planFleet } from "trunkline/fleet/derive";
import { insideOf } from "trunkline/fleet/inside-ipv4";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import { reachability } from "trunkline/fleet/reachability";
import { waysTo } from "trunkline/fleet/ways";
import { planText } from "../../automation/cli/plan-text";

const aws = (name: string, octet: number, more = "") =>
  `  ${name}: { cloud: aws, region: us-east-1, cidr: 10.${String(octet)}.0.0/16${more} }`;
const azure = (name: string, cidr: string, more = "") =>
  `  ${name}: { cloud: azure, region: westeurope, ${cidr}${more} }`;
const managed = (name: string, octet: number, more = "") =>
  azure(name, `cidr: 10.${String(octet)}.0.0/16`, `, gateway: managed${more}`);

function fleetOf(lines: readonly string[], more = "") {
  const parsed = parseFleet(`fleet: acme\n${more}regions:\n${lines.join("\n")}\n`, "fleet.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

const planOf = (lines: readonly string[], more = ""): Plan => derivePlan(fleetOf(lines, more));
const pair = [aws("use1", 1), managed("weu", 2)];
const tunnelsOf = ({ links }: Plan) => links.flatMap(({ tunnels }) => tunnels);
const managedOnes = (plan: Plan) =>
  tunnelsOf(plan).flatMap((tunnel) =>
    tunnel.managed === undefined ? [] : [{ ...tunnel, managed: tunnel.managed }],
  );
const regionOf = ({ regions }: Plan, name: string) => regions.find((region) => region.name === name);

describe("a region of Azure with a managed gateway", () => {
  it("is planned as what lies in the golden folder", () => {
    const text = `${JSON.stringify(planOf(pair), undefined, 1)}\n`;
    const file = join(__dirname, "golden/azure-managed.json");
    if (process.env["TRUNKLINE_GOLDEN"] === "write") writeFileSync(file, text);
    assert.equal(text, readFileSync(file, "utf8"), "npm run golden writes it anew");
  });

  it("has two instances, and a tunnel from each to every gateway that it is linked with", () => {
    const plan = planOf(pair);
    assert.deepEqual(regionOf(plan, "weu")?.managed?.ends, ["weu-1", "weu-2"]);
    assert.deepEqual(
      tunnelsOf(plan).map(({ id, managed: told }) => [id, told?.connection, told?.number]),
      [
        ["use1-a~weu-1", "use1-a", 1],
        ["use1-a~weu-2", "use1-a", 2],
        ["use1-b~weu-1", "use1-b", 1],
        ["use1-b~weu-2", "use1-b", 2],
      ],
    );
  });

  it("has a GatewaySubnet in place of what gateways of ours need, and workloads where they would be", () => {
    const subnetsOf = (more: string) =>
      planOf([azure("weu", "cidrs: [10.2.0.0/16, 10.3.0.0/16]", more)]).regions[0]?.network.subnets ?? [];
    const workloads = (subnets: ReturnType<typeof subnetsOf>) =>
      subnets.filter(({ role }) => role === "workload");
    assert.deepEqual(subnetsOf(", gateway: managed"), [
      { name: "GatewaySubnet", role: "attachment", cidr: "10.2.0.0/27" },
      ...workloads(subnetsOf("")),
    ]);
    assert.equal(workloads(subnetsOf("")).length, 2);
  });

  it("has two addresses of Azure's range inside of all its tunnels, and each gateway of ours one for both of its own", () => {
    const plan = planOf([aws("use1", 1, ", gateways: 4"), aws("use2", 3), managed("weu", 2)]);
    const range = limits.vpnGateway.apipa.networks.map(parseCidr);
    const theirs = new Map<number, Set<string>>();
    const ours = new Map<string, Set<string>>();
    for (const { ends, managed: told } of managedOnes(plan)) {
      const [cloud, own] = told.end === 0 ? ends : [ends[1], ends[0]];
      const address = parseCidr(cloud.inside);
      assert.ok(typeof address === "object" && address.prefix === 32);
      assert.ok(range.some((net) => typeof net === "object" && contains(net, address)));
      theirs.set(told.number, (theirs.get(told.number) ?? new Set()).add(cloud.inside));
      ours.set(own.gateway, (ours.get(own.gateway) ?? new Set()).add(own.inside));
      const [net, at] = [parseCidr(told.insideCidr), parseCidr(own.inside)];
      assert.ok(typeof net === "object" && typeof at === "object");
      assert.ok(net.prefix === 30 && at.prefix === 32 && contains(net, at));
      assert.ok(range.every((other) => typeof other === "object" && !overlaps(other, net)));
    }
    assert.deepEqual(
      [...theirs.values()].map(({ size }) => size),
      [1, 1],
    );
    assert.notDeepEqual(theirs.get(1), theirs.get(2));
    assert.equal(ours.size, 6);
    for (const each of ours.values()) assert.equal(each.size, 1);
    assert.equal(new Set([...ours.values()].flatMap((each) => [...each])).size, 6);
  });

  it("takes its two addresses from where the file says, and keeps every other tunnel as it is", () => {
    const before = planOf(pair);
    const after = planOf([aws("use1", 1), managed("weu", 2, ", insideCidr: 169.254.22.252/30")]);
    assert.deepEqual(
      managedOnes(after).map(({ ends, managed: told }) => ends[told.end].inside),
      ["169.254.22.253/32", "169.254.22.254/32", "169.254.22.253/32", "169.254.22.254/32"],
    );
    assert.deepEqual(
      managedOnes(after).map(({ managed: told }) => told),
      managedOnes(before).map(({ managed: told }) => told),
    );
  });

  it("has one of 128 networks by hash of its name, all of Azure's range", () => {
    const found = new Set<string>();
    for (let index = 0; index < 5000; index += 1) {
      const net = insideRules.derive("acme", `r${String(index)}`);
      assert.equal(insideRules.unfit(net), undefined);
      found.add(String(net.address));
    }
    assert.equal(insideRules.pool, 128);
    assert.equal(found.size, 128);
    for (let link = 0; link < 2000; link += 1)
      assert.ok(insideRules.unfit(insideOf("acme", `a${String(link)}~b`, 0, 0)) !== undefined);
  });

  it("has one key for both tunnels of a connection, since Azure has one", () => {
    const names = managedOnes(planOf(pair)).map(({ managed: told }) => [told.connection, told.keyName]);
    assert.equal(new Set(names.map(String)).size, 2);
    assert.ok(names.every(([, name]) => name !== undefined));
    const aws2 = managedOnes(planOf([aws("use1", 1), aws("euw1", 2, ", gateway: managed")]));
    assert.ok(aws2.every(({ managed: told }) => told.keyName === undefined));
  });

  it("has Azure's lifetimes, and the own end rekeys long before", () => {
    for (const { seconds, ike, child } of [
      { seconds: "", ike: 14400, child: 3600 },
      { seconds: "crypto: { ikeRekeySeconds: 86400, childRekeySeconds: 28800 }\n", ike: 23280, child: 21480 },
    ])
      for (const { ikeSa, childSa, managed: told } of managedOnes(planOf(pair, seconds))) {
        assert.deepEqual([told.ikeLifetimeSeconds, told.childLifetimeSeconds], [28800, 27000]);
        assert.deepEqual([ikeSa.rekeySeconds, childSa.rekeySeconds], [ike, child]);
        assert.ok(childSa.lifeSeconds < told.childLifetimeSeconds);
        assert.equal(told.dpdTimeoutSeconds, 45);
        // Fixed ("VPN Gateway FAQ", What are the BGP timer settings).
        assert.deepEqual(told.bgpSeconds, { keepalive: 60, hold: 180 });
      }
  });

  it("has one transform of each role that Azure takes", () => {
    for (const { ikeSa, childSa } of managedOnes(planOf(pair))) {
      assert.equal(ikeSa.proposal, "aes256gcm16-prfsha384-ecp384");
      assert.equal(childSa.proposal, "aes256gcm16-ecp384");
    }
    const [link] = cryptoReport(planOf(pair)).links;
    assert.deepEqual(link?.authentication, { kind: "psk", bits: 256 });
  });

  it("is reached from everywhere, also after the loss of a gateway or of one of its instances", () => {
    const plan = planOf([aws("apne1", 3), ...pair]);
    assert.deepEqual(reachability(plan), { never: [], afterLoss: [] });
    assert.deepEqual(waysTo(plan, "weu").next.get("use1-a"), ["weu-1", "weu-2"]);
    assert.deepEqual(waysTo(plan, "weu", "weu-1").next.get("use1-a"), ["weu-2"]);
  });

  it("costs by its SKU and by tunnels beyond ten, and says what of that is not confirmed", () => {
    const plan = planOf([aws("apne1", 3), aws("apne2", 4), ...pair]);
    const { routeService, managed: made } = regionOf(plan, "weu") ?? {};
    assert.deepEqual(routeService?.facts, managedFacts(6, "VpnGw1AZ"));
    assert.ok(Math.abs(routeService.facts.dollarsPerMonth - (0.361 + 2 * 0.015) * 730) < 0.001);
    assert.equal(made?.size, "VpnGw1AZ");
    const text = planText(plan, []);
    assert.match(
      text,
      /weu: gateway: managed, an active-active VPN gateway: \$285\.43 a month \(not confirmed; /,
    );
    assert.match(text, /after 120 to 180 s/);
    assert.match(text, /managed \(an active-active VPN gateway, VpnGw1AZ\)/);
    assert.equal(
      regionOf(planOf([aws("use1", 1), managed("weu", 2, ", size: VpnGw4AZ")]), "weu")?.managed?.size,
      "VpnGw4AZ",
    );
    // A default for machines is none for it.
    assert.equal(regionOf(planOf(pair, "defaults: { size: c7g.large }\n"), "weu")?.managed?.size, "VpnGw1AZ");
  });

  const problemsOf = (lines: readonly string[], more = "") => {
    const result = planFleet(fleetOf(lines, more), { waive: ["Unreachable"] });
    return result.ok ? result.warnings : result.problems;
  };
  const found = (lines: readonly string[], code: string, more = "") =>
    problemsOf(lines, more).filter((problem) => problem.code === code);
  const links = (count: number) =>
    `links: [${Array.from({ length: count }, (_, index) => `[m, r${String(index)}]`).join(", ")}]\n`;

  for (const { size, regions, more, remedy } of [
    { size: "", regions: 7, more: 2, remedy: /Write `size: VpnGw4AZ`/ },
    { size: ", size: VpnGw3AZ", regions: 7, more: 2, remedy: /Write `size: VpnGw4AZ`/ },
    { size: ", size: VpnGw4AZ", regions: 25, more: 0, remedy: /^Link it with fewer regions/ },
  ])
    it(`is refused with more gateways than its SKU carries tunnels to${size}`, () => {
      const lines = (last: number) => [
        ...Array.from({ length: regions }, (_, index) =>
          aws(`r${String(index)}`, index + 10, ", gateways: 4"),
        ),
        ...(last === 0 ? [] : [aws(`r${String(regions)}`, regions + 10, `, gateways: ${String(last)}`)]),
        managed("m", 3, size),
      ];
      const code = "ManagedConnectionsExceeded";
      assert.deepEqual(found(lines(more), code, links(regions + (more === 0 ? 0 : 1))), []);
      const [exceeded] = found(lines(more + 1), code, links(regions + 1));
      assert.equal(exceeded?.path, "regions.m.gateway");
      assert.match(exceeded.remedy, remedy);
    });

  it("is refused where a region is linked with two that have the same addresses, and told how to mend it", () => {
    const same = (name: string, octet: number) => managed(name, octet, ", insideCidr: 169.254.21.4/30");
    const lines = [aws("use1", 1), same("neu", 2), same("weu", 3)];
    const linked = "links: [[neu, use1], [use1, weu]]\n";
    const [conflict, ...others] = found(lines, "InsideCidrConflict", linked);
    assert.equal(conflict?.path, "regions.weu.insideCidr");
    assert.match(conflict.message, /neu and weu have .* in the same 169\.254\.21\.4\/30, and use1 is linked/);
    assert.match(conflict.remedy, /another \/30 of 169\.254\.21\.0 to 169\.254\.22\.255/);
    assert.deepEqual(others, []);
    assert.deepEqual(
      found(
        [aws("use1", 1), same("neu", 2), managed("weu", 3, ", insideCidr: 169.254.21.8/30")],
        "InsideCidrConflict",
        linked,
      ),
      [],
    );
    // Who is linked with one of them alone hears of no other.
    assert.deepEqual(
      found([...lines, aws("use2", 4)], "InsideCidrConflict", "links: [[neu, use1], [use2, weu]]\n"),
      [],
    );
  });

  it("is refused where a region is linked with more of them than Azure has networks for", () => {
    const lines = (count: number) => [
      ...Array.from({ length: count }, (_, index) => {
        const at = `169.254.${String(21 + Math.floor(index / 64))}.${String((index % 64) * 4)}`;
        const inside = index < 128 ? `, insideCidr: ${at}/30` : "";
        return `  m${String(index)}: { cloud: azure, region: westeurope, cidr: 10.${String(index + 10)}.0.0/16, gateway: managed${inside} }`;
      }),
      aws("use1", 1, ", gateways: 1"),
    ];
    const linked = (count: number) =>
      `links: [${Array.from({ length: count }, (_, index) => `[m${String(index)}, use1]`).join(", ")}]\n`;
    assert.deepEqual(found(lines(128), "InsideCidrPool", linked(128)), []);
    const [full, ...others] = found(lines(129), "InsideCidrPool", linked(129));
    assert.equal(full?.path, "regions.use1");
    assert.match(full.message, /more than 128 managed gateways of Azure/);
    assert.deepEqual(others, []);
  });

  for (const { asn, refused } of [
    { asn: 65515, refused: true },
    { asn: 65520, refused: true },
    { asn: 64512, refused: false },
    { asn: 4200000001, refused: false },
  ])
    it(`${refused ? "refuses" : "takes"} a peer of ASN ${String(asn)}`, () => {
      assert.deepEqual(
        found([aws("use1", 1, `, asn: ${String(asn)}`), managed("weu", 2)], "AsnInvalid").map(
          ({ path, severity }) => [path, severity],
        ),
        refused ? [["regions.use1.asn", "error"]] : [],
      );
    });

  it("is told of each network by itself, and refused where it takes no more", () => {
    const most = limits.vpnGateway.prefixes;
    // Each of one block to live in, and of so many small ones.
    const region = (index: number, count: number) =>
      `  r${String(index)}: { cloud: gcp, region: us-central1, cidrs: [10.${String(index)}.0.0/17, ${Array.from(
        { length: count - 1 },
        (_, place) =>
          `10.${String(index)}.${String(128 + Math.floor(place / 16))}.${String((place % 16) * 16)}/28`,
      ).join(", ")}] }`;
    const lines = (last: number) => [
      ...Array.from({ length: 16 }, (_, index) => region(index, index === 15 ? last : 250)),
      managed("m", 200),
    ];
    assert.deepEqual(found(lines(250), "AzureVpnRoutesExceeded", links(16)), []);
    const [full] = found(lines(251), "AzureVpnRoutesExceeded", links(16));
    assert.equal(full?.path, "regions.m");
    assert.match(
      full.message,
      new RegExp(`told of ${String(most + 1)} networks, .*Azure takes ${String(most)}`),
    );
  });

  it("counts its two public addresses", () => {
    const lines = (count: number) =>
      Array.from({ length: count }, (_, index) => managed(`m${String(index)}`, index + 10));
    const parsed = (count: number) => {
      const result = parseFleet(
        `fleet: acme\nlinks: [[m0, u]]\nregions:\n${[...lines(count), aws("u", 1)].join("\n")}\n`,
        "f",
      );
      return (result.ok ? result.warnings : result.problems).filter(({ code }) => code === "ElasticIpQuota");
    };
    assert.deepEqual(parsed(5), []);
    assert.equal(parsed(6).length, 1);
  });

  it("keeps every tunnel as it is when a region of any cloud joins", () => {
    const before = tunnelsOf(planOf(pair));
    const after = planOf([
      "  usc1: { cloud: gcp, region: us-central1, cidr: 10.30.0.0/16 }",
      azure("neu", "cidr: 10.40.0.0/16"),
      ...pair,
    ]);
    const now = new Map(tunnelsOf(after).map((tunnel) => [tunnel.id, tunnel]));
    for (const tunnel of before) assert.deepEqual(now.get(tunnel.id), tunnel);
    assert.deepEqual(reachability(after), { never: [], afterLoss: [] });
  });
});
