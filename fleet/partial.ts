import { z } from "zod";
import { type FleetInput, fleetSchema, type RegionInput } from "./schema";

/** A value of which some parts are missing because they do not fit the schema; what is there does. */
type Fitting<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? string extends keyof T
      ? { readonly [Key in keyof T]: Fitting<T[Key]> }
      : { readonly [Key in keyof T]?: Fitting<T[Key]> | undefined }
    : T;

export type PartialFleet = Fitting<FleetInput>;
export type PartialRegion = Fitting<RegionInput>;

/**
 * Of a file that does not fit the schema, every value that does by itself, however deep it lies: what it means is
 * checked, too, so that all problems come at once. In a list, what does not fit leaves an empty value in its place, so
 * that the others keep their paths; of that place the schema has said what there is to say.
 */
export function partialFleet(value: object): PartialFleet {
  return fittingFleet.parse(fitting(fleetSchema, value));
}

const fittingFleet = z.custom<PartialFleet>((value) => isMapping(value));

function fitting(schema: unknown, value: unknown): unknown {
  if (schema instanceof z.ZodOptional) return fitting(schema.unwrap(), value);
  if (schema instanceof z.ZodObject) {
    if (!isMapping(value)) return undefined;
    const shape: Readonly<Record<string, unknown>> = schema.shape;
    return kept(value, (key) => (Object.hasOwn(shape, key) ? shape[key] : undefined));
  }
  if (schema instanceof z.ZodRecord) {
    // A region that is no mapping at all still has its name.
    const { valueType } = schema;
    return isMapping(value)
      ? kept(value, () => valueType, valueType instanceof z.ZodObject ? {} : undefined)
      : undefined;
  }
  if (schema instanceof z.ZodArray)
    return Array.isArray(value)
      ? value.map((inner) => fitting(schema.element, inner) ?? empty(schema.element))
      : undefined;
  return schema instanceof z.ZodType && schema.safeParse(value).success ? value : undefined;
}

function kept(value: object, schemaOf: (key: string) => unknown, otherwise?: object): object {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const part = fitting(schemaOf(key), inner) ?? otherwise;
      return part === undefined ? [] : [[key, part]];
    }),
  );
}

function empty(schema: unknown): unknown {
  return schema instanceof z.ZodTuple ? schema.def.items.map(empty) : "";
}

function isMapping(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
