import assert from "node:assert/strict";
import fc from "fast-check";
import { limits } from "../../../components/aws/limits";
import { planPeerRules } from "../../../components/aws/peer-rules.plan";

const peers = (count: number) => Array.from({ length: count }, (_, index) => `r${index}-a`);
const rules = (count: number, otherRules = 2) => {
  const plan = planPeerRules({ peers: peers(count), otherRules });
  assert.ok(plan.ok);
  return plan.value;
};

describe("components/aws/peer-rules.plan", () => {
  for (const { count, made, why } of [
    { count: 0, made: 0, why: "a region without links" },
    { count: 4, made: 8, why: "two rules a peer while they fit" },
    { count: 29, made: 58, why: "the last that fits" },
    { count: 30, made: 30, why: "one rule a peer, its ports as a range" },
    { count: 58, made: 58, why: "the last with an address each" },
    { count: 198, made: 2, why: "a mesh of 100 regions: only the gateway tells peers apart" },
  ])
    it(`${count} peers: ${why}`, () => {
      assert.equal(rules(count).length, made);
    });

  it("names rules of IPv6 by their family, which a rule keeps for good, and counts them by themselves", () => {
    const plan = planPeerRules({ peers: peers(29), ipv6Peers: ["s0-a"], otherRules: 2, otherIpv6Rules: 1 });
    assert.ok(plan.ok);
    assert.deepEqual(
      plan.value
        .filter(({ family }) => family === "ipv6")
        .map(({ name, peer, ports }) => [name, peer, ports.from, ports.to]),
      [
        ["s0-a-ike-ipv6", "s0-a", 500, 500],
        ["s0-a-nat-ipv6", "s0-a", 4500, 4500],
      ],
    );
    assert.equal(plan.value.length, 60);
  });

  it("leaves nothing to write where no room is left", () => {
    const plan = planPeerRules({ peers: peers(1), otherRules: 59 });
    assert.ok(!plan.ok);
  });

  it("law: never beyond the quota, every peer reaches 500 and 4500, a peer more renames no rule of its step", () => {
    fc.assert(
      fc.property(fc.nat(250), fc.nat(58), (count, otherRules) => {
        const made = rules(count, otherRules);
        const over = planPeerRules({
          peers: [],
          ipv6Peers: peers(count),
          otherRules: 1,
          otherIpv6Rules: otherRules,
        });
        assert.ok(over.ok);
        // The same by the other family, under other names.
        assert.deepEqual(
          over.value.map(({ peer, ports }) => ({ peer, ports })),
          made.map(({ peer, ports }) => ({ peer, ports })),
        );
        assert.ok(over.value.every(({ family, name }) => family === "ipv6" && name.endsWith("-ipv6")));
        assert.ok(made.length + otherRules <= limits.inboundRulesPerGroup);
        for (const peer of peers(count))
          for (const port of [500, 4500])
            assert.ok(
              made.some(
                ({ peer: of, ports }) => (of ?? peer) === peer && ports.from <= port && port <= ports.to,
              ),
            );
        const more = planPeerRules({ peers: ["aa-a", ...peers(count)], otherRules });
        if (
          more.ok &&
          count > 0 &&
          more.value[0]?.ports.to === made[0]?.ports.to &&
          made[0]?.peer !== undefined
        )
          if (more.value[0]?.peer !== undefined)
            for (const rule of made) assert.ok(more.value.some((other) => other.name === rule.name));
      }),
    );
  });
});
