import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { planFleet } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import { writePlan } from "trunkline/fleet/plan-json";
import { fleetJsonSchema, knownKeys, laterKeys } from "trunkline/fleet/schema";

const root = join(__dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

function examplePlan() {
  const parsed = parseFleet(read("examples/three-regions/fleet.yaml"), "fleet.yaml");
  assert.ok(parsed.ok);
  const planned = planFleet(parsed.value);
  assert.ok(planned.ok);
  return planned.value;
}

describe("documents of a fleet", () => {
  it("the JSON Schema for editors is the schema that the parser holds", () => {
    const text = `${JSON.stringify(fleetJsonSchema(), null, 2)}\n`;
    if (process.env["TRUNKLINE_GOLDEN"] === "write")
      writeFileSync(join(root, "docs/fleet.schema.json"), text);
    assert.deepEqual(JSON.parse(read("docs/fleet.schema.json")), JSON.parse(text));
  });

  it("docs/fleet.md names every field, and every one that is refused for now", () => {
    const page = read("docs/fleet.md");
    for (const pattern of [
      "",
      "regions.*",
      "regions.*.network",
      "regions.*.ipv6",
      "crypto",
      "trust",
      "rollout",
    ])
      for (const key of knownKeys(pattern)) assert.ok(page.includes(key), `${pattern}.${key}`);
    for (const key of Object.values(laterKeys).flat()) assert.ok(page.includes(key), key);
  });

  it("docs/plan.md names every key of the plan", () => {
    const page = read("docs/plan.md");
    for (const key of Object.keys(examplePlan())) assert.ok(page.includes(`\`${key}`), key);
  });

  for (const page of ["docs/fleet.md", "docs/crypto.md", "docs/rollout.md"])
    it(`the examples in ${page} are fleets`, () => {
      const examples = [...read(page).matchAll(/```yaml\n([^]*?)```/g)];
      assert.ok(examples.length >= (page === "docs/rollout.md" ? 1 : 2));
      for (const [, example = ""] of examples) {
        const parsed = parseFleet(example, "fleet.yaml");
        assert.ok(parsed.ok && planFleet(parsed.value).ok, example);
      }
    });

  it("a streamed plan is the plan", async () => {
    const plan = examplePlan();
    let text = "";
    await writePlan(plan, (part) => {
      text += part;
      return Promise.resolve();
    });
    assert.deepEqual(JSON.parse(text), plan);
  });

  it("a tunnel has its own id, and all that belongs to it alone in its entry", () => {
    const { links, format } = examplePlan();
    assert.equal(format, "trunkline.plan/1");
    assert.deepEqual(
      links.find(({ id }) => id === "euw1~use1")?.tunnels.map(({ id }) => id),
      ["euw1-a~use1-a", "euw1-a~use1-b", "euw1-b~use1-a", "euw1-b~use1-b"],
    );
    for (const { tunnels } of links)
      for (const { ends, mtu, ikeSa, childSa } of tunnels)
        assert.ok(
          ends.every(({ inside, ifId }) => inside !== "" && ifId > 0) &&
            mtu > 1280 &&
            ikeSa.proposal !== childSa.proposal,
        );
  });
});
