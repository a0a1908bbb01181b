import { planFleet } from "../../fleet/derive";
import { parseFleet } from "../../fleet/parse";
import type { Plan } from "../../fleet/plan";
import type { Result } from "../../fleet/problem";

const regions = {
  use1: "us-east-1, cidr: 10.10.0.0/16",
  euw1: "eu-west-1, cidr: 10.20.0.0/16",
  apse2: "ap-southeast-2, cidr: 10.30.0.0/16",
} as const;
export type RegionName = keyof typeof regions;

/**
 * A fleet file as a user writes it; management comes from the lab's own management range.
 * @param fields further fields of regions
 */
export function fleetText(
  names: readonly RegionName[],
  fields: Readonly<Partial<Record<RegionName, string>>> = {},
): string {
  const more = (name: RegionName) => (fields[name] === undefined ? "" : `, ${fields[name]}`);
  const lines = names.map((name) => `  ${name}: { cloud: aws, region: ${regions[name]}${more(name)} }`);
  return ["fleet: acme", "management: { allowFrom: [203.0.113.0/24] }", "regions:", ...lines, ""].join("\n");
}

export function fleetPlan(names: readonly RegionName[], fields?: Parameters<typeof fleetText>[1]): Plan {
  return planOf(fleetText(names, fields));
}

/** The plan of a sound fleet file. */
export function planOf(text: string): Plan {
  return valueOf(planFleet(valueOf(parseFleet(text, "fleet.yaml"))));
}

function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(result.problems.map(({ message }) => message).join("\n"));
}
