import { z } from "zod";
import { Refusal } from "./refusal";
import { hasUnknown, type Properties } from "./wire";

/** What a call knows besides its arguments. */
export interface Call<C> {
  readonly context: C;
  readonly urn: string;
  /** Logical name. */
  readonly name: string;
  /** Of the user's `customTimeouts`; 0: none was given. */
  readonly timeoutSeconds: number;
  /** Aborts when the engine cancels, or has gone. */
  readonly signal: AbortSignal;
}

export interface Problem {
  readonly property: string;
  readonly reason: string;
}

/** One resource type of a vendor, in a file of its own. */
export interface Definition<C, I extends z.ZodRawShape> {
  /** Such as `aws:ec2/vpc:Vpc`. */
  readonly token: string;
  /** The fields that have a stand-in, by the SDK's names. Any other field is refused by name. */
  readonly inputs: I;
  /** Inputs whose change replaces the resource, as the vendor's provider does; "all" for those without updates. */
  readonly replacedBy: readonly (keyof I & string)[] | "all";
  /** Outputs that nobody knows before the resource is there. */
  readonly computed: readonly string[];
  /** Outputs that an update may change. */
  readonly changing?: readonly string[];
  readonly secretOutputs?: readonly string[];
  /** Every computed output is secret if any input is. */
  readonly secretByInputs?: boolean;
  /** The provider's own defaults, from `Check`: names and the like. */
  readonly defaults?: (inputs: Properties, old: Properties, call: Naming) => Properties;
  /** What the vendor refuses of the fields together; asked when all of them are known. */
  readonly check?: (inputs: z.output<z.ZodObject<I>>, context: C | undefined) => readonly Problem[];
  readonly create: (inputs: z.output<z.ZodObject<I>>, call: Call<C>) => Promise<Made>;
  /** What is there now, as outputs; undefined when it is gone. */
  readonly read: (id: string, state: Properties, call: Call<C>) => Promise<Properties | undefined>;
  /** @returns the outputs that are not inputs */
  readonly update?: (
    id: string,
    inputs: z.output<z.ZodObject<I>>,
    state: Properties,
    call: Call<C>,
  ) => Promise<Properties>;
  readonly remove: (id: string, state: Properties, call: Call<C>) => Promise<void>;
  /** Whether outputs alone ask for a replacement: a certificate that is due. */
  readonly due?: (state: Properties) => readonly string[];
}

export interface Naming {
  /** Logical name. */
  readonly name: string;
  /** Bytes that are the same for the same resource within one update. */
  readonly seed: Uint8Array;
}

export interface Made {
  readonly id: string;
  /** Outputs that are not inputs, or inputs that the cloud has completed. */
  readonly outputs: Properties;
}

/** A definition with its fields' types behind it. */
export interface ResourceType<C> {
  readonly token: string;
  readonly fields: readonly string[];
  readonly replaces: (field: string) => boolean;
  readonly computed: readonly string[];
  readonly changing: readonly string[];
  readonly isSecret: (output: string, anySecretInput: boolean) => boolean;
  readonly defaults: (inputs: Properties, old: Properties, call: Naming) => Properties;
  readonly check: (inputs: Properties, context: C | undefined) => readonly Problem[];
  readonly create: (inputs: Properties, call: Call<C>) => Promise<Made>;
  readonly read: (id: string, state: Properties, call: Call<C>) => Promise<Properties | undefined>;
  readonly update: (id: string, inputs: Properties, state: Properties, call: Call<C>) => Promise<Properties>;
  readonly remove: (id: string, state: Properties, call: Call<C>) => Promise<void>;
  readonly due: (state: Properties) => readonly string[];
}

export function resourceType<C, I extends z.ZodRawShape>(definition: Definition<C, I>): ResourceType<C> {
  const schema = z.strictObject(definition.inputs);
  const { token, replacedBy, computed, secretOutputs = [], update } = definition;
  const replacing = new Set<string>(replacedBy === "all" ? Object.keys(definition.inputs) : replacedBy);
  const parse = (inputs: Properties) => {
    const read = schema.safeParse(inputs);
    if (read.success) return read.data;
    throw new Refusal("InvalidInputs", problemsOf(token, read.error).map(formatProblem).join("; "));
  };
  return {
    token,
    fields: Object.keys(definition.inputs),
    replaces: (field) => replacing.has(field),
    computed,
    changing: definition.changing ?? [],
    isSecret: (output, anySecretInput) =>
      secretOutputs.includes(output) ||
      (definition.secretByInputs === true && anySecretInput && computed.includes(output)),
    defaults: definition.defaults ?? (() => ({})),
    check(inputs, context) {
      const open = Object.entries(inputs)
        .filter(([, value]) => hasUnknown(value))
        .map(([key]) => key);
      const known = without(inputs, open);
      const read = z.strictObject(without(definition.inputs, open)).safeParse(known);
      const unknownFields = open
        .filter((key) => !(key in definition.inputs))
        .map((key) => noStandIn(token, key));
      if (!read.success) return [...unknownFields, ...problemsOf(token, read.error)];
      if (unknownFields.length > 0 || open.length > 0) return unknownFields;
      return definition.check?.(parse(inputs), context) ?? [];
    },
    create: (inputs, call) => definition.create(parse(inputs), call),
    read: definition.read,
    update(id, inputs, state, call) {
      if (update === undefined)
        throw new Refusal("NotUpdatable", `${token} has no field that can be updated`);
      return update(id, parse(inputs), state, call);
    },
    remove: definition.remove,
    due: definition.due ?? (() => []),
  };
}

export function noStandIn(token: string, field: string): Problem {
  return {
    property: field,
    reason: `the lab has no stand-in for the field "${field}" of ${token}; nothing is silently accepted`,
  };
}

export function formatProblem({ property, reason }: Problem): string {
  return property === "" ? reason : `${property}: ${reason}`;
}

/** Messages name fields and what they should be, never what they are: a value may be a secret. */
function problemsOf(token: string, { issues }: z.ZodError): Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(String).join(".");
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => noStandIn(token, path === "" ? key : `${path}.${key}`));
    return [{ property: path, reason: issue.message }];
  });
}

function without<T>(object: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
