import assert from "node:assert/strict";
import { cloudNames } from "trunkline/fleet/cloud";
import { rulesOf } from "trunkline/fleet/clouds";
import { contains, overlaps, parseCidr } from "trunkline/fleet/cidr";
import { planFleet } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import { planText } from "../../automation/cli/plan-text";

const aws = "use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }";
const euw1 = "euw1: { cloud: gcp, region: europe-west1, cidr: 10.20.0.0/16 }";
const usc1 = "usc1: { cloud: gcp, region: us-central1, cidrs: [10.30.0.0/16, 11.7.0.0/24] }";

function planned(...regions: readonly string[]): Plan {
  const parsed = parseFleet(
    `fleet: acme\nregions:\n${regions.map((region) => `  ${region}\n`).join("")}`,
    "fleet.yaml",
  );
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const result = planFleet(parsed.value);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

const regionOf = ({ regions }: Plan, name: string) => {
  const found = regions.find((region) => region.name === name);
  assert.ok(found !== undefined);
  return found;
};

describe("a fleet of AWS and Google Cloud", () => {
  const plan = planned(aws, euw1, usc1);

  it("is a mesh with four tunnels a link, whatever cloud an end is in", () => {
    assert.deepEqual(
      plan.links.map(({ id, tunnels }) => `${id} ${String(tunnels.length)}`),
      ["euw1~usc1 4", "euw1~use1 4", "usc1~use1 4"],
    );
  });

  it("has a region's gateways in one subnet and two zones, on Google Cloud", () => {
    const { network, gateways } = regionOf(plan, "euw1");
    assert.deepEqual(network, {
      subnets: [
        { name: "gateways", role: "gateway", cidr: "10.20.0.0/28" },
        { name: "workloads", role: "workload", cidr: "10.20.128.0/17" },
      ],
    });
    assert.deepEqual(
      gateways.map(({ id, subnet, zone, size }) => [id, subnet, zone, size]),
      [
        ["euw1-a", "gateways", "b", "n2-standard-2"],
        ["euw1-b", "gateways", "c", "n2-standard-2"],
      ],
    );
    assert.ok(regionOf(plan, "use1").gateways.every(({ zone }) => zone === undefined));
  });

  it("has a subnet for each further network: a VPC network has no addresses besides", () => {
    assert.deepEqual(regionOf(plan, "usc1").network.subnets.slice(2), [
      { name: "more-0b070000-24", role: "workload", cidr: "11.7.0.0/24" },
    ]);
  });

  it("has two interfaces of a Cloud Router, which each gateway peers with, also where it is alone", () => {
    for (const more of ["", ", gateways: 1"]) {
      const { routeService } = regionOf(planned(aws, euw1.replace(" }", `${more} }`)), "euw1");
      assert.deepEqual(
        routeService.endpoints.map(({ name, subnet }) => `${name} ${subnet}`),
        ["interface-0 gateways", "interface-1 gateways"],
      );
    }
  });

  it("fits tunnels within a pair into what its network passes", () => {
    const sizes = (name: string) => [...new Set(regionOf(plan, name).pairTunnels.map(({ mtu }) => mtu))];
    // RFC 4303 in UDP: 1500 and 1460 bytes outside.
    assert.deepEqual([sizes("use1"), sizes("euw1")], [[1438], [1398]]);
  });

  it("changes no tunnel of AWS by a region of Google Cloud", () => {
    const without = planned(aws, "euw2: { cloud: aws, region: eu-west-2, cidr: 10.40.0.0/16 }");
    const beside = planned(aws, "euw2: { cloud: aws, region: eu-west-2, cidr: 10.40.0.0/16 }", euw1);
    assert.deepEqual(
      beside.links.find(({ id }) => id === "euw2~use1"),
      without.links.find(({ id }) => id === "euw2~use1"),
    );
  });

  it("says of each region what its cloud takes and how long its failover is", () => {
    const text = planText(plan, []);
    // Google Cloud, "Network Connectivity Center pricing": 0.075 a spoke and hour, of which a month has 730.
    assert.match(
      text,
      /^euw1: routes: service, a Cloud Router with 2 interfaces: \$54\.75 a month \(published: .*\); when a gateway is lost, its network sends by another gateway after 1 to 2 s \(by its timers: the survivor tells both halves/m,
    );
    assert.match(text, /^use1: routes: service, a VPC Route Server with 2 endpoints: \$1,095 a month/m);
    assert.match(text, /^euw1 +gcp europe-west1 /m);
  });

  it("tells a Cloud Router of 83 prefixes, which with their halves are 249 of 250, and is refused with more", () => {
    const many = (count: number) =>
      `big: { cloud: gcp, region: us-east1, cidrs: [10.99.0.0/16, ${Array.from(
        { length: count - 1 },
        (_, index) => `${String(20 + Math.floor(index / 100))}.${String(2 * (index % 100))}.0.0/16`,
      ).join(", ")}] }`;
    const announced = regionOf(planned(many(83), euw1), "euw1").routeService.announced;
    assert.equal(announced.length, 83);
    const parsed = parseFleet(`fleet: acme\nregions:\n  ${many(84)}\n  ${euw1}\n`, "fleet.yaml");
    assert.ok(parsed.ok);
    const result = planFleet(parsed.value);
    assert.ok(!result.ok);
    const [problem] = result.problems.filter(({ severity }) => severity === "error");
    assert.equal(problem?.code, "CloudRouterRoutesExceeded");
    assert.match(problem?.message ?? "", /Its Cloud Router would be told of 84 .* Google Cloud takes 83\./);
  });

  it("merges networks where a Cloud Router takes no more, and says what that covers", () => {
    const many = Array.from({ length: 260 }, (_, index) => {
      const [second, third] = [index >> 7, 2 * (index & 127)];
      return `10.${String(100 + second)}.${String(third)}.0/24`;
    });
    const text = `fleet: acme\nregions:\n  big: { cloud: gcp, region: us-east1, cidrs: [10.99.0.0/16, ${many.join(", ")}] }\n  ${euw1}\n`;
    const parsed = parseFleet(text, "fleet.yaml");
    assert.ok(parsed.ok, JSON.stringify(parsed));
    const result = planFleet(parsed.value);
    assert.ok(result.ok, JSON.stringify(result));
    assert.ok(result.warnings.some(({ code }) => code === "CloudRouterCoversOthers"));
  });

  it("warns of more addresses and networks than a fresh project has", () => {
    const lines = Array.from(
      { length: 6 },
      (_, index) =>
        `  r${String(index)}: { cloud: gcp, region: us-east1, cidr: 10.${String(index)}.0.0/16 }\n`,
    );
    const parsed = parseFleet(`fleet: acme\nregions:\n${lines.join("")}`, "fleet.yaml");
    assert.ok(parsed.ok);
    assert.deepEqual(
      parsed.warnings.map(({ code, message }) => `${code}: ${message}`),
      [
        "ElasticIpQuota: us-east1 needs 12 static external addresses; a fresh project has 8.",
        "NetworkQuota: The fleet needs 6 VPC networks; a fresh project has 5.",
      ],
    );
  });
});

describe("a region of Azure beside those of other clouds", () => {
  const weu = "weu: { cloud: azure, region: westeurope, cidrs: [10.40.0.0/16, 10.41.0.0/24] }";
  const plan = planned(aws, euw1, weu);
  const { network, gateways, routeService, asn } = regionOf(plan, "weu");
  assert.ok(routeService.kind === "service");

  it("has gateways in one subnet and two zones, and the Route Server in a subnet of its own", () => {
    assert.deepEqual(network.subnets, [
      { name: "gateways", role: "gateway", cidr: "10.40.0.0/28" },
      { name: "RouteServerSubnet", role: "route-service", cidr: "10.40.0.64/26" },
      { name: "workloads", role: "workload", cidr: "10.40.128.0/17" },
      { name: "more-0a290000-24", role: "workload", cidr: "10.41.0.0/24" },
    ]);
    assert.deepEqual(
      gateways.map(({ id, subnet, zone, size }) => [id, subnet, zone, size]),
      [
        ["weu-a", "gateways", "1", "Standard_D2s_v5"],
        ["weu-b", "gateways", "2", "Standard_D2s_v5"],
      ],
    );
    assert.deepEqual(
      routeService.endpoints.map(({ name, subnet }) => `${name} ${subnet}`),
      ["instance-0 RouteServerSubnet", "instance-1 RouteServerSubnet"],
    );
  });

  it("has an ASN of 32 bits, and an alias of 16 that Azure takes, whatever its name is", () => {
    assert.ok(asn > 65535);
    assert.equal(routeService.asn, 65515);
    const names = Array.from({ length: 40 }, (_, index) => `r${String(index)}`);
    const lines = names.map(
      (name, index) =>
        `${name}: { cloud: azure, region: westeurope, cidr: 10.${String(Math.floor(index / 2))}.${String(128 * (index % 2))}.0/24 }`,
    );
    const aliases = planned(...lines).regions.map(({ routeService: service }) =>
      service.kind === "service" ? (service.alias ?? 0) : 0,
    );
    // Microsoft Learn, "Azure Route Server frequently asked questions (FAQ)"; RFC 6996.
    for (const alias of aliases) {
      assert.ok(alias >= 64512 && alias <= 65534, String(alias));
      assert.ok(![65515, 65517, 65518, 65519, 65520].includes(alias), String(alias));
    }
    // By the name, so that regions have not all the same.
    assert.ok(new Set(aliases).size > 30);
  });

  it("is the same towards Azure whatever is beside it, and has no alias where its own ASN will do", () => {
    const alone = regionOf(planned(weu, euw1), "weu").routeService;
    assert.ok(alone.kind === "service");
    assert.equal(alone.alias, routeService.alias);
    const own = regionOf(planned(aws, weu.replace(" }", ", asn: 64600 }")), "weu");
    assert.ok(own.routeService.kind === "service" && own.asn === 64600);
    assert.equal(own.routeService.alias, undefined);
  });

  it("takes the Route Server's ASN of two regions for no conflict", () => {
    const two = planned(weu, "neu: { cloud: azure, region: northeurope, cidr: 10.50.0.0/16 }");
    assert.equal(two.regions.length, 2);
  });

  it("tells no gateway's routes apart where all carry, and the first's from the others' where one stands by", () => {
    const med = (region: string) =>
      regionOf(planned(aws, region), region.startsWith("weu") ? "weu" : "euw1").gateways.map(
        (one) => one.med,
      );
    assert.deepEqual(med(weu), [100, 100]);
    assert.deepEqual(med(weu.replace(" }", ", ha: active-standby }")), [100, 200]);
    assert.deepEqual(med(euw1), [100, 200]);
  });

  it("says what a Route Server takes and how long its failover is", () => {
    assert.match(
      planText(plan, []),
      /^weu: routes: service, a Route Server with 2 instances: \$328\.5\d? a month \(not confirmed; .*\); when a gateway is lost, its network sends by another gateway after 1 to 2 s \(by its timers: the survivor tells both halves/m,
    );
  });

  it("counts the Route Server's own public address", () => {
    const lines = Array.from(
      { length: 4 },
      (_, index) =>
        `  r${String(index)}: { cloud: azure, region: uksouth, cidr: 10.${String(index)}.0.0/16 }\n`,
    );
    const parsed = parseFleet(`fleet: acme\nregions:\n${lines.join("")}`, "fleet.yaml");
    assert.ok(parsed.ok);
    assert.deepEqual(
      parsed.warnings.map(({ code, message }) => `${code}: ${message}`),
      ["ElasticIpQuota: uksouth needs 12 Standard public IP addresses; a fresh subscription has 10."],
    );
  });

  it("tells a Route Server of 666 prefixes: with their halves, and said again, 3,996 of 4,000; of no more", () => {
    const many = (count: number) =>
      `big: { cloud: azure, region: eastus, cidrs: [10.99.0.0/16, ${Array.from(
        { length: count - 1 },
        (_, index) => `${String(20 + Math.floor(index / 100))}.${String(2 * (index % 100))}.0.0/16`,
      ).join(", ")}] }`;
    assert.equal(regionOf(planned(many(666), weu), "weu").routeService.announced.length, 666);
    const parsed = parseFleet(`fleet: acme\nregions:\n  ${many(667)}\n  ${weu}\n`, "fleet.yaml");
    assert.ok(parsed.ok);
    const result = planFleet(parsed.value);
    assert.ok(!result.ok);
    const [problem] = result.problems.filter(({ severity }) => severity === "error");
    assert.equal(problem?.code, "AzureRouteServerRoutesExceeded");
    assert.match(problem?.message ?? "", /Its Route Server would be told of 667 .* Azure takes 666\./);
  });
});

describe("what a cloud's folder says of it", () => {
  for (const cloud of cloudNames) {
    const rules = rulesOf(cloud);

    it(`${cloud}: subnets lie apart and within the region's networks, for every number of gateways`, () => {
      for (const gateways of [1, 2, 3, 4]) {
        const smallest = parseCidr(`10.0.0.0/${String(rules.network.longestFirst(gateways))}`);
        assert.ok(typeof smallest === "object");
        const made = rules.subnets({ cidrs: [smallest], gateway: "self", gateways, outside: "ipv4" });
        const cidrs = made.map(({ cidr }) => parseCidr(cidr)).filter((cidr) => typeof cidr === "object");
        assert.equal(cidrs.length, made.length);
        for (const [index, cidr] of cidrs.entries()) {
          assert.ok(contains(smallest, cidr));
          for (const other of cidrs.slice(index + 1)) assert.ok(!overlaps(cidr, other));
        }
      }
    });

    it(`${cloud}: every gateway, and every end of the route service, lives in a subnet that is made`, () => {
      const network = parseCidr("10.0.0.0/16");
      assert.ok(typeof network === "object");
      const letters = ["a", "b", "c", "d"] as const;
      const names = rules
        .subnets({ cidrs: [network], gateway: "self", gateways: 4, outside: "ipv4" })
        .map(({ name }) => name);
      for (const [place, letter] of letters.entries())
        assert.ok(names.includes(rules.gatewayPlace(letter, place).subnet));
      for (const { subnet } of rules.endpoints(letters)) assert.ok(names.includes(subnet));
    });

    it(`${cloud}: a network that is there already has rules, each example as they say, or is refused`, () => {
      const { existing, lacks } = rules;
      assert.notEqual(existing === undefined, !("network" in lacks));
      if (existing === undefined) return;
      const subnets = existing.subnets(["a", "b", "c", "d"]);
      const ids = [existing.networkId, ...subnets.map(({ id }) => id)];
      for (const { pattern, example } of ids) assert.match(example, pattern);
      // Whatever lives somewhere in a new network lives in a subnet that is given.
      const names = subnets.map(({ name }) => name);
      for (const [place, letter] of (["a", "b", "c", "d"] as const).entries())
        assert.ok(names.includes(rules.gatewayPlace(letter, place).subnet));
      for (const { subnet } of rules.endpoints(["a", "b"])) assert.ok(names.includes(subnet));
    });

    it(`${cloud}: its own examples are what it takes, and a choice of routes is taken or refused`, () => {
      assert.ok(rules.regions.has(rules.regionExample));
      assert.match(rules.size.standard, rules.size.pattern);
      for (const choice of ["service", "agent", "transit-gateway"] as const)
        assert.notEqual(choice in rules.takers, choice in rules.lacks);
    });
  }
});
