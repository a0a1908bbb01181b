import assert from "node:assert/strict";
import fc from "fast-check";
import { aggregate } from "trunkline/fleet/aggregate";
import { type Cidr, formatCidr, parseCidr, sizeOf } from "trunkline/fleet/cidr";
import { derivePlan, planFleet } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";

/** A world of 64 addresses, so that every block and every address of it can be asked. */
const world = cidr("10.0.0.0/26");
const blocks: Cidr[] = [26, 27, 28, 29, 30, 31, 32].flatMap((prefix) =>
  Array.from({ length: 64 / sizeOf(prefix) }, (_, index) => ({
    address: world.address + index * sizeOf(prefix),
    prefix,
  })),
);

function cidr(text: string): Cidr {
  const parsed = parseCidr(text);
  assert.ok(typeof parsed === "object", text);
  return parsed;
}

function addressesOf({ address, prefix }: Cidr): number[] {
  return Array.from({ length: sizeOf(prefix) }, (_, index) => address + index);
}

function union(prefixes: readonly Cidr[]): Set<number> {
  return new Set(prefixes.flatMap(addressesOf));
}

/** Disjoint networks, a few ranges to avoid (some within the networks), a part of the world for waste. */
const cases = fc.record({
  networks: fc
    .array(fc.constantFrom(...blocks.filter(({ prefix }) => prefix >= 29)), { maxLength: 14 })
    .map((some) =>
      some.filter(
        (one, index) =>
          !some
            .slice(0, index)
            .some((other) => addressesOf(one).some((address) => addressesOf(other).includes(address))),
      ),
    ),
  avoid: fc.array(fc.constantFrom(...blocks.filter(({ prefix }) => prefix >= 29)), { maxLength: 3 }),
  within: fc.constantFrom<Cidr[][]>(
    [world],
    [cidr("10.0.0.0/27")],
    [cidr("10.0.0.0/28"), cidr("10.0.0.32/27")],
    [],
  ),
  most: fc.integer({ min: 1, max: 8 }),
});
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

/** Of every way to cover the networks by blocks that the rules allow: prefixes it takes, and foreign addresses. */
function everyWay({ networks, avoid, within }: Case): { readonly count: number; readonly waste: number }[] {
  const [own, never, free] = [union(networks), union(avoid), within.map((range) => union([range]))];
  const ways = (block: Cidr): { count: number; waste: number }[] => {
    const all = addressesOf(block);
    const foreign = all.filter((address) => !own.has(address));
    if (foreign.length === all.length) return [{ count: 0, waste: 0 }];
    const isNetwork = networks.some((one) => one.address === block.address && one.prefix === block.prefix);
    const may =
      isNetwork ||
      foreign.length === 0 ||
      (foreign.every((address) => !never.has(address)) &&
        free.some((range) => all.every((address) => range.has(address))));
    const whole = may ? [{ count: 1, waste: foreign.length }] : [];
    // Nobody announces a part of a network.
    if (isNetwork || block.prefix === 32) return whole;
    const half = sizeOf(block.prefix) / 2;
    const [left, right] = [block.address, block.address + half].map((address) =>
      ways({ address, prefix: block.prefix + 1 }),
    );
    const both = (left ?? []).flatMap((one) =>
      (right ?? []).map((other) => ({ count: one.count + other.count, waste: one.waste + other.waste })),
    );
    // Ways that differ in neither figure are one.
    return [
      ...new Map(
        [...whole, ...both].map((way) => [`${String(way.count)} ${String(way.waste)}`, way]),
      ).values(),
    ];
  };
  return ways(world);
}

const run = (one: Case): Cidr[] => aggregate(one.networks, one);
const texts = (prefixes: readonly Cidr[]): string[] => prefixes.map(formatCidr);

describe("aggregation towards a route service", function () {
  it("leaves networks that fit as they are", () => {
    fc.assert(
      fc.property(cases, (one) => {
        if (one.networks.length > one.most) return;
        assert.deepEqual(texts(run(one)).sort(), texts(one.networks).sort());
      }),
    );
  });

  it("covers every address of the networks, once, and takes of others only what it may", () => {
    fc.assert(
      fc.property(cases, (one) => {
        const prefixes = run(one);
        const [own, never, free] = [union(one.networks), union(one.avoid), union(one.within)];
        const covered = prefixes.flatMap(addressesOf);
        assert.equal(new Set(covered).size, covered.length);
        for (const address of own) assert.ok(covered.includes(address));
        for (const address of covered)
          assert.ok(own.has(address) || (free.has(address) && !never.has(address)), String(address));
      }),
      { numRuns: 2000 },
    );
  });

  it("wastes as little as any way that fits, with as few prefixes; else takes as few as there can be", () => {
    let [exact, lossy, refused] = [0, 0, 0];
    fc.assert(
      fc.property(cases, (one) => {
        if (one.networks.length <= one.most) return;
        const prefixes = run(one);
        const all = everyWay(one);
        const fit = all.filter(({ count }) => count <= one.most);
        if (fit.length === 0) {
          refused += 1;
          assert.equal(prefixes.length, Math.min(...all.map(({ count }) => count)));
          return;
        }
        const waste = Math.min(...fit.map((way) => way.waste));
        const count = Math.min(...fit.filter((way) => way.waste === waste).map((way) => way.count));
        const foreign = union(prefixes).size - union(one.networks).size;
        assert.deepEqual({ foreign, count: prefixes.length }, { foreign: waste, count });
        if (waste === 0) exact += 1;
        else lossy += 1;
      }),
      { numRuns: 3000, seed: 20261125 },
    );
    assert.ok(
      exact > 20 && lossy > 200 && refused > 200,
      `${String(exact)} ${String(lossy)} ${String(refused)}`,
    );
  });

  it("does not depend on the order of anything", () => {
    fc.assert(
      fc.property(cases, fc.nat(13), (one, turn) => {
        const turned = <T>(list: readonly T[]): T[] => {
          const at = list.length === 0 ? 0 : turn % list.length;
          return [...list.slice(at), ...list.slice(0, at)].reverse();
        };
        const other = {
          ...one,
          networks: turned(one.networks),
          avoid: turned(one.avoid),
          within: turned(one.within),
        };
        assert.deepEqual(run(other), run(one));
      }),
    );
  });

  it("merges 1,000 networks to 100 in well under a second of the processor", () => {
    const networks = Array.from({ length: 1000 }, (_, index) =>
      cidr(`10.${String(index % 250)}.${String(Math.floor(index / 250) * 64)}.0/24`),
    );
    const started = process.cpuUsage();
    const prefixes = aggregate(networks, { most: 100, avoid: [], within: [cidr("10.0.0.0/8")] });
    assert.ok(prefixes.length <= 100);
    const { user, system } = process.cpuUsage(started);
    assert.ok(user + system < 2_000_000);
  });
});

describe("what a region tells its route service", function () {
  const file = (networks: readonly string[], more = ""): string =>
    `fleet: acme\n${more}regions:\n${networks.map((network, index) => `  r${String(index)}: { cloud: aws, region: us-east-1, cidr: ${network} }\n`).join("")}`;
  const planned = (text: string) => {
    const parsed = parseFleet(text, "fleet.yaml");
    assert.ok(parsed.ok, JSON.stringify(parsed));
    const result = planFleet(parsed.value);
    const routeServer = (result.ok ? result.warnings : result.problems).filter(({ code }) =>
      code.startsWith("RouteServer"),
    );
    return { plan: result.ok ? result.value : derivePlan(parsed.value), ok: result.ok, routeServer };
  };
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

  it("is the other regions' networks while there are 100", () => {
    const text = file(numbers(101).map((index) => `10.${String(index)}.0.0/16`));
    const { plan, ok, routeServer } = planned(text);
    assert.ok(ok);
    assert.deepEqual(routeServer, []);
    for (const { name, cidrs, routeService } of plan.regions) {
      const others = plan.regions.filter((other) => other.name !== name).flatMap((other) => other.cidrs);
      assert.deepEqual(routeService.announced, others.sort(), cidrs.join());
    }
  });

  it("is merged when there is one more, and takes nothing else where that is enough", () => {
    const text = file(numbers(102).map((index) => `10.${String(index)}.0.0/16`));
    const { plan, ok, routeServer } = planned(text);
    assert.ok(ok);
    assert.deepEqual(routeServer, []);
    assert.deepEqual(plan.regions[0]?.routeService.announced, [
      "10.1.0.0/16",
      "10.100.0.0/15",
      "10.16.0.0/12",
      "10.2.0.0/15",
      "10.32.0.0/11",
      "10.4.0.0/14",
      "10.64.0.0/11",
      "10.8.0.0/13",
      "10.96.0.0/14",
    ]);
  });

  it("takes addresses of nobody with a warning, and never the region's own nor those that gateways are managed from", () => {
    // Every second /24: the least wasteful way is to join neighbours, but the gap after r2 is the administrators'.
    const networks = numbers(103).map(
      (index) => `10.${String(index >> 7)}.${String((index % 128) * 2)}.0/24`,
    );
    const { plan, ok, routeServer } = planned(file(networks, "management: { allowFrom: [10.0.5.0/24] }\n"));
    assert.ok(ok);
    assert.equal(routeServer.length, 103);
    for (const { code, severity, message } of routeServer) {
      assert.equal(`${severity} ${code}`, "warning RouteServerCoversOthers");
      // Four neighbours in one are three prefixes less, two pairs two: the same waste, and fewer prefixes win.
      assert.match(message, /100 of 102 networks, so it is told of 10\.\d+\.\d+\.0\/21 \(1024\): /);
    }
    for (const { name, cidrs, routeService } of plan.regions) {
      assert.equal(routeService.announced.length, 99, name);
      for (const prefix of routeService.announced)
        for (const never of [...cidrs, "10.0.5.0/24"])
          assert.ok(!addressesOf(cidr(prefix)).includes(cidr(never).address), `${name}: ${prefix}`);
    }
  });

  it("is refused when it does not fit, with what would help", () => {
    const text = file(numbers(102).map((index) => `11.${String(2 * index)}.0.0/16`));
    const { ok, routeServer } = planned(text);
    assert.ok(!ok);
    const [first, ...others] = routeServer;
    assert.equal(first?.code, "RouteServerRoutesExceeded");
    assert.match(
      first.message,
      /of 101 networks, by 101 prefixes at the least; AWS takes 100\. So it is with/,
    );
    assert.match(first.message, /So it is with 102 regions: \w+, \w+, \w+, 99 more\.$/);
    assert.match(first.remedy, /apart from 11\.0\.0\.0\/16/);
    assert.deepEqual(others, [], "one problem, not one per region");
  });
});
