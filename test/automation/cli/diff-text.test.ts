import assert from "node:assert/strict";
import fc from "fast-check";
import { diffMarkdown, diffReport } from "../../../automation/cli/diff-text";
import { code, commentBytes, cutLines } from "../../../automation/cli/markdown";
import type { Plan } from "../../../fleet/plan";
import { samplePlan, withAgent, withOutsideIpv6 } from "../../components/sample-plan";

const rollout = { parallel: 4, failuresTolerated: 0, soakSeconds: 0, gates: [] };
const mesh = samplePlan(["use1", "euw1", "apse2"]);
const shown = (before: Plan | undefined, after: Plan): string =>
  diffMarkdown(diffReport(before, after, rollout));

function tagged(tags: Readonly<Record<string, string>>): Plan {
  return {
    ...mesh,
    regions: mesh.regions.map((region) => (region.name === "use1" ? { ...region, tags } : region)),
  };
}

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly Node[];
}

/** As prettier's own parser of Markdown reads it, which is not ours. */
async function nodesOf(text: string): Promise<Node[]> {
  const { __debug } = Object(await import("prettier"));
  const { ast } = await __debug.parse(text, { parser: "markdown" });
  const all = (node: Node): Node[] => [node, ...(node.children ?? []).flatMap(all)];
  return all(ast);
}

const harmless = new Set([
  "root",
  "paragraph",
  "sentence",
  "text",
  "word",
  "whitespace",
  "strong",
  "heading",
  "list",
  "listItem",
  "inlineCode",
]);

describe("plan --markdown", () => {
  it("says in one line that nothing changes", () => {
    assert.equal(shown(mesh, structuredClone(mesh)), "**Fleet `acme`: nothing changes.**");
  });

  it("a region that joins: the sum first, then stacks by wave, cost, and each gateway with its tunnels", () => {
    const lines = shown(samplePlan(["use1", "euw1"]), mesh).split("\n");
    assert.equal(
      lines[0],
      "**Fleet `acme`: gateways: 2 added, 4 changed; tunnels: 9 added; 5 of 7 stacks in 1 wave; +$1,095 a month for route services.**",
    );
    for (const line of [
      "- wave 1 (regions): `region-apse2`, `trust`, `fabric-use1`, `fabric-euw1`, `fabric-apse2`",
      "### `apse2` added",
      "- **`apse2-a`** added",
      "  - tunnels added: `apse2-a~apse2-b`, `apse2-a~euw1-a`, `apse2-a~euw1-b`, `apse2-a~use1-a`, `apse2-a~use1-b`",
      "- accepts from `apse2` also `10.82.0.0/16`",
      "- **`use1-b`** changed",
    ])
      assert.ok(lines.includes(line), `${line}\nis not in\n${lines.join("\n")}`);
  });

  it("cost and failover of another way to the gateways; both ends of a link that changes its family; what up leaves", () => {
    const agent = shown(mesh, withAgent(mesh, "use1"));
    assert.match(agent, /−\$1,095 a month for route services/);
    assert.match(agent, /^- `use1`: \$1,095 → \$0 a month; `failoverSeconds\.most` `7` → `8`$/m);
    assert.match(
      shown(mesh, withOutsideIpv6(mesh, ["use1", "euw1"])),
      /^\*\*`euw1` and `use1` have no way to each other\*\* while their link changes from IPv4 to IPv6: .* until the first gateway of the other end follows\.$/m,
    );
    assert.doesNotMatch(agent, /no way to each other/);
    assert.match(shown(mesh, samplePlan(["use1", "euw1"])), /Stacks of `apse2` are in this plan no more/);
  });

  it("a name or value out of the file is code, whatever stands in it", async () => {
    const hostile = [
      "](https://example.com) @everyone #1",
      "<img src=x onerror=alert(1)>\n\n# heading",
      "``` `` ` ",
      "`",
      "a | b | c",
      "\u202Egnp.exe\u0000\u2028",
      "<!-- trunkline-plan -->",
      "![x](y) ~~s~~ **b** &amp; \\` $x$",
    ];
    const text = shown(mesh, tagged(Object.fromEntries(hostile.map((one) => [one, one]))));
    const nodes = await nodesOf(text);
    assert.deepEqual(
      [...new Set(nodes.map(({ type }) => type))].filter((type) => !harmless.has(type)),
      [],
    );
    const codes = nodes.filter(({ type }) => type === "inlineCode").map(({ value }) => value);
    for (const value of ["](https://example.com) @everyone #1", "`", "a | b | c", "<!-- trunkline-plan -->"])
      assert.ok(codes.includes(value), value);
    assert.doesNotMatch(text, /[\u202E\u0000\u2028]/);
    assert.equal(nodes.filter(({ type }) => type === "heading").length, 2);
  });

  it("law: code gives a parser of Markdown one piece of code, with the text where that can be seen", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom(..."`\\ <>&|[]()!*_~a\n\r\t@#-") }),
        async (text) => {
          const nodes = (await nodesOf(`x ${code(text)} y`)).filter(
            ({ type }) => !["root", "paragraph", "sentence", "text", "word", "whitespace"].includes(type),
          );
          assert.deepEqual(
            nodes.map(({ type }) => type),
            ["inlineCode"],
          );
          if (/^[^\n\r\t ]+$/.test(text)) assert.equal(nodes[0]?.value, text);
        },
      ),
      { seed: 7, numRuns: 60 },
    );
  });

  it("a long one is cut at a line, says how much is missing, and fits into a comment of GitHub", () => {
    const names = Array.from({ length: 40 }, (_, index) => `r${String(index)}`);
    const text = shown(undefined, samplePlan(names));
    assert.ok(Buffer.byteLength(text) <= commentBytes && commentBytes < 65_536);
    const [, left = ""] =
      /\n… and (\d+) lines more: `trunkline plan --since FILE --json` has them all\.$/.exec(text) ?? [];
    assert.ok(Number(left) > 10, text.slice(-300));
  });

  it("law: cut lines fit, and with those that are told of they are all", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 30 }).map((text) => text.replaceAll("\n", ""))),
        fc.integer({ min: 60, max: 300 }),
        (lines, most) => {
          const cut = cutLines(lines, most, (left) => `${String(left)} more`);
          assert.ok(Buffer.byteLength(cut) <= most);
          if (cut === lines.join("\n")) return;
          const kept = cut.split("\n");
          assert.equal(kept.at(-1), `${String(lines.length - (kept.length - 2))} more`);
          assert.deepEqual(kept.slice(0, -2), lines.slice(0, kept.length - 2));
        },
      ),
    );
  });
});
