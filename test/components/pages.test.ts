import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import type { AnalyzeResult, PropertyDefinition } from "@pulumi/pulumi/provider/experimental/analyzer";
import { analyze, type Apart, apartNames, componentNames } from "./analyzer/analyze";
import { run } from "./recorder";

/** Every page of docs/components: its program runs, and its table says what the component's arguments say. */
const folder = join(__dirname, "../../docs/components");
const pagesIn = (at: string) =>
  readdirSync(at).filter((file) => file.endsWith(".md") && file !== "README.md");
/** Clouds whose components have another's names: their pages are in folders of their own. */
const apart = ["azure", "gcp"] as const satisfies readonly Apart[];
/** By their place in the folder. */
const pages = [
  ...pagesIn(folder),
  ...apart.flatMap((cloud) => pagesIn(join(folder, cloud)).map((file) => `${cloud}/${file}`)),
];
const apartOf = (page: string) => apart.find((cloud) => page.startsWith(`${cloud}/`));
const analyzed = (page: string) => analyze(apartOf(page) ?? "all");
const mark = { begin: "<!-- generated: npm run golden -->\n", end: "<!-- end -->" };

function titleOf(page: string): string {
  return /^# (?:(?:azure|gcp)\.)?(\w+)$/m.exec(page)?.[1] ?? "";
}

function typeOf(property: PropertyDefinition): string {
  if ("$ref" in property) return property.$ref.split(":").at(-1) ?? property.$ref;
  if (property.type === "array") return `${property.items === undefined ? "any" : typeOf(property.items)}[]`;
  if (property.additionalProperties !== undefined) return `map of ${typeOf(property.additionalProperties)}`;
  return property.type;
}

function table(properties: Readonly<Record<string, PropertyDefinition>>): string {
  const rows = Object.entries(properties).map(([name, property]) => {
    const need = property.optional === true ? "" : "yes";
    return `| ${name} | ${typeOf(property)} | ${need} | ${(property.description ?? "").replace(/\s+/g, " ").trim()} |`;
  });
  return ["| Argument | Type | Required | |", "|---|---|---|---|", ...rows, ""].join("\n");
}

/** The component's own table, then one for each type that its arguments are made of. */
function argumentsOf(name: string, { components, typeDefinitions }: AnalyzeResult): string {
  const component = components[name];
  assert.ok(component !== undefined, `There is no component ${name}`);
  const seen = new Set<string>();
  const collect = (properties: Readonly<Record<string, PropertyDefinition>>) => {
    for (const type of Object.values(properties).map((property) =>
      typeOf(property).replace(/^map of |\[\]$/g, ""),
    )) {
      const definition = typeDefinitions[type];
      if (definition === undefined || seen.has(type)) continue;
      seen.add(type);
      collect(definition.properties ?? {});
    }
  };
  collect(component.inputs);
  const types = [...seen].map((type) => {
    const { properties, enum: values } = typeDefinitions[type] ?? { properties: {}, enum: undefined };
    const body =
      values === undefined
        ? table(properties ?? {})
        : `${values.map(({ value }) => `\`${value}\``).join(", ")}\n`;
    return `### ${type}\n\n${body}`;
  });
  return `\n${[table(component.inputs), ...types].join("\n")}\n`;
}

describe("docs/components", function () {
  before(() => {
    analyze();
  });

  it("has a page for every component", () => {
    const titles = (of: (page: string) => boolean) =>
      pages.filter(of).map((page) => titleOf(readFileSync(join(folder, page), "utf8")));
    assert.deepEqual(titles((page) => apartOf(page) === undefined).sort(), [...componentNames].sort());
    for (const cloud of apart)
      assert.deepEqual(titles((page) => apartOf(page) === cloud).sort(), [...apartNames[cloud]].sort());
  });

  for (const page of pages) {
    const text = readFileSync(join(folder, page), "utf8");

    it(`${page}: its table is up to date (npm run golden)`, async () => {
      const [head, rest = ""] = text.split(mark.begin);
      const tail = rest.slice(rest.indexOf(mark.end));
      const path = join(folder, page);
      const style = { ...(await resolveConfig(path)), filepath: path };
      const expected = await format(
        `${head}${mark.begin}${argumentsOf(titleOf(text), analyzed(page))}${tail}`,
        style,
      );
      if (process.env["TRUNKLINE_GOLDEN"] === "write") writeFileSync(path, expected);
      else assert.equal(text, expected);
    });

    it(`${page}: every argument is described`, () => {
      const { components, typeDefinitions } = analyzed(page);
      const all = [
        components[titleOf(text)]?.inputs ?? {},
        ...Object.values(typeDefinitions).map((type) => type.properties ?? {}),
      ];
      for (const properties of all)
        for (const [name, { description }] of Object.entries(properties))
          assert.ok(description !== undefined, name);
    });

    it(`${page}: each of its programs makes the component`, async () => {
      const programs = [...text.matchAll(/```ts\n([\s\S]+?)```/g)].map(([, program = ""]) => program);
      assert.notEqual(programs.length, 0, "The page has no program");
      for (const program of programs) {
        const { resources } = await runText(program);
        const cloud = apartOf(page);
        const type = `:${cloud === undefined ? "" : `${cloud}:`}${titleOf(text)}`;
        assert.ok(resources.some((resource) => !resource.custom && resource.type.endsWith(type)));
      }
    });
  }
});

/** Runs a page's program as it stands, from a file of its own that goes again. */
async function runText(program: string) {
  const place = mkdtempSync(join(__dirname, ".page-"));
  try {
    const file = join(place, "program.ts");
    writeFileSync(file, program);
    return await run(async () => {
      const module: Record<string, unknown> = await import(file);
      return { ...module };
    });
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
