import fc from "fast-check";
import { planFleet } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import { parse, stringify } from "yaml";
import { type FleetFile, fleetText, without } from "../random-fleet";

/** One edit of a fleet file, as somebody makes it: of one region (the nth), or of the whole. */
export type Edit =
  | { readonly kind: "region"; readonly nth: number; readonly set: Readonly<Record<string, unknown>> }
  | { readonly kind: "fleet"; readonly set: Readonly<Record<string, unknown>> }
  | { readonly kind: "leaves"; readonly nth: number }
  | { readonly kind: "turned"; readonly nth: number };

const ofRegion: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.constantFrom(
  { asn: 4209999999 },
  { ha: "active-standby", preference: "prepend" },
  { ha: "active-active", preference: undefined, address: undefined },
  { gateways: 1, ha: undefined, preference: undefined, address: undefined, routes: undefined },
  { gateways: 3, address: undefined },
  { routes: "agent" },
  { routes: undefined, address: undefined },
  { ipv6: undefined },
  { system: "ubuntu-24.04" },
  { trust: { keyAlgorithm: "rsa-3072" } },
  { outerMtu: 1400 },
  { bfdMilliseconds: 1000 },
  { transit: false },
  { tags: { constructor: "a|b`c" } },
  { size: "m7i.large" },
  { management: { allowFrom: ["198.51.100.0/24"] } },
  { epochs: { a: { key: 2 } } },
  { epochs: { a: { image: 2 } } },
  { cidr: "192.168.77.0/24" },
);
const ofFleet: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.constantFrom(
  { topology: undefined, hubs: undefined, links: undefined },
  { crypto: { ike: "aes256-sha512-prfsha512-modp4096", esp: "aes256-sha512-modp4096" } },
  { crypto: { ikeRekeySeconds: 7200, childRekeySeconds: 1800 } },
  { crypto: { postQuantum: "preferred" } },
  { trust: { leafDays: 30 } },
  { management: { allowFrom: ["203.0.113.0/24"] } },
  { defaults: { bfdMilliseconds: 500 } },
);
const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("region" as const), nth: fc.nat(29), set: ofRegion }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("fleet" as const), set: ofFleet }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("leaves" as const), nth: fc.nat(29) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("turned" as const), nth: fc.nat(29) }) },
);

export const edits = fc.array(anyEdit, { minLength: 1, maxLength: 2 });

/** A sound fleet and the same one after the edits, sound as well; `undefined` where one is not, or has more regions than `most`. */
export function editedFleet(
  { wrong, ...file }: FleetFile,
  list: readonly Edit[],
  most: number,
): { readonly before: Plan; readonly after: Plan } | undefined {
  void wrong;
  if (file.regions.length > most) return undefined;
  const before = planned(fleetText(file));
  if (before === undefined) return undefined;
  const after = planned(list.reduce(edit, { file, text: fleetText(file) }).text);
  return after === undefined ? undefined : { before, after };
}

interface Written {
  readonly file: FleetFile;
  readonly text: string;
}

function edit({ file, text }: Written, one: Edit): Written {
  if (one.kind === "leaves" || one.kind === "turned") {
    const name = file.regions[one.nth % file.regions.length] ?? "";
    const next = one.kind === "leaves" ? without(file, name) : { ...file, turned: name };
    return { file: next, text: fleetText(next) };
  }
  const document: Record<string, unknown> = parse(text);
  if (one.kind === "fleet") return { file, text: stringify({ ...document, ...one.set }) };
  const regions = Object.entries(Object(document["regions"]));
  const [name = "", region] = regions[one.nth % regions.length] ?? [];
  const changed = { ...Object(region), ...one.set };
  return {
    file,
    text: stringify({ ...document, regions: { ...Object.fromEntries(regions), [name]: changed } }),
  };
}

function planned(text: string): Plan | undefined {
  const parsed = parseFleet(text, "fleet.yaml");
  const made = parsed.ok ? planFleet(parsed.value) : parsed;
  return made.ok ? made.value : undefined;
}
