import { z } from "zod";
import { overlap, prefixOf } from "../../../world/address";
import type { Problem } from "../../provider/resource";
import { selfLink } from "../context";
import { cidr, description, name } from "../fields";
import { placeOf, worldId, worldNetwork } from "../link";
import { gcpType } from "../type";
import { waysOf } from "../../provider/network-ways";

/** Google Cloud, "Subnets", Prohibited IPv4 subnet ranges. */
const prohibited = [
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/4",
  "199.36.153.4/30",
  "199.36.153.8/30",
];

export const subnetwork = gcpType({
  token: "gcp:compute/subnetwork:Subnetwork",
  inputs: {
    name,
    description,
    region: z.string().optional(),
    network: z.string(),
    ipCidrRange: cidr,
    privateIpGoogleAccess: z.literal(false, "the lab has no stand-in for Google's APIs").default(false),
  },
  replacedBy: ["name", "description", "region", "network", "ipCidrRange"],
  computed: ["selfLink", "gatewayAddress", "project", "fingerprint", "stackType", "subnetworkId"],
  check: problemsOf,
  async create(given, call) {
    const { context } = call;
    const region = context.regionOf(given.region);
    const path = context.regional(region, "subnetworks", given.name);
    const network = worldNetwork(given.network);
    const id = worldId("subnet", region, given.name);
    await context.claimable("subnet", id, call.name, path);
    // A network has the addresses of its subnets.
    await context.change("network", network, (object) => ({
      ...object,
      cidrs: [...object.cidrs.filter((one) => one !== given.ipCidrRange), given.ipCidrRange],
    }));
    await context.make({
      kind: "subnet",
      id,
      name: call.name,
      network,
      zone: region,
      cidr: given.ipCidrRange,
      routeTable: waysOf(network).table,
    });
    return {
      id: path,
      outputs: {
        ...given,
        region,
        project: context.id,
        selfLink: selfLink(path),
        gatewayAddress: given.ipCidrRange.replace(/\d+\/.*$/, (end) => String(parseInt(end, 10) + 1)),
        fingerprint: "",
        stackType: "IPV4_ONLY",
        subnetworkId: 1,
      },
    };
  },
  async read(path, _state, { context }) {
    const found = await context.find("subnet", worldId("subnet", placeOf(path) ?? "", path));
    return found === undefined ? undefined : { ipCidrRange: found.cidr };
  },
  async remove(path, state, { context }) {
    const { ipCidrRange, network } = z.object({ ipCidrRange: z.string(), network: z.string() }).parse(state);
    await context.unmake("subnet", worldId("subnet", placeOf(path) ?? "", path));
    await context.changeIfThere("network", worldNetwork(network), (object) => ({
      ...object,
      cidrs: object.cidrs.filter((one) => one !== ipCidrRange),
    }));
  },
});

function problemsOf({ ipCidrRange }: { readonly ipCidrRange: string }): Problem[] {
  // Google Cloud, "Subnets", IPv4 subnet ranges: a mask is no longer than /29.
  if (prefixOf(ipCidrRange) > 29)
    return [
      {
        property: "ipCidrRange",
        reason: `Invalid value for field 'resource.ipCidrRange': '${ipCidrRange}'. The subnetwork's range is too small.`,
      },
    ];
  return prohibited
    .filter((block) => overlap(block, ipCidrRange))
    .map((block) => ({
      property: "ipCidrRange",
      reason: `Invalid value for field 'resource.ipCidrRange': '${ipCidrRange}'. It overlaps ${block}, which no subnet may be.`,
    }));
}
