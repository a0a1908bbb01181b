import { z } from "zod";

const stateShape = z.object({
  urn: z.string(),
  type: z.string(),
  custom: z.boolean(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  provider: z.string().default(""),
  protect: z.boolean().default(false),
  dependencies: z.array(z.string()).nullish(),
  propertyDependencies: z.record(z.string(), z.array(z.string()).nullish()).nullish(),
});
type State = z.infer<typeof stateShape>;

/** Of what `pulumi preview --json` prints. */
const previewShape = z.object({ steps: z.array(z.object({ newState: stateShape.optional() })) });

/** What the engine prints in place of what is not known yet, and of what is secret (pkg/resource/stack, 3.259). */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const secret = "[secret]";
/** Longer texts stand once in the program, as a user's would in one file. */
const longestInline = 200;

/** The resources of a preview that a provider makes, without the default providers, in the engine's order. */
export function customResources(printed: string): State[] {
  return previewShape
    .parse(JSON.parse(printed))
    .steps.flatMap(({ newState }) => newState ?? [])
    .filter(({ custom, urn }) => custom && !nameOf(urn).startsWith("default_"));
}

/** Type and name of each, sorted: two programs that print the same make the same. */
export function namesOf(resources: readonly State[]): string[] {
  return resources.map(({ type, urn }) => `${type} ${nameOf(urn)}`).sort();
}

/**
 * A program that registers the same resources with the vendors' classes and no component: what is known stands there as it
 * is, and what another resource answers is waited for, as in a program that somebody wrote by hand.
 */
export function writtenByHand(resources: readonly State[]): string {
  const variables = new Map(resources.map(({ urn }, index) => [urn, `r${String(index)}`]));
  const texts = new Map<string, string>();
  const known = (urns: readonly string[] | null | undefined): string[] =>
    (urns ?? []).flatMap((urn) => variables.get(urn) ?? []);
  const providerOf = ({ provider }: State): string | undefined =>
    variables.get(provider.slice(0, provider.lastIndexOf("::")));

  /** @param stand expressions in place of values */
  const written = (value: unknown, stand: ReadonlyMap<unknown, string>): string => {
    const expression = stand.get(value);
    if (expression !== undefined) return expression;
    if (typeof value === "string" && value.length > longestInline) {
      const text = texts.get(value) ?? `text${String(texts.size)}`;
      texts.set(value, text);
      return text;
    }
    if (Array.isArray(value)) return list(value.map((item) => written(item, stand)));
    const fields = z.record(z.string(), z.unknown()).safeParse(value);
    if (!fields.success) return JSON.stringify(value);
    return object(Object.entries(fields.data).map(([name, item]) => [name, written(item, stand)]));
  };
  /** A machine's image is looked up: by the provider of whoever takes it. */
  const image = ({ urn, inputs }: State): [string, string][] => {
    const pinned = z.object({ ami: z.string() }).safeParse(inputs["input"]);
    const taker = resources.find(({ propertyDependencies }) => propertyDependencies?.["ami"]?.includes(urn));
    const provider = taker === undefined ? undefined : providerOf(taker);
    return pinned.success && provider !== undefined ? [[pinned.data.ami, `image(${provider})`]] : [];
  };
  const input = (state: State, name: string, value: unknown): string => {
    const waits = known(state.propertyDependencies?.[name]);
    const answered = `later(${list(waits)})`;
    const text = written(
      value,
      new Map([[unknown, answered], [secret, `pulumi.secret(${answered})`], ...image(state)]),
    );
    return waits.length === 0 || text.includes(answered) ? text : `after(${list(waits)}, ${text})`;
  };
  const registered = (state: State): string => {
    const { urn, type, inputs, dependencies, propertyDependencies, protect } = state;
    const through = Object.values(propertyDependencies ?? {}).flatMap((urns) => urns ?? []);
    const dependsOn = known(dependencies?.filter((dependency) => !through.includes(dependency)));
    const provider = providerOf(state);
    const options = Object.entries({
      ...(provider === undefined ? {} : { provider }),
      ...(protect ? { protect: "true" } : {}),
      ...(dependsOn.length === 0 ? {} : { dependsOn: list(dependsOn) }),
    });
    const args = Object.entries(inputs)
      .filter(([name]) => !engineOwn.includes(name))
      .map(([name, value]): [string, string] => [name, input(state, name, value)]);
    return `const ${variables.get(urn) ?? ""} = new (${classOf(type)})(${JSON.stringify(nameOf(urn))}, ${object(args)}, ${object(options)});`;
  };

  const lines = resources.map(registered);
  const constants = [...texts].map(([text, name]) => `const ${name} = ${JSON.stringify(text)};`);
  return [header, ...constants, ...lines, ""].join("\n");
}

/** What the engine and providers add to the inputs of a program. */
const engineOwn = ["version", "__defaults", "__internal"];

const header = `"use strict";
const pulumi = require("@pulumi/pulumi");
const { getAmiOutput } = require("@pulumi/aws/ec2");
const later = (resources) => pulumi.all(resources.map((one) => one.output ?? one.id)).apply(([one]) => one);
const after = (resources, value) => pulumi.all(resources.map((one) => one.urn)).apply(() => value);
const image = (provider) => getAmiOutput({
  owners: ["136693071363"],
  mostRecent: true,
  filters: [
    { name: "name", values: ["debian-13-arm64-*"] },
    { name: "architecture", values: ["arm64"] },
    { name: "virtualization-type", values: ["hvm"] },
  ],
}, { provider }).id;
`;

function object(fields: readonly (readonly [string, string])[]): string {
  return `{ ${fields.map(([name, text]) => `${JSON.stringify(name)}: ${text}`).join(", ")} }`;
}

function list(words: readonly string[]): string {
  return `[${words.join(", ")}]`;
}

/** The class of a type such as `aws:ec2/vpc:Vpc`, as the vendors' packages export them. */
function classOf(type: string): string {
  const [vendor = "", module = "", name = ""] = type.split(":");
  const [folder = ""] = module.split("/");
  if (vendor === "pulumi" && module === "providers") return `require("@pulumi/${name}/provider").Provider`;
  if (vendor === "pulumi") return `pulumi.${name}`;
  if (vendor === "aws") return `require("@pulumi/aws/${folder}").${name}`;
  return `require("@pulumi/${vendor}").${folder === "index" ? name : `${folder}.${name}`}`;
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
