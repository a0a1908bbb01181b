import assert from "node:assert/strict";
import fc from "fast-check";
import { planFleet } from "trunkline/fleet/derive";
import { decodeFleet, parseFleet } from "trunkline/fleet/parse";
import { stringify } from "yaml";
import { badFiles } from "./bad-files";

/** A plan, or problems that each say where, what and how to mend; never an exception. */
function accepts(text: string): void {
  const parsed = parseFleet(text, "fleet.yaml");
  if (parsed.ok) {
    planFleet(parsed.value);
    return;
  }
  const lines = text.split("\n");
  assert.ok(parsed.problems.length > 0);
  for (const { at, message, remedy } of parsed.problems) {
    assert.ok(message !== "" && remedy !== "");
    if (at === undefined) continue;
    assert.ok(at.line >= 1 && at.line <= lines.length, `line ${String(at.line)} of ${String(lines.length)}`);
    assert.ok(at.column >= 1 && at.column <= (lines[at.line - 1] ?? "").length + 1);
  }
}

describe("fleet files of any kind", function () {
  const good =
    "fleet: acme\nregions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }\n  euw1:\n    cloud: aws\n    region: eu-west-1\n    cidrs: [10.20.0.0/16]\n    tags: { a: b }\ntopology: hub-and-spoke\nhubs: [use1]\ncrypto: { ikeRekeySeconds: 7200 }\ntrust: { leafDays: 30 }\nmanagement: { allowFrom: [203.0.113.0/24] }\n";

  it("bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => accepts(decodeFleet(bytes))),
      {
        numRuns: 3000,
      },
    );
  });

  it("text of YAML's own characters", () => {
    const characters = fc.constantFrom(..."fleet:rgions\n\n  -[]{},&*!|>'\"#%@`?0123456789./\t");
    fc.assert(fc.property(fc.string({ unit: characters, maxLength: 200 }), accepts), { numRuns: 3000 });
  });

  it("a good file with pieces cut out, doubled and put elsewhere", () => {
    const edit = fc.record({
      from: fc.nat(good.length),
      to: fc.nat(good.length),
      at: fc.nat(good.length),
      extra: fc.string({ maxLength: 6 }),
    });
    const mutated = fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) =>
      edits.reduce((text, { from, to, at, extra }) => {
        const [start, end] = from < to ? [from, to] : [to, from];
        const piece = text.slice(start, Math.min(end, start + 40));
        return text.slice(0, at) + piece + extra + text.slice(at + (start % 7));
      }, good),
    );
    fc.assert(fc.property(mutated, accepts), { numRuns: 3000 });
  });

  it("values of any shape under the keys that there are", () => {
    const keys = fc.constantFrom(
      ...[
        "fleet",
        "regions",
        "topology",
        "hubs",
        "links",
        "crypto",
        "trust",
        "management",
        "defaults",
        "__proto__",
      ],
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, 0, -1, 1e99, NaN, "", "aws", "us-east-1", "10.10.0.0/16", "10.0.0.0/33"),
        fc.string({ maxLength: 8 }),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom("cloud", "region", "cidr", "cidrs", "asn", "a", "constructor"),
          tie("any"),
          {
            maxKeys: 4,
          },
        ),
      ),
    })).any;
    fc.assert(
      fc.property(fc.dictionary(keys, value, { maxKeys: 6 }), (file) => accepts(stringify(file))),
      { numRuns: 3000 },
    );
  });

  it("every bad file, cut off anywhere", () => {
    const texts = badFiles.map(({ text }) => text).filter((text) => text.length < 2000);
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(2000), (text, length) => accepts(text.slice(0, length))),
      { numRuns: 2000 },
    );
  });
});
