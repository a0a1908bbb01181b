import assert from "node:assert/strict";
import { derivePlan } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import { waysTo } from "trunkline/fleet/ways";

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

/** `from` to the gateways that it sends to, as text. */
function shown(plan: Plan, to: string, from: string, lost?: string): string {
  const { next, entry } = waysTo(plan, to, lost);
  return `${entry.get(from) ?? "none"}: ${["a", "b", "c"]
    .filter((letter) => next.has(`${from}-${letter}`))
    .map((letter) => `${letter}>${(next.get(`${from}-${letter}`) ?? []).join("+")}`)
    .join(" ")}`;
}

describe("ways of packets", () => {
  const standby = { med: ", ha: active-standby", prepend: ", ha: active-standby, preference: prepend" };
  const hubs = "topology: hub-and-spoke\nhubs: [h, i]\n";

  it("of equal gateways, all", () => {
    const plan = planOf({ x: "", y: "" });
    assert.equal(shown(plan, "x", "y"), "y-a: a>x-a+x-b b>x-a+x-b");
    assert.equal(shown(plan, "x", "y", "x-a"), "y-a: a>x-b b>x-b");
    assert.equal(shown(plan, "x", "y", "y-a"), "y-b: b>x-a+x-b");
  });

  for (const [preference, fields] of Object.entries(standby)) {
    it(`${preference}: all by the first, and by the next after its loss`, () => {
      const plan = planOf({ x: `${fields}, gateways: 3`, y: "" });
      for (const [lost, first] of [
        [undefined, "x-a"],
        ["x-a", "x-b"],
        ["x-b", "x-a"],
        ["x-c", "x-a"],
      ] as const) {
        assert.equal(shown(plan, "x", "y", lost), `y-a: a>${first} b>${first}`, lost);
        assert.match(shown(plan, "y", "x", lost), new RegExp(`^${first}: `), lost);
      }
    });

    it(`${preference}: between two that stand by, from first to first`, () => {
      const plan = planOf({ x: fields, y: fields });
      assert.equal(shown(plan, "x", "y"), "y-a: a>x-a b>x-a");
      assert.equal(shown(plan, "y", "x"), "x-a: a>y-a b>y-a");
      assert.equal(shown(plan, "x", "y", "y-a"), "y-b: b>x-a");
      assert.equal(shown(plan, "y", "x", "x-a"), "x-b: b>y-a");
    });

    it(`${preference}: of two hubs, what stands by in one is no equal of the other's gateways`, () => {
      const plan = planOf({ h: fields, i: "", s: "", t: "" }, hubs);
      assert.equal(shown(plan, "s", "t"), "t-a: a>h-a+i-a+i-b b>h-a+i-a+i-b");
      assert.equal(shown(plan, "s", "t", "h-a"), "t-a: a>i-a+i-b b>i-a+i-b");
      assert.equal(shown(plan, "s", "t", "i-a"), "t-a: a>h-a+i-b b>h-a+i-b");
    });

    it(`${preference}: a hub is asked as its own gateways are preferred, whatever the spoke behind it prefers`, () => {
      const plan = planOf({ h: fields, s: fields, t: "" }, hubs.replace(", i", ""));
      assert.equal(shown(plan, "s", "t"), "t-a: a>h-a b>h-a");
      assert.equal(shown(plan, "s", "h"), "h-a: a>s-a b>s-a");
      assert.equal(shown(plan, "s", "t", "h-a"), "t-a: a>h-b b>h-b");
      assert.equal(shown(plan, "s", "h", "s-a"), "h-a: a>s-b b>s-b");
    });
  }

  it("a gateway without a tunnel hands to its partner", () => {
    const plan = planOf({ x: "", y: "" });
    const cut = {
      ...plan,
      links: plan.links.map((link) => ({
        ...link,
        tunnels: link.tunnels.filter(({ ends }) => ends.every(({ gateway }) => gateway !== "y-a")),
      })),
    };
    assert.equal(shown(cut, "x", "y"), "y-b: a>y-b b>x-a+x-b");
  });

  it("a longer AS path loses before any MED is compared", () => {
    const plan = planOf({ h: ", ha: active-standby", s: standby.prepend, t: "" }, hubs.replace(", i", ""));
    // Without its tunnel to s-a, h-a has the longer path.
    const cut = {
      ...plan,
      links: plan.links.map((link) => ({
        ...link,
        tunnels: link.tunnels.filter(({ id }) => id !== "h-a~s-a"),
      })),
    };
    assert.equal(shown(cut, "s", "h"), "h-b: a>s-b b>s-a");
    assert.equal(shown(cut, "s", "t"), "t-a: a>h-b b>h-b");
  });
});
