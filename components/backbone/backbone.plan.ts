import { parseFleet } from "../../fleet/parse";
import { planFleet } from "../../fleet/derive";
import type { Plan } from "../../fleet/plan";
import type { Problem, Result } from "../../fleet/problem";
import type { ArgumentProblem, Planned } from "../problem";
import { planned } from "../problem";
import { admitManagement, checkManagement } from "./management.plan";

/** A fleet as flat arguments: the same words as in a fleet file. */
export interface FleetSpec {
  readonly name: string;
  readonly regions: Readonly<Record<string, object>>;
  readonly topology?: string;
  readonly hubs?: readonly string[];
  readonly links?: readonly { readonly one: string; readonly other: string }[];
  readonly managementAllowFrom?: readonly string[];
  readonly crypto?: object;
  readonly trust?: object;
}

export interface BackboneSpec {
  /** A fleet file; `read` throws if it cannot be read. */
  readonly file?: { readonly name: string; readonly read: () => string };
  readonly fleet?: FleetSpec;
  /** Admitted besides the fleet's own ranges. */
  readonly managementAllowFrom: readonly string[];
}

/** The plan of a fleet, or every problem of it: those of the file with their lines. */
export function planBackbone({ file, fleet, managementAllowFrom }: BackboneSpec): Planned<Plan> {
  if ((file === undefined) === (fleet === undefined))
    return {
      ok: false,
      problems: [
        {
          path: "fleetFile",
          message: "A backbone is described either by a fleet file or by the argument fleet.",
          remedy: "Give exactly one of fleetFile and fleet.",
        },
      ],
    };
  const read = file === undefined ? undefined : readText(file);
  if (read?.ok === false) return read;
  const result = derive(read?.value ?? (fleet === undefined ? "" : documentOf(fleet)), file?.name ?? "fleet");
  if (!result.ok) return { ok: false, problems: result.problems.map(asArgumentProblem) };
  const plan = admitManagement(result.value, managementAllowFrom);
  return planned(checkManagement(plan), () => plan);
}

function readText({ name, read }: { readonly name: string; readonly read: () => string }): Planned<string> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `"${name}" cannot be read: ${why}.`;
    return {
      ok: false,
      problems: [{ path: "fleetFile", message, remedy: "Name a fleet file that can be." }],
    };
  }
}

/** The arguments as a fleet file (JSON is YAML), so that one parser and one set of checks judge both. */
function documentOf(fleet: FleetSpec): string {
  const { name, regions, topology, hubs, links, managementAllowFrom, crypto, trust } = fleet;
  const document = {
    fleet: name,
    ...(managementAllowFrom === undefined ? {} : { management: { allowFrom: managementAllowFrom } }),
    ...(topology === undefined ? {} : { topology }),
    ...(hubs === undefined ? {} : { hubs }),
    ...(links === undefined ? {} : { topology: "links", links: links.map(({ one, other }) => [one, other]) }),
    ...(crypto === undefined ? {} : { crypto }),
    ...(trust === undefined ? {} : { trust }),
    regions,
  };
  return JSON.stringify(document, null, 2);
}

function derive(text: string, name: string): Result<Plan> {
  const parsed = parseFleet(text, name);
  return parsed.ok ? planFleet(parsed.value) : parsed;
}

function asArgumentProblem({ code, at, path, message, remedy }: Problem): ArgumentProblem {
  const where = at === undefined ? "" : `  ${at.file}:${at.line}:${at.column}`;
  return { path: `${code}${where}  ${path}`, message, remedy };
}
