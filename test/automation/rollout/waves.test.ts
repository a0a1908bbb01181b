import assert from "node:assert/strict";
import fc from "fast-check";
import { changedInputs, inputHashes } from "../../../automation/rollout/inputs";
import { type RolloutStack, rolloutStacks } from "../../../automation/rollout/stacks";
import { planWaves } from "../../../automation/rollout/waves";
import { planFleet } from "../../../fleet/derive";
import { parseFleet } from "../../../fleet/parse";
import type { Plan } from "../../../fleet/plan";
import { neighbours } from "../../../stacks/graph";
import { samplePlan } from "../../components/sample-plan";
import { fleetFiles, fleetText, without } from "../../fleet/random-fleet";
import { graphs } from "./random-run";

const all = (stacks: readonly RolloutStack[]): Set<string> => new Set(stacks.map(({ name }) => name));
const mesh = rolloutStacks(samplePlan(["apse2", "euw1", "use1"]));

function planOf(text: string): Plan | undefined {
  const parsed = parseFleet(text, "fleet.yaml");
  const planned = parsed.ok ? planFleet(parsed.value) : undefined;
  return planned?.ok === true ? planned.value : undefined;
}

describe("waves of a rollout", () => {
  for (const { why, options, changed, expected } of [
    {
      why: "one wave where nothing else is asked for",
      options: {},
      changed: all(mesh),
      expected: [
        "regions apse2+euw1+use1: region-apse2 region-euw1 region-use1 trust fabric-use1 fabric-euw1 fabric-apse2",
      ],
    },
    {
      why: "the canary's machines first, then what its release needs, its release, and the others",
      options: { canary: "euw1" },
      changed: all(mesh),
      expected: [
        "canary : region-euw1",
        "preparation : region-apse2 region-use1 trust",
        "canary euw1: fabric-euw1",
        "regions apse2+use1: fabric-use1 fabric-apse2",
      ],
    },
    {
      why: "releases alone, two regions at once, who is called before who calls",
      options: { canary: "euw1", regionsPerWave: 1 },
      changed: new Set(["acme.fabric-apse2", "acme.fabric-euw1", "acme.fabric-use1"]),
      expected: ["canary euw1: fabric-euw1", "regions use1: fabric-use1", "regions apse2: fabric-apse2"],
    },
    {
      why: "by the rule, of those with as many links the one whose release comes first by itself",
      options: { canary: "fewest-links" },
      changed: new Set(["acme.fabric-apse2", "acme.fabric-use1"]),
      expected: ["canary use1: fabric-use1", "regions apse2: fabric-apse2"],
    },
    {
      why: "a canary with nothing to do gives way to the rule",
      options: { canary: "euw1" },
      changed: new Set(["acme.fabric-apse2", "acme.fabric-use1"]),
      expected: ["canary use1: fabric-use1", "regions apse2: fabric-apse2"],
    },
    {
      why: "what is of no region stands behind the regions where none needs it",
      options: { canary: "euw1" },
      changed: new Set(["acme.region-euw1", "acme.trust"]),
      expected: ["canary euw1: region-euw1", "rest : trust"],
    },
    {
      why: "nothing changed, no wave",
      options: { canary: "euw1" },
      changed: new Set<string>(),
      expected: [],
    },
  ])
    it(why, () => {
      const waves = planWaves(mesh, changed, options).map(
        ({ kind, completes, steps }) =>
          `${kind} ${completes.join("+")}: ${steps.map((name) => name.replace("acme.", "")).join(" ")}`,
      );
      assert.deepEqual(waves, expected);
    });

  it("by the rule, the region with the fewest links, and of gateways of one's own if there are any", () => {
    const stack = (region: string, gateways: number, ...links: readonly string[]): RolloutStack => ({
      name: `fabric-${region}`,
      region,
      dependsOn: links.map((other) => `fabric-${other}`),
      gateways: Array.from({ length: gateways }, (_, index) => `${region}-${String(index)}`),
    });
    // `spoke` has no link; without it `far` has one as `managed` has, which has no gateway, and needs `hub` first.
    const some = [stack("managed", 0), stack("hub", 2, "managed"), stack("far", 2, "hub"), stack("spoke", 2)];
    const first = (stacks: readonly RolloutStack[]) =>
      planWaves(stacks, all(stacks), { canary: "fewest-links" })[0];
    assert.deepEqual(first(some), { kind: "canary", steps: ["fabric-spoke"], completes: ["spoke"] });
    assert.deepEqual(first(some.slice(0, 3))?.steps, ["fabric-managed", "fabric-hub"]);
    assert.deepEqual(first(some.slice(0, 1))?.steps, ["fabric-managed"]);
  });

  it("law: every step once, none behind a wave that needs it, each region complete once, in waves as large as asked", () => {
    const some = graphs.chain((stacks) =>
      fc.tuple(
        fc.constant(stacks),
        fc.subarray(stacks),
        fc.constantFrom(undefined, "fewest-links", "r1"),
        fc.integer({ min: 1, max: 3 }),
      ),
    );
    fc.assert(
      fc.property(some, ([stacks, changed, canary, regionsPerWave]) => {
        const waves = planWaves(stacks, all(changed), { canary, regionsPerWave });
        const placed = waves.flatMap(({ steps }) => steps);
        assert.deepEqual([...placed].sort(), [...all(changed)].sort());
        const waveOf = new Map(waves.flatMap(({ steps }, index) => steps.map((name) => [name, index])));
        for (const { name, dependsOn } of changed)
          for (const lower of dependsOn) assert.ok((waveOf.get(lower) ?? 0) <= (waveOf.get(name) ?? 0));
        const regions = new Set(changed.flatMap(({ region }) => region ?? []));
        assert.deepEqual(waves.flatMap(({ completes }) => completes).sort(), [...regions].sort());
        for (const { completes, steps } of waves) {
          assert.ok(steps.length > 0);
          for (const region of completes)
            for (const one of changed)
              if (one.region === region)
                assert.ok((waveOf.get(one.name) ?? 0) <= (waveOf.get(steps[0] ?? "") ?? -1));
        }
      }),
    );
  });
});

describe("what a run touches, by its inputs", () => {
  it("nothing that has succeeded with the same, all with other programs", () => {
    const plan = samplePlan(["euw1", "use1"]);
    const before = inputHashes(plan, "1.0.0");
    assert.deepEqual(changedInputs(inputHashes(plan, "1.0.0"), before), new Set());
    assert.deepEqual(changedInputs(inputHashes(plan, "1.1.0"), before), new Set(Object.keys(before)));
    assert.deepEqual(changedInputs(before, {}), new Set(Object.keys(before)));
    for (const hash of Object.values(before)) assert.match(hash, /^[0-9a-f]{64}$/);
  });

  it("one stack that has not succeeded since stays to be done", () => {
    const now = inputHashes(samplePlan(["euw1", "use1"]), "1.0.0");
    const others = Object.fromEntries(Object.entries(now).filter(([name]) => name !== "acme.fabric-use1"));
    assert.deepEqual(changedInputs(now, others), new Set(["acme.fabric-use1"]));
  });

  /** Every region is told of every network, and tells its own network of it: that alone may change elsewhere. */
  const untold = (plan: Plan): Plan => ({
    ...plan,
    filters: [],
    regions: plan.regions.map((region) => ({
      ...region,
      routeService: { ...region.routeService, announced: [], facts: region.routeService.facts },
    })),
  });

  function touchedByJoining(before: Plan, after: Plan, joined: string): void {
    const touched = changedInputs(inputHashes(after, "1"), inputHashes(before, "1"));
    const { fleet } = after;
    const machines = [...touched].filter((name) => name.startsWith(`${fleet}.region-`));
    assert.deepEqual(machines, [`${fleet}.region-${joined}`]);
    const without = changedInputs(inputHashes(untold(after), "1"), inputHashes(untold(before), "1"));
    const near = [joined, ...neighbours(after, joined)].map((region) => `${fleet}.fabric-${region}`);
    const allowed = new Set([`${fleet}.region-${joined}`, `${fleet}.trust`, ...near]);
    assert.deepEqual(
      [...without].filter((name) => !allowed.has(name)),
      [],
    );
    assert.ok(near.every((name) => touched.has(name)));
    // Besides, those that are told of its network, and no other.
    const networks = after.regions.find(({ name }) => name === joined)?.cidrs ?? [];
    const tells = (region: string): boolean =>
      after.filters.some(
        ({ link, prefixes }) =>
          link.split("~").includes(region) && networks.some((cidr) => prefixes.includes(cidr)),
      );
    for (const name of touched)
      assert.ok(allowed.has(name) || tells(name.replace(`${fleet}.fabric-`, "")), name);
  }

  it("law: a region that joins touches itself and its neighbours, and of the others only what is told of its network", () => {
    let tried = 0;
    fc.assert(
      fc.property(fleetFiles, (file) => {
        const [joined = ""] = file.regions.slice(-1);
        const before = planOf(fleetText(without(file, joined)));
        const after = planOf(fleetText(file));
        if (before === undefined || after === undefined) return;
        tried += 1;
        touchedByJoining(before, after, joined);
      }),
      { numRuns: 60 },
    );
    assert.ok(tried >= 10, String(tried));
  });

  it("one region joins a fleet of 100: 101 are planned, and machines are made in one", () => {
    const region = (index: number): string =>
      `  r${String(index)}: { cloud: aws, region: us-east-1, cidr: 10.${String(index)}.0.0/16, routes: transit-gateway }\n`;
    const fleet = (count: number): string =>
      `fleet: acme\ntopology: hub-and-spoke\nhubs: [r0, r1]\nregions:\n${Array.from({ length: count }, (_, index) => region(index)).join("")}`;
    const [before, after] = [planOf(fleet(100)), planOf(fleet(101))];
    assert.ok(before !== undefined && after !== undefined);
    assert.deepEqual(neighbours(after, "r100"), ["r0", "r1"]);
    touchedByJoining(before, after, "r100");
    const stacks = rolloutStacks(after);
    const waves = planWaves(stacks, changedInputs(inputHashes(after, "1"), inputHashes(before, "1")), {
      canary: "r0",
      regionsPerWave: 20,
    });
    assert.deepEqual(
      waves.slice(0, 2).map(({ steps }) => steps),
      [["acme.region-r100", "acme.trust"], ["acme.fabric-r0"]],
    );
    assert.deepEqual(
      waves.slice(2).map(({ completes }) => completes.length),
      [20, 20, 20, 20, 20],
    );
  });
});
