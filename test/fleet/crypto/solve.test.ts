import assert from "node:assert/strict";
import fc from "fast-check";
import { transforms as aws } from "trunkline/fleet/aws/transforms";
import { transforms as azure } from "trunkline/fleet/azure/transforms";
import { type Offer, offerOf, type OfferedRole } from "trunkline/fleet/crypto/offer";
import { ownOffer } from "trunkline/fleet/crypto/own";
import { admits, type Policy, policies } from "trunkline/fleet/crypto/policy";
import { proposalsOf, type Solution, solve, type Suite } from "trunkline/fleet/crypto/solve";
import { byPreference, transformWords } from "trunkline/fleet/crypto/transforms";
import { transforms as gcp } from "trunkline/fleet/gcp/transforms";
import { readProposal } from "trunkline/fleet/proposal";
import { systemNames } from "trunkline/fleet/system";
import { everySuite } from "./brute";

const seed = 20261130;
const vendors = [aws, azure, gcp].map(offerOf);
const ends = [...vendors, ...systemNames.map(ownOffer)];
const pairs = ends.flatMap((one, index) => ends.slice(index).map((other) => ({ one, other })));
const strong = { ike: "aes256gcm16-prfsha384-ecp384", esp: "aes256gcm16-ecp384" };

function found(solution: Solution): { readonly ike: string; readonly esp: string } {
  assert.ok(solution.ok, solution.ok ? "" : solution.refusals.map(({ message }) => message).join(" "));
  return proposalsOf(solution.suite);
}

/** An end that takes few words of each role, or most of them, weak ones among them. */
const anyEnd = (whose: string): fc.Arbitrary<Offer> =>
  fc.constantFrom("few", "most").chain((amount) => {
    const some = (role: OfferedRole) => {
      const words = transformWords(role);
      const least = Math.floor(words.length * 0.7);
      return fc.subarray(words, amount === "few" ? { maxLength: 3 } : { minLength: least });
    };
    const roles = { encryption: some("encryption"), integrity: some("integrity"), group: some("group") };
    return fc.record({
      whose: fc.constant(whose),
      ike: fc.record({ ...roles, prf: some("prf") }),
      esp: fc.record(roles),
      oneHash: fc.boolean(),
    });
  });
const anyPolicy: fc.Arbitrary<Policy> = fc.constantFrom(...policies);
const cases = fc.tuple(anyEnd("one"), anyEnd("other"), anyPolicy);

const turned = ({ whose, ike, esp, ...rest }: Offer): Offer => ({
  ...rest,
  whose,
  ike: {
    encryption: [...ike.encryption].reverse(),
    integrity: [...ike.integrity].reverse(),
    prf: [...ike.prf].reverse(),
    group: [...ike.group].reverse(),
  },
  esp: {
    encryption: [...esp.encryption].reverse(),
    integrity: [...esp.integrity].reverse(),
    group: [...esp.group].reverse(),
  },
});

describe("the strongest suite of two ends", () => {
  for (const { one, other } of pairs)
    it(`${one.whose} with ${other.whose}: one proposal for every policy`, () => {
      for (const policy of policies) assert.deepEqual(found(solve(one, other, policy)), strong, policy);
    });

  it("of an end without AES-GCM has integrity, and the PRF of the same hash where one field names both", () => {
    const older: Offer = {
      whose: "an older end",
      ike: { encryption: ["aes256"], integrity: ["sha256"], prf: ["prfsha256"], group: ["modp2048"] },
      esp: { encryption: ["aes128", "aes256"], integrity: ["sha256"], group: ["modp2048"] },
    };
    assert.deepEqual(found(solve(offerOf(aws), older, "compatible")), {
      ike: "aes256-sha256-prfsha256-modp2048",
      esp: "aes256-sha256-modp2048",
    });
    const refused = solve(offerOf(aws), older, "standard");
    assert.ok(!refused.ok);
    assert.deepEqual(
      refused.refusals.map(({ protocol, role }) => `${protocol} ${role}`),
      ["ike group", "esp group"],
    );
    assert.match(
      refused.refusals[0]?.message ?? "",
      /AWS Site-to-Site VPN takes ecp384, .*; an older end takes modp2048\.$/,
    );
    assert.equal(
      refused.refusals[0]?.remedy,
      "Allow ecp384 at an older end. Policy compatible would take modp2048.",
    );
  });

  it("of ends that have only what is weak in common says which that is, why, and what would do", () => {
    const old: Offer = {
      whose: "an old end",
      ike: { encryption: ["3des"], integrity: ["md5"], prf: ["prfmd5"], group: ["modp1024"] },
      esp: { encryption: ["null"], integrity: ["sha1"], group: ["modp1536"] },
    };
    const refused = solve(offerOf(azure), old, "compatible");
    assert.ok(!refused.ok);
    const [first] = refused.refusals;
    assert.match(first?.remedy ?? "", /^3des is weak: .*\. Allow aes256gcm16 at an old end\.$/);
    assert.ok(refused.refusals.every(({ remedy }) => remedy.length < 300));
  });

  it("is among what both take, and no combination that a naive model finds is stronger", () => {
    let solved = 0;
    fc.assert(
      fc.property(cases, ([one, other, policy]) => {
        const solution = solve(one, other, policy);
        for (const protocol of ["ike", "esp"] as const) {
          const all = everySuite(protocol, one, other, policy);
          if (!solution.ok) continue;
          const chosen = wordsOf(protocol, solution.suite);
          assert.ok(
            all.some((suite) => suite.join() === chosen.join()),
            chosen.join(),
          );
          for (const suite of all)
            assert.ok(rank(protocol, chosen, suite) <= 0, `${suite.join()} > ${chosen.join()}`);
          solved += 1;
        }
        const feasible = (["ike", "esp"] as const).every(
          (protocol) => everySuite(protocol, one, other, policy).length > 0,
        );
        assert.equal(solution.ok, feasible);
      }),
      { seed, numRuns: 600 },
    );
    assert.ok(solved > 100, `${String(solved)} were solved`);
  });

  it("does not hang on the order of ends or words", () => {
    fc.assert(
      fc.property(cases, ([one, other, policy]) => {
        const solution = solve(one, other, policy);
        assert.deepEqual(solve(other, one, policy), solution);
        assert.deepEqual(solve(turned(one), turned(other), policy), solution);
      }),
      { seed, numRuns: 300 },
    );
  });

  it("where there is none names each role that has none, both ends with what they take, and what to do", () => {
    let refusals = 0;
    fc.assert(
      fc.property(cases, ([one, other, policy]) => {
        const solution = solve(one, other, policy);
        if (solution.ok) return;
        assert.ok(solution.refusals.length > 0);
        for (const { protocol, role, ends: told, message, remedy } of solution.refusals) {
          refusals += 1;
          assert.deepEqual(
            told.map(({ whose }) => whose),
            ["one", "other"],
          );
          // Nothing that both are said to take would do.
          const [left, right] = told.map(({ takes }) => takes.filter((word) => admits(policy, role, word)));
          assert.deepEqual(
            (left ?? []).filter((word) => right?.includes(word) === true),
            [],
            `${protocol} ${role}`,
          );
          assert.match(message, /\.$/);
          assert.match(remedy, /\.$/);
        }
      }),
      { seed, numRuns: 300 },
    );
    assert.ok(refusals > 100, `${String(refusals)} refusals`);
  });

  it("what it chooses is a proposal that a fleet file may name", () => {
    fc.assert(
      fc.property(cases, ([one, other, policy]) => {
        const solution = solve(one, other, policy);
        if (!solution.ok) return;
        const { ike, esp } = proposalsOf(solution.suite);
        assert.deepEqual(readProposal("ike", ike, policy), []);
        assert.deepEqual(readProposal("esp", esp, policy), []);
      }),
      { seed, numRuns: 300 },
    );
  });
});

function wordsOf(protocol: "ike" | "esp", { ike, esp }: Suite): string[] {
  return protocol === "ike"
    ? [ike.encryption, ike.integrity ?? "", ike.prf, ike.group]
    : [esp.encryption, esp.integrity ?? "", esp.group];
}

/** Negative when the first is stronger: encryption counts first, the group last. */
function rank(protocol: "ike" | "esp", one: readonly string[], other: readonly string[]): number {
  const roles =
    protocol === "ike"
      ? (["encryption", "integrity", "prf", "group"] as const)
      : (["encryption", "integrity", "group"] as const);
  for (const [index, role] of roles.entries()) {
    const [left = "", right = ""] = [one[index], other[index]];
    if (left === right) continue;
    return byPreference(role, left, right);
  }
  return 0;
}
