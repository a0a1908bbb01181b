import assert from "node:assert/strict";
import fc from "fast-check";
import { changedStacks, neighbours, stackGraph } from "../../stacks/graph";
import type { Plan, PlannedGateway } from "../../fleet/plan";
import { linkedPlan, samplePlan } from "../components/sample-plan";

const names = (nodes: readonly { name: string }[]) => nodes.map(({ name }) => name);
const mesh = samplePlan(["use1", "euw1", "apse2"]);

function changeGateway(plan: Plan, id: string, change: Partial<PlannedGateway>): Plan {
  return {
    ...plan,
    regions: plan.regions.map((region) => ({
      ...region,
      gateways: region.gateways.map((gateway) => (gateway.id === id ? { ...gateway, ...change } : gateway)),
    })),
  };
}

describe("stacks/graph", () => {
  it("orders regions, trust, then fabrics, who is called before who calls, each on trust, its region and its neighbours", () => {
    const chain = linkedPlan(mesh, (ends) => ends.includes("euw1"));
    assert.deepEqual(stackGraph(chain), [
      { name: "acme.region-apse2", layer: "region", region: "apse2", dependsOn: [] },
      { name: "acme.region-euw1", layer: "region", region: "euw1", dependsOn: [] },
      { name: "acme.region-use1", layer: "region", region: "use1", dependsOn: [] },
      {
        name: "acme.trust",
        layer: "trust",
        dependsOn: ["acme.region-apse2", "acme.region-euw1", "acme.region-use1"],
      },
      {
        name: "acme.fabric-use1",
        layer: "fabric",
        region: "use1",
        dependsOn: ["acme.region-euw1", "acme.region-use1", "acme.trust"],
      },
      {
        name: "acme.fabric-euw1",
        layer: "fabric",
        region: "euw1",
        dependsOn: ["acme.region-apse2", "acme.region-euw1", "acme.region-use1", "acme.trust"],
      },
      {
        name: "acme.fabric-apse2",
        layer: "fabric",
        region: "apse2",
        dependsOn: ["acme.region-apse2", "acme.region-euw1", "acme.trust"],
      },
    ]);
  });

  it("uses names that Pulumi takes: letters, digits, dashes, dots, at most 100", () => {
    for (const { name } of stackGraph(mesh)) assert.match(name, /^[A-Za-z0-9_.-]{1,100}$/);
  });

  describe("what an edit brings up", () => {
    for (const { why, before, after, expected } of [
      { why: "everything at first", before: undefined, after: mesh, expected: names(stackGraph(mesh)) },
      {
        why: "nothing for the same plan",
        before: mesh,
        after: samplePlan(["euw1", "apse2", "use1"]),
        expected: [],
      },
      {
        why: "a region added next to one other: itself, trust, the two fabrics",
        before: samplePlan(["use1", "euw1"]),
        after: linkedPlan(mesh, (ends) => !ends.includes("apse2") || ends.includes("euw1")),
        expected: ["acme.region-apse2", "acme.trust", "acme.fabric-euw1", "acme.fabric-apse2"],
      },
      {
        why: "a key renewed: trust, and the fabric that carries it",
        before: mesh,
        after: changeGateway(mesh, "use1-a", { keyEpoch: 2 }),
        expected: ["acme.trust", "acme.fabric-use1"],
      },
      {
        why: "a machine renewed: its region, trust, its fabric",
        before: mesh,
        after: changeGateway(mesh, "use1-a", { imageEpoch: 2 }),
        expected: ["acme.region-use1", "acme.trust", "acme.fabric-use1"],
      },
      {
        why: "another system, for the next machine: its region, its fabric",
        before: mesh,
        after: changeGateway(mesh, "use1-a", { system: "debian-12" }),
        expected: ["acme.region-use1", "acme.fabric-use1"],
      },
      {
        why: "another kind of key, for the next one: trust, its fabric",
        before: mesh,
        after: changeGateway(mesh, "use1-a", { keyAlgorithm: "rsa-3072" }),
        expected: ["acme.trust", "acme.fabric-use1"],
      },
    ])
      it(why, () => {
        assert.deepEqual(names(changedStacks(before, after)), expected);
      });
  });

  it("law: every stack stands after all that it reads, and only neighbours read a region", () => {
    const regions = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e", "f", "g"), { minLength: 1 });
    fc.assert(
      fc.property(regions, fc.infiniteStream(fc.boolean()), (some, coins) => {
        const plan = linkedPlan(samplePlan(some), () => coins.next().value ?? true);
        const seen = new Set<string>();
        for (const node of stackGraph(plan)) {
          for (const lower of node.dependsOn)
            assert.ok(seen.has(lower), `${node.name} stands before ${lower}`);
          seen.add(node.name);
          if (node.layer !== "fabric" || node.region === undefined) continue;
          const read = node.dependsOn
            .filter((name) => name.startsWith("acme.region-"))
            .map((name) => name.slice(12));
          assert.deepEqual(new Set(read), new Set([node.region, ...neighbours(plan, node.region)]));
        }
      }),
    );
  });
});
