import { z } from "zod";
import { usableAddresses } from "../../../world/address";
import type { World } from "../../../world/model";
import { objectOf, objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";
import type { Problem } from "../../provider/resource";
import { type Project, selfLink } from "../context";
import { address as ipv4, allLabels, description, labels, name } from "../fields";
import { placeOf, worldId } from "../link";
import { gcpType } from "../type";

const inputs = {
  name,
  description,
  region: z.string().optional(),
  addressType: z.enum(["EXTERNAL", "INTERNAL"]).default("EXTERNAL"),
  networkTier: z.enum(["PREMIUM", "STANDARD"]).optional(),
  purpose: z.enum(["GCE_ENDPOINT"]).optional(),
  subnetwork: z.string().optional(),
  address: ipv4.optional(),
  labels,
};
type Given = z.output<z.ZodObject<typeof inputs>>;

/** An address that stays reserved whether it is in use or not: public, or of a subnet. */
export const address = gcpType({
  token: "gcp:compute/address:Address",
  inputs,
  replacedBy: [
    "name",
    "description",
    "region",
    "addressType",
    "networkTier",
    "purpose",
    "subnetwork",
    "address",
  ],
  computed: [
    "address",
    "selfLink",
    "project",
    "effectiveLabels",
    "pulumiLabels",
    "labelFingerprint",
    "users",
  ],
  changing: ["effectiveLabels", "pulumiLabels"],
  check: problemsOf,
  async create(given, call) {
    const { context } = call;
    const region = context.regionOf(given.region);
    const path = context.regional(region, "addresses", given.name);
    const id = worldId("address", region, given.name);
    const held =
      given.subnetwork === undefined
        ? await context.inTurn("addresses", async () => {
            const before = await context.find("publicAddress", id);
            const found = before?.address ?? (await (await context.lab()).allocateAddress());
            await context.claim(
              before ?? { kind: "publicAddress", id, name: call.name, address: found, cloudRegion: region },
              call,
              path,
            );
            return found;
          })
        : await hold(context, given.subnetwork, { id, name: call.name, path, wanted: given.address, region });
    return {
      id: path,
      outputs: {
        ...given,
        ...allLabels(given.labels),
        region,
        address: held,
        project: context.id,
        selfLink: selfLink(path),
        labelFingerprint: "",
        users: [],
      },
    };
  },
  async read(path, _state, { context }) {
    const id = worldId("address", placeOf(path) ?? "", path);
    const world = await context.world();
    const found = objectOf(world, "publicAddress", id) ?? objectOf(world, "heldAddress", id);
    return found === undefined ? undefined : { address: found.address };
  },
  async update(_path, given) {
    return Promise.resolve({ ...given, ...allLabels(given.labels) });
  },
  async remove(path, _state, { context }) {
    const id = worldId("address", placeOf(path) ?? "", path);
    const world = await context.world();
    const [outside, inside] = [objectOf(world, "publicAddress", id), objectOf(world, "heldAddress", id)];
    const used =
      outside?.interface !== undefined ||
      (inside !== undefined && usersOf(world, inside.subnet).includes(inside.address));
    if (used)
      throw new Refusal(
        "resourceInUseByAnotherResource",
        `The address resource '${path}' is already being used by another resource`,
      );
    await context.unmake(outside === undefined ? "heldAddress" : "publicAddress", id);
  },
});

function problemsOf({ addressType, subnetwork, purpose, networkTier, address: wanted }: Given): Problem[] {
  const problems: Problem[] = [];
  if (addressType === "EXTERNAL" && subnetwork !== undefined)
    problems.push({
      property: "subnetwork",
      reason: "Subnetwork cannot be specified for an external address.",
    });
  if (addressType === "EXTERNAL" && (purpose !== undefined || wanted !== undefined))
    problems.push({ property: "purpose", reason: "Purpose and address are for internal addresses only." });
  if (addressType === "INTERNAL" && networkTier !== undefined)
    problems.push({ property: "networkTier", reason: "Network tier cannot be set for an internal address." });
  if (addressType === "INTERNAL" && subnetwork === undefined)
    problems.push({
      property: "subnetwork",
      reason: "the lab has no stand-in for an internal address without its subnetwork",
    });
  return problems;
}

/** The lowest that is free, so that a lab looks the same each time. */
function hold(
  context: Project,
  link: string,
  held: {
    readonly id: string;
    readonly name: string;
    readonly path: string;
    readonly wanted: string | undefined;
    readonly region: string;
  },
): Promise<string> {
  const subnet = worldId("subnet", placeOf(link) ?? held.region, link);
  return context.inTurn(subnet, async () => {
    await context.claimable("heldAddress", held.id, held.name, held.path);
    const world = await context.world();
    const { cidr } = await context.get("subnet", subnet);
    const before = objectOf(world, "heldAddress", held.id);
    const taken = new Set([
      ...usersOf(world, subnet),
      ...objectsOf(world, "heldAddress").flatMap((one) => (one.subnet === subnet ? [one.address] : [])),
    ]);
    const free =
      before?.address ?? held.wanted ?? [...usableAddresses(cidr, "gcp")].find((one) => !taken.has(one));
    if (free === undefined) throw new Refusal("IP_SPACE_EXHAUSTED", `IP space of '${link}' is exhausted.`);
    await context.make({ kind: "heldAddress", id: held.id, name: held.name, subnet, address: free });
    return free;
  });
}

/** Addresses of a subnet that somebody uses. */
function usersOf(world: World, subnet: string): string[] {
  return [...objectsOf(world, "interface"), ...objectsOf(world, "routeServiceEndpoint")].flatMap((one) =>
    one.subnet === subnet ? [one.address] : [],
  );
}
