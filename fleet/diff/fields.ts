/** A field of the plan that is another than before, under the names that the plan's document has for it. */
export interface FieldChange {
  /** Such as `childSa.proposal`, or `tags["cost centre"]`; an entry of a list goes by its name: `network.subnets.gateway-a.cidr`. */
  readonly field: string;
  /** Absent: it was not there. */
  readonly before?: unknown;
  /** Absent: it is not there any more. */
  readonly after?: unknown;
}

/**
 * Every field in which two values differ, as deep as both have it, sorted by name; none exactly where both are equal.
 * @param path of the values themselves; the empty text for a whole
 */
export function fieldChanges(before: unknown, after: unknown, path = ""): FieldChange[] {
  if (before === after) return [];
  if (isRecord(before) && isRecord(after)) return inRecords(before, after, path);
  const [were, are] = [namedEntries(before), namedEntries(after)];
  if (were !== undefined && are !== undefined)
    return [
      ...fieldChanges([...were.keys()], [...are.keys()], path),
      // The list of names says in which order; each that comes or goes has a change of its own.
      ...inRecords(Object.fromEntries(were), Object.fromEntries(are), path),
    ];
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [
    {
      field: path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  ];
}

function inRecords(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  path: string,
): FieldChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .flatMap((key) => fieldChanges(own(before, key), own(after, key), joined(path, key)));
}

/** A tag may be called `constructor`. */
function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function joined(path: string, key: string): string {
  if (!/^[\w~-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** A list of things that each have a name of their own, by these; `undefined` for any other value. */
function namedEntries(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (!Array.isArray(value)) return undefined;
  const entries = value.flatMap((entry: unknown) => {
    if (!isRecord(entry)) return [];
    const name = entry["id"] ?? entry["name"] ?? entry["gateway"];
    return typeof name === "string" ? [[name, entry] as const] : [];
  });
  const named = new Map<string, unknown>(entries);
  return named.size > 0 && named.size === value.length ? named : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
