import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import type { FieldChange } from "trunkline/fleet/diff/fields";
import {
  diffPlans,
  emptyPlan,
  type Entries,
  isEmptyDiff,
  type PlanDiff,
} from "trunkline/fleet/diff/plan-diff";
import type { Plan } from "trunkline/fleet/plan";
import { previewFacts, previewPpks, previewPsks } from "../../../gateway/preview";
import { renderRelease } from "../../../gateway/render";
import { gatewayView } from "../../../gateway/view";
import { changedStacks } from "../../../stacks/graph";
import { linkedPlan, samplePlan, withMovedAddress, withOutsideIpv6 } from "../../components/sample-plan";
import { fleetFiles } from "../random-fleet";
import { editedFleet, edits } from "./fleet-edits";

const seed = 20261201;
const mesh = samplePlan(["use1", "euw1", "apse2"]);

/** The other way round, written down without the diff's own help. */
function turned(diff: PlanDiff): PlanDiff {
  const swap = JSON.stringify(diff, (_, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const { before, after, added, removed, change, ...rest } = Object(value);
    return {
      ...rest,
      ...(after === undefined ? {} : { before: after }),
      ...(before === undefined ? {} : { after: before }),
      ...(removed === undefined ? {} : { added: removed }),
      ...(added === undefined ? {} : { removed: added }),
      ...(change === undefined
        ? {}
        : { change: { added: "removed", removed: "added" }[String(change)] ?? change }),
    };
  });
  return JSON.parse(swap);
}

/**
 * What a gateway is told, as `renderPreview` has it, but with the placeholders of its peers' addresses alone, and by name:
 * numbered by their places in the fleet, as there, whoever joins would change them all.
 */
function releaseOf(plan: Plan, gateway: string): string {
  const facts = previewFacts(plan, gateway);
  const placed = (id: string, text: string): string => {
    const [one = 0, two = 0] = createHash("sha256").update(id).digest();
    return text.includes(":")
      ? `2001:db8:ffff::${String(one)}:${String(two)}`
      : `198.18.${String(one)}.${String(two)}`;
  };
  const { tunnels, partners } = gatewayView(plan, gateway);
  const peers = Object.fromEntries(
    [...tunnels, ...partners].map(({ peer: { gateway: id } }) => [id, placed(id, facts.peers[id] ?? "")]),
  );
  const self = { ...facts.self, publicAddress: placed(gateway, "") };
  return renderRelease(
    plan,
    gateway,
    { ...facts, self, peers },
    previewPpks(plan, gateway),
    previewPsks(plan, gateway),
  ).hash;
}

function releasesOf(plan: Plan): Map<string, string> {
  return new Map(plan.regions.flatMap(({ gateways }) => gateways.map(({ id }) => [id, releaseOf(plan, id)])));
}

function changed(plan: Plan, name: string, change: object): Plan {
  return {
    ...plan,
    regions: plan.regions.map((region) => (region.name === name ? { ...region, ...change } : region)),
  };
}

const none: Entries = { added: [], removed: [] };
const field = (changes: readonly FieldChange[]) => changes.map((one) => one.field);

describe("fleet/diff", () => {
  describe("of two plans by hand", () => {
    it("a region that joins: its gateways, and on each of its neighbours the tunnels and the prefixes", () => {
      const diff = diffPlans(
        samplePlan(["use1", "euw1"]),
        linkedPlan(mesh, (ends) => !ends.includes("apse2") || ends.includes("euw1")),
      );
      assert.deepEqual(
        diff.gateways.map(({ gateway, change, tunnels }) => [gateway, change, tunnels.added]),
        [
          ["apse2-a", "added", ["apse2-a~apse2-b", "apse2-a~euw1-a", "apse2-a~euw1-b"]],
          ["apse2-b", "added", ["apse2-a~apse2-b", "apse2-b~euw1-a", "apse2-b~euw1-b"]],
          ["euw1-a", "changed", ["apse2-a~euw1-a", "apse2-b~euw1-a"]],
          ["euw1-b", "changed", ["apse2-a~euw1-b", "apse2-b~euw1-b"]],
        ],
      );
      const prefixes = (name: string) => mesh.regions.find((region) => region.name === name)?.cidrs ?? [];
      assert.deepEqual(diff.regions[1], {
        region: "euw1",
        change: "changed",
        fields: [],
        neighbours: [
          {
            region: "apse2",
            told: { ...none, added: prefixes("euw1") },
            accepted: { ...none, added: prefixes("apse2") },
          },
        ],
        announced: { ...none, added: prefixes("apse2") },
        facts: [],
        dollarsPerMonth: { before: 1095, after: 1095 },
      });
    });

    it("a suite: the tunnels that have it, and at which gateways they end", () => {
      const links = mesh.links.map((link) =>
        link.id === "euw1~use1"
          ? {
              ...link,
              tunnels: link.tunnels.map((one) => ({
                ...one,
                childSa: { ...one.childSa, rekeySeconds: 1800 },
              })),
            }
          : link,
      );
      const diff = diffPlans(mesh, { ...mesh, links });
      assert.deepEqual(
        diff.gateways.map(({ gateway }) => gateway),
        ["euw1-a", "euw1-b", "use1-a", "use1-b"],
      );
      assert.deepEqual(diff.tunnels[0], {
        id: "euw1-a~use1-a",
        change: "changed",
        fields: [{ field: "childSa.rekeySeconds", before: 3600, after: 1800 }],
        gateways: ["euw1-a", "use1-a"],
      });
      assert.deepEqual(diff.regions, []);
    });

    it("a link that turns to IPv6 is named, with both ends; one that stays is not", () => {
      const { families } = diffPlans(mesh, withOutsideIpv6(mesh, ["use1", "euw1"]));
      assert.deepEqual(families, [
        { link: "euw1~use1", ends: ["euw1", "use1"], before: "ipv4", after: "ipv6" },
      ]);
    });

    it("a pair that shares its address: its tunnels are on both of its gateways", () => {
      const { gateways } = diffPlans(mesh, withMovedAddress(mesh, "use1"));
      for (const id of ["use1-a", "use1-b"])
        assert.deepEqual(gateways.find(({ gateway }) => gateway === id)?.tunnels.added.slice(0, 1), [
          "apse2-a~use1",
        ]);
    });

    it("tags and cost are of the region, and change no gateway", () => {
      const diff = diffPlans(mesh, changed(mesh, "use1", { tags: { team: "net", constructor: "x" } }));
      assert.deepEqual(
        diff.regions.map(({ fields }) => field(fields)),
        [["tags.constructor", "tags.team"]],
      );
      assert.deepEqual(diff.gateways, []);
    });

    it("a fleet of which nothing is there yet is added as a whole", () => {
      const diff = diffPlans(emptyPlan(mesh), mesh);
      assert.deepEqual(
        new Set([...diff.regions, ...diff.gateways, ...diff.tunnels].map(({ change }) => change)),
        new Set(["added"]),
      );
      assert.deepEqual([diff.gateways.length, diff.tunnels.length], [6, 15]);
    });
  });

  describe("laws over random fleets and edits", function () {
    this.timeout(600_000);
    const check = (runs: number, law: (before: Plan, after: Plan) => void): number => {
      let seen = 0;
      fc.assert(
        fc.property(fleetFiles, edits, (file, list) => {
          const fleet = editedFleet(file, list, 9);
          if (fleet === undefined) return;
          seen += 1;
          law(fleet.before, fleet.after);
        }),
        { seed, numRuns: runs },
      );
      return seen;
    };

    it("it is empty exactly where the plans are equal, the same each time, and turned round the other way", () => {
      let empty = 0;
      const seen = check(150, (before, after) => {
        const diff = diffPlans(before, after);
        assert.equal(isEmptyDiff(diff), isDeepStrictEqual(before, after));
        assert.ok(isEmptyDiff(diffPlans(before, structuredClone(before))));
        assert.deepEqual(diffPlans(after, before), turned(diff));
        assert.equal(
          JSON.stringify(diffPlans(structuredClone(before), structuredClone(after))),
          JSON.stringify(diff),
        );
        if (isEmptyDiff(diff)) empty += 1;
      });
      assert.ok(seen > 50 && empty < seen / 3, `${String(empty)} of ${String(seen)} were empty`);
    });

    it("it names every gateway that is told something else, and none whose stacks stay as they are", () => {
      let told = 0;
      const seen = check(80, (before, after) => {
        const { gateways } = diffPlans(before, after);
        const named = new Set(gateways.map(({ gateway }) => gateway));
        const [were, are] = [releasesOf(before), releasesOf(after)];
        for (const id of new Set([...were.keys(), ...are.keys()])) {
          if (were.get(id) === are.get(id)) continue;
          told += 1;
          assert.ok(named.has(id), `${id} is told something else`);
        }
        const stacks = new Set(changedStacks(before, after).map(({ name }) => name));
        for (const { gateway, region, change } of gateways)
          if (change === "changed")
            assert.ok(
              stacks.has(`acme.region-${region}`) || stacks.has(`acme.fabric-${region}`),
              `${gateway} is named`,
            );
      });
      assert.ok(seen > 25 && told > 50, `${String(told)} of ${String(seen)}`);
    });
  });
});
