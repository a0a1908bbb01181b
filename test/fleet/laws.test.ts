import assert from "node:assert/strict";
import fc from "fast-check";
import { derivePlan, planFleet } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan, PlannedRegion, PlannedTunnel } from "trunkline/fleet/plan";
import { reachability } from "trunkline/fleet/reachability";
import { waysTo } from "trunkline/fleet/ways";
import {
  cloudOf,
  codesOf,
  faults,
  type FleetFile,
  fleetFiles,
  fleetText,
  largeFleets,
  parsed,
  without,
} from "./random-fleet";

const seed = 20261124;

function tunnelsOf({ links }: Plan): Map<string, PlannedTunnel> {
  return new Map(links.flatMap(({ tunnels }) => tunnels.map((tunnel) => [tunnel.id, tunnel])));
}

/** What stands in both plans is the same in both. */
function sameTunnels(one: Plan, other: Plan): number {
  const others = tunnelsOf(other);
  let both = 0;
  for (const [id, tunnel] of tunnelsOf(one)) {
    const there = others.get(id);
    if (there === undefined) continue;
    assert.deepEqual(there, tunnel);
    both += 1;
  }
  return both;
}

/** What of a region follows from the set of networks, and so may change with it. */
function sameRegions(one: Plan, other: Plan): void {
  const itself = ({ regions }: Plan): Map<string, unknown> =>
    new Map(
      regions.map(({ routeService: { announced, ...routeService }, ...region }) => {
        assert.ok(Array.isArray(announced));
        return [region.name, { ...region, routeService }];
      }),
    );
  const others = itself(other);
  for (const [name, region] of itself(one)) if (others.has(name)) assert.deepEqual(others.get(name), region);
}

/** Networks of both families alike. */
function withAll(region: PlannedRegion): PlannedRegion {
  return { ...region, cidrs: [...region.cidrs, ...(region.ipv6 === undefined ? [] : [region.ipv6.cidr])] };
}

/** Each tunnel of a pair that shares an address at the first of its gateways that is there. */
function held(plan: Plan, lost: string | undefined): Plan {
  const at = <E extends { readonly gateway: string }>(end: E): E => {
    const pair = plan.regions.find(({ shared }) => shared?.id === end.gateway);
    const holder = pair?.gateways.find(({ id }) => id !== lost);
    return holder === undefined ? end : { ...end, gateway: holder.id };
  };
  const links = plan.links.map((link) => ({
    ...link,
    tunnels: link.tunnels.map((tunnel) => ({
      ...tunnel,
      ends: [at(tunnel.ends[0]), at(tunnel.ends[1])] as const,
    })),
  }));
  return { ...plan, links };
}

/** Who knows whose networks, by naive flooding over the tunnels that are left, until nothing changes. */
function flooded(plan: Plan, lost: string | undefined): Set<string> {
  const known = new Set<string>();
  for (const { name, gateways, cidrs } of plan.regions.map(withAll))
    for (const { id } of gateways)
      if (id !== lost) for (const cidr of cidrs) known.add(`${id} ${cidr} ${name}`);
  const owner = new Map(
    plan.regions.map(withAll).flatMap(({ name, cidrs }) => cidrs.map((cidr) => [cidr, name])),
  );
  for (let before = -1; before !== known.size;) {
    before = known.size;
    for (const { link, from, prefixes } of plan.filters)
      for (const { ends } of plan.links.find(({ id }) => id === link)?.tunnels ?? []) {
        const [teller, hearer] = ends[0].region === from ? ends : [ends[1], ends[0]];
        if (teller.gateway === lost || hearer.gateway === lost) continue;
        for (const cidr of prefixes) {
          const fact = `${cidr} ${owner.get(cidr) ?? ""}`;
          if (known.has(`${teller.gateway} ${fact}`)) known.add(`${hearer.gateway} ${fact}`);
        }
      }
  }
  return known;
}

function reaches(plan: Plan, known: ReadonlySet<string>, from: string, to: string): boolean {
  const source = plan.regions.find(({ name }) => name === from)?.gateways ?? [];
  const target = plan.regions.map(withAll).find(({ name }) => name === to)?.cidrs ?? [];
  return source.some(({ id }) => target.every((cidr) => known.has(`${id} ${cidr} ${to}`)));
}

interface KnownPath {
  readonly asPath: readonly number[];
  readonly med: number;
  readonly next: readonly string[];
}

/** Each gateway's best paths to a region's networks: told from one to the next with whole AS paths until nothing changes. */
function toldOn(
  { regions, links, filters }: Plan,
  to: string,
  lost: string | undefined,
): Map<string, KnownPath> {
  const known = new Map<string, KnownPath>();
  const home = regions.map(withAll).find(({ name }) => name === to);
  for (const { id } of home?.gateways ?? []) if (id !== lost) known.set(id, { asPath: [], med: 0, next: [] });
  for (let changed = true; changed;) {
    changed = false;
    for (const { name, gateways } of regions)
      for (const { id } of gateways) {
        if (name === to || id === lost) continue;
        const offers = filters
          .filter(
            (filter) => filter.to === name && home?.cidrs.every((cidr) => filter.prefixes.includes(cidr)),
          )
          .flatMap(({ link, from }) => {
            const teller = regions.find((region) => region.name === from);
            const { tunnels = [] } = links.find((one) => one.id === link) ?? {};
            return (teller?.gateways ?? []).flatMap((gateway) => {
              const path = known.get(gateway.id);
              const joined = tunnels.some(({ ends }) =>
                [id, gateway.id].every((end) => ends.some((one) => one.gateway === end)),
              );
              const asn = teller?.asn ?? 0;
              return path === undefined || !joined
                ? []
                : [
                    {
                      id: gateway.id,
                      asPath: [
                        ...Array.from({ length: gateway.told.prepend + 1 }, () => asn),
                        ...path.asPath,
                      ],
                      med: gateway.told.med,
                    },
                  ];
            });
          });
        const shortest = Math.min(...offers.map(({ asPath }) => asPath.length));
        const short = offers.filter(({ asPath }) => asPath.length === shortest);
        const lowest = Math.min(...short.map(({ med }) => med));
        const chosen = short.filter(({ med }) => med === lowest);
        const [one] = chosen;
        if (one === undefined) continue;
        const best = { asPath: one.asPath, med: one.med, next: chosen.map((offer) => offer.id).sort() };
        if (JSON.stringify(best) === JSON.stringify(known.get(id))) continue;
        known.set(id, best);
        changed = true;
      }
  }
  return known;
}

describe("thousands of random fleets", function () {
  this.timeout(240_000);

  it("are of every size, topology and fault", () => {
    const files = fc.sample(fleetFiles, { numRuns: 3000, seed });
    const share = (is: (file: FleetFile) => boolean): number => files.filter(is).length / files.length;
    for (const kind of ["mesh", "hub-and-spoke", "links"])
      assert.ok(share((file) => file.kind === kind) > 0.2, kind);
    assert.ok(Object.keys(faults).length >= 8);
    for (const [wrong, code] of Object.entries(faults)) {
      const spoilt = files.filter((file) => file.wrong === wrong && file.regions.length > 1);
      assert.ok(spoilt.length > 20, wrong);
      for (const file of spoilt) assert.ok(codesOf(file).includes(code), `${wrong}: ${fleetText(file)}`);
    }
    const clouds = ({ regions }: FleetFile) => new Set(regions.map(cloudOf));
    assert.ok(share((file) => clouds(file).size === 2) > 0.2);
    assert.ok(share(({ regions }) => regions.length === 1) > 0.03);
    assert.ok(share(({ regions }) => regions.length > 8) > 0.05);
    assert.ok(share(({ noTransit }) => noTransit.length > 0) > 0.1);
    const refused = share((file) => parsed(file) === undefined);
    assert.ok(refused > 0.05 && refused < 0.6, `refused: ${String(refused)}`);
  });

  it("a region that joins or leaves changes no other tunnel, and of other regions only what the route service is told", () => {
    let compared = 0;
    fc.assert(
      fc.property(fleetFiles, fc.nat(29), (file, index) => {
        const all = parsed(file);
        const leaving = file.regions[index % file.regions.length] ?? "";
        const less = parsed(without(file, leaving));
        if (all === undefined || less === undefined) return;
        const [before, after] = [derivePlan(all), derivePlan(less)];
        compared += sameTunnels(before, after);
        sameRegions(before, after);
      }),
      { numRuns: 2500, seed },
    );
    assert.ok(compared > 10_000, String(compared));
  });

  it("so it is with as many as 200 regions, also where prefixes are merged", () => {
    let largest = 0;
    fc.assert(
      fc.property(largeFleets, fc.nat(199), (file, index) => {
        // The first two are the hubs.
        const leaving = file.regions[2 + (index % (file.regions.length - 2))] ?? "";
        const [all, less] = [parsed(file), parsed(without(file, leaving))];
        const turned = parsed({ ...file, regions: [...file.regions].reverse() });
        assert.ok(all !== undefined && less !== undefined && turned !== undefined);
        const before = derivePlan(all);
        const after = derivePlan(less);
        largest = Math.max(largest, file.regions.length);
        assert.equal(sameTunnels(before, after), tunnelsOf(after).size);
        sameRegions(before, after);
        assert.deepEqual(derivePlan(turned), before);
      }),
      { numRuns: 5, seed },
    );
    assert.ok(largest > 150, String(largest));
  });

  it("what a region speaks over decides its own links alone, and of these the ones that both ends agree on", () => {
    let changed = 0;
    fc.assert(
      fc.property(fleetFiles, fc.nat(29), (file, index) => {
        const turned = file.regions[index % file.regions.length] ?? "";
        const [as, other] = [parsed(file), parsed({ ...file, turned })];
        if (as === undefined || other === undefined) return;
        const [before, after] = [derivePlan(as), derivePlan(other)];
        const outside = (plan: Plan) => new Map(plan.regions.map((region) => [region.name, region.outside]));
        const speaks = outside(after);
        const there = tunnelsOf(after);
        for (const [id, tunnel] of tunnelsOf(before)) {
          const [one, second] = tunnel.ends.map(({ region }) => region);
          const both = [one, second].every((name) => speaks.get(name ?? "") === "ipv6");
          assert.equal(there.get(id)?.outside, both ? "ipv6" : "ipv4");
          const far = one === turned ? second : one;
          if ((one === turned || second === turned) && speaks.get(far ?? "") === "ipv6") changed += 1;
          else assert.deepEqual(there.get(id), tunnel);
        }
        const others = ({ regions }: Plan) => regions.filter(({ name }) => name !== turned);
        assert.deepEqual(others(after), others(before));
        assert.deepEqual([after.filters, after.routes], [before.filters, before.routes]);
      }),
      { numRuns: 1000, seed },
    );
    assert.ok(changed > 1000, String(changed));
  });

  it("the order of a file changes nothing at all", () => {
    fc.assert(
      fc.property(fleetFiles, fc.nat(29), (file, turn) => {
        const turned = (list: readonly string[]): string[] => [
          ...list.slice(turn % list.length),
          ...list.slice(0, turn % list.length),
        ];
        const [one, other] = [
          parsed(file),
          parsed({ ...file, regions: turned(file.regions), hubs: turned(file.hubs) }),
        ];
        if (one === undefined || other === undefined) return;
        assert.deepEqual(derivePlan(other), derivePlan(one));
      }),
      { numRuns: 1000, seed },
    );
  });

  it("interfaces, inside addresses and names are unique, and short enough for Linux", () => {
    fc.assert(
      fc.property(fleetFiles, (file) => {
        const fleet = parsed(file);
        if (fleet === undefined) return;
        const plan = derivePlan(fleet);
        const ends = [...tunnelsOf(plan).values()].flatMap((tunnel) => tunnel.ends);
        const unique = (words: readonly string[]): void => assert.equal(new Set(words).size, words.length);
        unique(ends.map(({ inside }) => inside));
        unique(ends.map(({ gateway, ifId }) => `${gateway} ${String(ifId)}`));
        unique(ends.map(({ gateway, interface: device }) => `${gateway} ${device}`));
        for (const { interface: device } of ends) assert.match(device, /^x[a-z0-9]{1,14}$/);
      }),
      { numRuns: 1000, seed },
    );
  });

  it("reachability is what naive flooding finds, before and after the loss of any one gateway", () => {
    const small = fleetFiles.filter(({ regions }) => regions.length <= 6);
    fc.assert(
      fc.property(small, (file) => {
        const fleet = parsed(file);
        if (fleet === undefined) return;
        const plan = derivePlan(fleet);
        const claimed = reachability(plan);
        const names = plan.regions.map(({ name }) => name);
        const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => ({ from, to })));
        const whole = flooded(held(plan, undefined), undefined);
        const never = pairs.filter(
          ({ from, to }) => from < to && !(reaches(plan, whole, from, to) && reaches(plan, whole, to, from)),
        );
        assert.deepEqual(claimed.never, never);
        const words = ({ from, to, lost }: { from: string; to: string; lost: string }): string =>
          `${from}>${to} ${lost}`;
        const found = plan.regions
          .flatMap(({ gateways }) => gateways)
          .flatMap(({ id: lost }) => {
            const left = flooded(held(plan, lost), lost);
            return pairs
              .filter(({ from, to }) => reaches(plan, whole, from, to) && !reaches(plan, left, from, to))
              .map((pair) => words({ ...pair, lost }));
          });
        assert.deepEqual(claimed.afterLoss.map(words).sort(), found.sort());
      }),
      { numRuns: 600, seed },
    );
  });

  it("packets go where naive telling takes them, and by nobody who stands by for one that is there", () => {
    const small = fleetFiles.filter(({ regions }) => regions.length <= 5);
    let stoodBy = 0;
    fc.assert(
      fc.property(small, (file) => {
        const fleet = parsed(file);
        if (fleet === undefined) return;
        const plan = derivePlan(fleet);
        const all = plan.regions.flatMap(({ gateways }) => gateways.map(({ id }) => id));
        const end = (gateway: string): string =>
          plan.regions.find(({ gateways }) => gateways.some(({ id }) => id === gateway))?.shared?.id ??
          gateway;
        for (const { name: to } of plan.regions)
          for (const lost of [undefined, ...all]) {
            const { next, entry } = waysTo(plan, to, lost);
            const naive = toldOn(held(plan, lost), to, lost);
            for (const { name, gateways, shared } of plan.regions) {
              if (name === to) continue;
              const able = gateways.filter(({ id }) => naive.has(id));
              assert.equal(entry.get(name), able[0]?.id);
              // Of a pair that shares an address, who has no tunnels sends to who has them.
              const [holder] = shared === undefined ? [] : able;
              for (const { id } of gateways) {
                const handed = holder === undefined || id === lost ? [] : [holder.id];
                assert.deepEqual(next.get(id) ?? [], naive.get(id)?.next.map(end) ?? handed);
              }
            }
            for (const hops of next.values())
              for (const { ha, gateways } of plan.regions) {
                const [first] = gateways.filter(({ id }) => id !== lost);
                const used = gateways.filter(({ id }) => hops.includes(id));
                if (ha !== "active-standby" || used.length === 0) continue;
                assert.deepEqual(used, [first]);
                stoodBy += 1;
              }
          }
      }),
      { numRuns: 300, seed },
    );
    assert.ok(stoodBy > 1000, String(stoodBy));
  });

  it("a plan holds no clock and no chance", () => {
    const [file] = fc.sample(fleetFiles, { numRuns: 1, seed });
    assert.ok(file !== undefined);
    const plan = () => {
      const fleet = parseFleet(fleetText({ ...file, kind: "mesh" }), "fleet.yaml");
      assert.ok(fleet.ok);
      return planFleet(fleet.value);
    };
    assert.deepEqual(plan(), plan());
  });
});
