import assert from "node:assert/strict";
import { planText } from "../../automation/cli/plan-text";
import { derivePlan, planFleet } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import { allTunnels, type Plan } from "trunkline/fleet/plan";
import { reachability } from "trunkline/fleet/reachability";
import { waysTo } from "trunkline/fleet/ways";

const moved = ", ha: active-standby, routes: agent, address: moved";

/** Regions by name, with their further fields. */
function planOf(regions: Readonly<Record<string, string>>, more = ""): Plan {
  const lines = Object.entries(regions).map(
    ([name, fields], index) =>
      `  ${name}: { cloud: aws, region: us-east-1, cidr: 10.${String(index)}.0.0/16${fields} }\n`,
  );
  const parsed = parseFleet(`fleet: acme\n${more}regions:\n${lines.join("")}`, "fleet.yaml");
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return derivePlan(parsed.value);
}

describe("a pair that shares an address", () => {
  const plan = planOf({ x: moved, y: "" });
  const tunnels = (of: Plan) => of.links.flatMap((link) => link.tunnels.map(({ id }) => id));

  it("has one tunnel with each gateway elsewhere, in place of two", () => {
    assert.deepEqual(tunnels(plan), ["x~y-a", "x~y-b"]);
    assert.deepEqual(tunnels(planOf({ x: "", y: "" })), ["x-a~y-a", "x-a~y-b", "x-b~y-a", "x-b~y-b"]);
    assert.deepEqual(tunnels(planOf({ x: moved, y: moved })), ["x~y"]);
  });

  it("has a name of its own beside its gateways', and a tunnel between these", () => {
    const [x] = plan.regions;
    assert.deepEqual(x?.shared, { id: "x", identity: "x.acme.trunkline.internal" });
    assert.deepEqual(
      x.gateways.map(({ identity }) => identity),
      ["x-a.acme.trunkline.internal", "x-b.acme.trunkline.internal"],
    );
    assert.deepEqual(
      x.pairTunnels.map(({ id }) => id),
      ["x-a~x-b"],
    );
    // Nothing is preferred: there is one way.
    assert.equal(x.preference, undefined);
    assert.ok(x.gateways.every(({ told }) => told.med === 0 && told.prepend === 0));
  });

  it("changes no tunnel of others", () => {
    const [without, withIt] = [planOf({ x: "", y: "", z: "" }), planOf({ x: moved, y: "", z: "" })];
    const apart = (of: Plan) =>
      allTunnels(of).filter(({ ends }) => ends.every(({ region }) => region !== "x"));
    assert.deepEqual(apart(withIt), apart(without));
  });

  it("is reached before and after the loss of either gateway", () => {
    assert.deepEqual(reachability(plan), { never: [], afterLoss: [] });
    // The only hub: whichever of its gateways is lost, the spokes reach each other.
    const hub = planOf({ h: moved, s: "", t: moved }, "topology: hub-and-spoke\nhubs: [h]\n");
    assert.deepEqual(reachability(hub), { never: [], afterLoss: [] });
  });

  for (const { lost, holder, holds, other } of [
    { holds: "x-a", other: "x-b" },
    { holder: "x-b", holds: "x-b", other: "x-a" },
    { lost: "x-a", holds: "x-b" },
    { lost: "x-b", holds: "x-a" },
  ])
    it(`packets pass ${holds}${lost === undefined ? "" : ` after the loss of ${lost}`}${holder === undefined ? "" : ", which holds the address"}`, () => {
      const out = waysTo(plan, "y", lost, holder);
      assert.equal(out.entry.get("x"), holds);
      assert.deepEqual(out.next.get(holds), ["y-a", "y-b"]);
      if (other !== undefined) assert.deepEqual(out.next.get(other), [holds]);
      const back = waysTo(plan, "x", lost, holder);
      assert.deepEqual([back.next.get("y-a"), back.next.get("y-b")], [["x"], ["x"]]);
    });

  it("needs one Elastic IP more", () => {
    const lines = ["x", "y"].map(
      (name, index) =>
        `  ${name}: { cloud: aws, region: us-east-1, cidr: 10.${String(index)}.0.0/16${moved} }\n`,
    );
    const parsed = parseFleet(`fleet: acme\nregions:\n${lines.join("")}`, "fleet.yaml");
    assert.ok(parsed.ok);
    assert.deepEqual(
      parsed.warnings.map(({ code, message }) => `${code}: ${message}`),
      ["ElasticIpQuota: us-east-1 needs 6 Elastic IPs; a fresh account has 5."],
    );
    assert.ok(planFleet(parsed.value).ok);
  });

  it("plan says what it costs, and how long it has no way when a gateway is lost", () => {
    const text = planText(plan, []);
    assert.match(text, /^x .* active-standby \(moved address\) +x-a /m);
    assert.match(
      text,
      /^x: routes: agent, the gateways move static routes and their one address themselves: \$3\.65 a month \(published: .*\); when a gateway is lost, it has its way to other regions again, by the other gateway, after 5 to 14 s \(by its timers, both ways alike: .* not published\)\.$/m,
    );
  });
});
