import { z } from "zod";
import { objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";
import { selfLink } from "../context";
import { cidr, description, name } from "../fields";
import { placeOf, worldId, worldNetwork } from "../link";
import { gcpType } from "../type";
import { waysOf } from "../../provider/network-ways";

/** SDK, `compute.Router`, `bgp.asn`: an RFC 6996 private ASN, 16 bits or 32. */
function isPrivateAsn(asn: number): boolean {
  return (asn >= 64512 && asn <= 65534) || (asn >= 4200000000 && asn <= 4294967294);
}

/** Google Cloud, "Cloud Router quotas and limits": of one network in one region. */
const routersPerRegion = 5;

export const router = gcpType({
  token: "gcp:compute/router:Router",
  inputs: {
    name,
    description,
    region: z.string().optional(),
    network: z.string(),
    bgp: z.strictObject({
      asn: z.int().refine(isPrivateAsn, "Local ASN must be private: 64512-65534, 4200000000-4294967294"),
      keepaliveInterval: z.int().min(20).max(60).default(20),
      advertiseMode: z.enum(["DEFAULT", "CUSTOM"]).optional(),
      advertisedIpRanges: z.array(z.strictObject({ range: cidr, description })).optional(),
    }),
  },
  replacedBy: ["name", "region", "network", "bgp"],
  computed: ["selfLink", "project", "creationTimestamp"],
  // SDK, `compute.Router`, `bgp.advertisedIpRanges`: "can only be populated if advertiseMode is CUSTOM".
  check: ({ bgp }) =>
    bgp.advertiseMode !== "CUSTOM" && bgp.advertisedIpRanges !== undefined
      ? [{ property: "bgp", reason: "Custom IP ranges may only be specified in custom advertise mode." }]
      : [],
  async create(given, call) {
    const { context } = call;
    const region = context.regionOf(given.region);
    const path = context.regional(region, "routers", given.name);
    const id = worldId("router", region, given.name);
    const network = worldNetwork(given.network);
    const others = objectsOf(await context.world(), "routeService").filter(
      (one) => one.network === network && one.id !== id && one.id.startsWith(`router.${region}.`),
    );
    if (others.length >= routersPerRegion)
      throw new Refusal(
        "limitExceeded",
        `A maximum of ${String(routersPerRegion)} routers per network per region is allowed.`,
      );
    await context.get("network", network);
    await context.claim(
      {
        kind: "routeService",
        id,
        name: call.name,
        network,
        asn: given.bgp.asn,
        keepaliveSeconds: given.bgp.keepaliveInterval,
        ...(given.bgp.advertiseMode === "CUSTOM"
          ? { advertised: (given.bgp.advertisedIpRanges ?? []).map(({ range }) => range) }
          : {}),
      },
      call,
      path,
    );
    await context.change("routeTable", waysOf(network).table, (table) => ({
      ...table,
      propagatedFrom: [...table.propagatedFrom.filter((one) => one !== id), id],
    }));
    return {
      id: path,
      outputs: {
        ...given,
        region,
        project: context.id,
        selfLink: selfLink(path),
        creationTimestamp: "2026-01-01T00:00:00.000-00:00",
      },
    };
  },
  async read(path, _state, { context }) {
    const found = await context.find("routeService", worldId("router", placeOf(path) ?? "", path));
    return found === undefined
      ? undefined
      : {
          bgp: {
            asn: found.asn,
            keepaliveInterval: found.keepaliveSeconds ?? 20,
            ...(found.advertised === undefined
              ? {}
              : {
                  advertiseMode: "CUSTOM",
                  advertisedIpRanges: found.advertised.map((range) => ({ range })),
                }),
          },
        };
  },
  async update(_path, given) {
    return Promise.resolve({ ...given });
  },
  async remove(path, _state, { context }) {
    const id = worldId("router", placeOf(path) ?? "", path);
    const { network } = (await context.find("routeService", id)) ?? {};
    if (network !== undefined)
      await context.changeIfThere("routeTable", waysOf(network).table, (table) => ({
        ...table,
        propagatedFrom: table.propagatedFrom.filter((one) => one !== id),
      }));
    await context.unmake("routeService", id);
  },
});
