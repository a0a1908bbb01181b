import assert from "node:assert/strict";
import { routesFacts } from "trunkline/fleet/aws/limits";
import { parseCidr } from "trunkline/fleet/cidr";
import { derivePlan, planFleet } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan, PlannedTransitGateway } from "trunkline/fleet/plan";
import { planText } from "../../automation/cli/plan-text";

const region = (name: string, octet: number, more = "") =>
  `  ${name}: { cloud: aws, region: us-east-1, cidr: 10.${String(octet)}.0.0/16${more} }`;
const transit = ", routes: transit-gateway";

function fleetOf(...lines: readonly string[]) {
  const parsed = parseFleet(`fleet: acme\nregions:\n${lines.join("\n")}\n`, "fleet.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function serviceOf(
  { regions }: Plan,
  name = "use1",
): PlannedTransitGateway & { announced: readonly string[] } {
  const service = regions.find((found) => found.name === name)?.routeService;
  assert.ok(service?.kind === "transit-gateway");
  return service;
}

describe("a region that a transit gateway follows", () => {
  it("has a Connect peer for each gateway, with addresses that follow from its place", () => {
    const service = serviceOf(derivePlan(fleetOf(region("use1", 1, transit), region("euw1", 2))));
    const base = service.cidr.replace(/0\/24$/, "");
    assert.deepEqual(service.peers, [
      {
        gateway: "use1-a",
        address: `${base}1`,
        insideNetwork: "169.254.100.0/29",
        inside: "169.254.100.1/29",
        speakers: ["169.254.100.2", "169.254.100.3"],
      },
      {
        gateway: "use1-b",
        address: `${base}2`,
        insideNetwork: "169.254.100.8/29",
        inside: "169.254.100.9/29",
        speakers: ["169.254.100.10", "169.254.100.11"],
      },
    ]);
    assert.deepEqual(service.announced, ["10.2.0.0/16"]);
    assert.deepEqual(service.attachedIn, ["gateway-a", "gateway-b"]);
    // EC2 API reference, "TransitGatewayRequestOptions".
    assert.ok(service.asn >= 4200000000 && service.asn <= 4294967294);
    const cidr = parseCidr(service.cidr);
    assert.ok(typeof cidr === "object" && cidr.prefix === 24);
    assert.match(service.cidr, /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./);
  });

  it("has four peers at most, all in their own /29, and a foot in each of two zones", () => {
    const service = serviceOf(
      derivePlan(fleetOf(region("use1", 1, `${transit}, gateways: 4`), region("euw1", 2))),
    );
    assert.equal(new Set(service.peers.map(({ insideNetwork }) => insideNetwork)).size, 4);
    assert.deepEqual(service.attachedIn, ["gateway-a", "gateway-b"]);
  });

  it("changes nothing anywhere else", () => {
    const [service, transitGateway] = ["", transit].map((more) =>
      derivePlan(fleetOf(region("use1", 1, more), region("euw1", 2), region("apne1", 3))),
    );
    const others = (plan: Plan | undefined) => ({
      ...plan,
      regions: plan?.regions.map((found) =>
        found.name === "use1" ? { ...found, routeService: undefined } : found,
      ),
    });
    assert.deepEqual(others(transitGateway), others(service));
  });

  it("costs two attachments by the hour, and fails over by its hold time", () => {
    // AWS, "AWS Transit Gateway pricing": 0.05 an attachment and hour, of which a month has 730.
    assert.equal(routesFacts("transit-gateway", 2).dollarsPerMonth, 73);
    assert.match(
      planText(derivePlan(fleetOf(region("use1", 1, transit), region("euw1", 2))), []),
      /^use1: routes: transit-gateway, a transit gateway \(100\.\d+\.\d+\.0\/24\) with 2 Connect peers: \$73 a month \(published: .*\); when a gateway is lost, its network sends by another gateway after 20 to 30 s \(by BGP's hold time/m,
    );
  });

  it("takes its own addresses from where the file says", () => {
    const fleet = fleetOf(
      region("use1", 1, `${transit}, transitGatewayCidr: 192.0.2.0/24`),
      region("euw1", 2),
    );
    const service = serviceOf(derivePlan(fleet));
    assert.equal(service.cidr, "192.0.2.0/24");
    assert.deepEqual(
      service.peers.map(({ address }) => address),
      ["192.0.2.1", "192.0.2.2"],
    );
  });

  for (const { what, lines, whose } of [
    {
      what: "another region's network",
      lines: [region("use1", 1, `${transit}, transitGatewayCidr: 10.2.0.0/24`), region("euw1", 2)],
      whose: "10.2.0.0/16 of euw1",
    },
    {
      what: "where gateways are managed from",
      lines: [
        region(
          "use1",
          1,
          `${transit}, transitGatewayCidr: 192.0.2.0/24, management: { allowFrom: [192.0.2.128/25] }`,
        ),
        region("euw1", 2),
      ],
      whose: "192.0.2.128/25 of management",
    },
  ])
    it(`its own addresses are refused where they overlap ${what}`, () => {
      const planned = planFleet(fleetOf(...lines));
      assert.ok(!planned.ok);
      const [problem] = planned.problems;
      assert.equal(problem?.code, "CidrOverlap");
      assert.equal(problem.path, "regions.use1.transitGatewayCidr");
      assert.ok(problem.message.endsWith(`overlaps ${whose}.`), problem.message);
    });

  for (const { what, more, says } of [
    {
      what: "without a transit gateway",
      more: ", transitGatewayCidr: 192.0.2.0/24",
      says: "KeyConflict regions.use1.transitGatewayCidr",
    },
    {
      what: "that are too few",
      more: `${transit}, transitGatewayCidr: 192.0.2.0/25`,
      says: "CidrSize regions.use1.transitGatewayCidr",
    },
    {
      what: "that are link-local",
      more: `${transit}, transitGatewayCidr: 169.254.8.0/24`,
      says: "CidrSize regions.use1.transitGatewayCidr",
    },
    {
      what: "with bits beyond their prefix",
      more: `${transit}, transitGatewayCidr: 192.0.2.1/24`,
      says: "CidrHostBits regions.use1.transitGatewayCidr",
    },
  ])
    it(`addresses ${what} are refused`, () => {
      const parsed = parseFleet(`fleet: acme\nregions:\n${region("use1", 1, more)}\n`, "fleet.yaml");
      assert.ok(!parsed.ok);
      assert.deepEqual(
        parsed.problems.map(({ code, path }) => `${code} ${path}`),
        [says],
      );
    });

  it("48 routes fit into a table, beside the ways to the internet and to the transit gateway", () => {
    const apart = (count: number) =>
      planFleet(
        fleetOf(
          region("use1", 1, transit),
          ...Array.from(
            { length: count },
            (_, index) =>
              `  r${String(index)}: { cloud: aws, region: us-east-1, cidr: 11.${String(2 * index)}.0.0/16 }`,
          ),
        ),
      );
    const fits = apart(48);
    assert.ok(fits.ok);
    assert.equal(serviceOf(fits.value).announced.length, 48);
    const full = apart(49);
    assert.ok(!full.ok);
    assert.deepEqual(
      full.problems.map(({ code, path }) => `${code} ${path}`),
      ["RouteTableRoutesExceeded regions.use1"],
    );
  });

  it("1,001 networks are more than a Connect peer takes, even where one route leads to all of them", () => {
    const found = (count: number, ...others: string[]) => {
      const cidrs = Array.from(
        { length: count },
        (_, index) => `10.${String(128 + Math.floor(index / 256))}.${String(index % 256)}.0/24`,
      );
      const network =
        "network: { id: vpc-0123456789abcdef0, subnets: { a: { id: subnet-0123456789abcdef0, cidr: 10.128.0.0/28 }, b: { id: subnet-0123456789abcdef1, cidr: 10.128.0.16/28 } }, routeTables: [rtb-0123456789abcdef0] }";
      const planned = planFleet(
        fleetOf(
          region("use1", 1, transit),
          `  euw1: { cloud: aws, region: eu-west-1, cidrs: [${cidrs.join(", ")}], ${network} }`,
          ...others,
        ),
      );
      return (planned.ok ? planned.warnings : planned.problems).filter(
        ({ code }) => code === "TransitGatewayRoutesExceeded",
      );
    };
    const [problem] = found(1001);
    assert.match(problem?.message ?? "", /of 1001 networks; AWS takes 1000 from a Connect peer/);
    assert.deepEqual(found(1000), []);
    // It is told of no IPv6 network.
    const ipv6 = ", ipv6: { cidr: 'fd8a:1b2c:3d00::/56', pool: ipam-pool-0123456789abcdef0 }";
    assert.deepEqual(found(999, region("apne1", 30, ipv6)), []);
  });

  it("more of them in one cloud region than a fresh account has are warned of, once", () => {
    const count = (number: number) => {
      const planned = planFleet(
        fleetOf(...Array.from({ length: number }, (_, index) => region(`r${String(index)}`, index, transit))),
      );
      assert.ok(planned.ok, JSON.stringify(planned));
      return planned.warnings.filter(({ code }) => code === "TransitGatewayQuota").length;
    };
    assert.deepEqual([count(5), count(6), count(8)], [0, 1, 1]);
  });
});
