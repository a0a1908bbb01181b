import { createHash } from "node:crypto";
import { z } from "zod";
import { within } from "../../../world/address";
import { objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";
import type { Project } from "../context";
import { address, isPrivate, name } from "../fields";
import { lastOf, worldId } from "../link";
import { gcpType } from "../type";

/** Of a Cloud Router in a subnet, for BGP with router appliances. */
export const routerInterface = gcpType({
  token: "gcp:compute/routerInterface:RouterInterface",
  inputs: {
    name,
    router: z.string(),
    region: z.string().optional(),
    subnetwork: z.string(),
    // Google Cloud, "Router appliance overview": of RFC 1918.
    privateIpAddress: address.refine(
      (one) => isPrivate(`${one}/32`),
      "must be an RFC 1918 internal IP address",
    ),
    redundantInterface: z.string().optional(),
  },
  replacedBy: "all",
  computed: ["ipRange", "ipVersion", "project"],
  async create(given, call) {
    const { context } = call;
    const region = context.regionOf(given.region);
    const routeService = worldId("router", region, given.router);
    const subnet = await context.get("subnet", worldId("subnet", region, given.subnetwork));
    await context.get("routeService", routeService);
    if (!within(given.privateIpAddress, subnet.cidr))
      throw new Refusal(
        "invalid",
        `Invalid value for field 'resource.interfaces[].privateIpAddress': '${given.privateIpAddress}'. It must be within the subnetwork's range.`,
      );
    if (given.redundantInterface !== undefined) {
      const other = await context.get(
        "routeServiceEndpoint",
        interfaceId(region, given.router, given.redundantInterface),
      );
      if (other.subnet !== subnet.id)
        throw new Refusal("invalid", "Redundant interfaces must be in the same subnetwork.");
    }
    const id = interfaceId(region, given.router, given.name);
    await context.claim(
      {
        kind: "routeServiceEndpoint",
        id,
        name: call.name,
        routeService,
        subnet: subnet.id,
        address: given.privateIpAddress,
      },
      call,
      given.name,
    );
    return {
      id: `${region}/${lastOf(given.router)}/${given.name}`,
      outputs: { ...given, region, ipRange: "", ipVersion: "IPV4", project: context.id },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("routeServiceEndpoint", idIn(id));
    return found === undefined ? undefined : { privateIpAddress: found.address };
  },
  async remove(id, _state, { context }) {
    await context.unmake("routeServiceEndpoint", idIn(id));
  },
});

/** Unique in its router. FRR's daemons have sockets by it: no dots, and short. */
export function interfaceId(region: string, router: string, interfaceName: string): string {
  const path = `${region}/${lastOf(router)}/${interfaceName}`;
  return `interface-${createHash("sha256").update(path).digest("hex").slice(0, 12)}`;
}

function idIn(id: string): string {
  const [region = "", router = "", interfaceName = ""] = id.split("/");
  return interfaceId(region, router, interfaceName);
}

/** Whether a machine of that name is an appliance of some spoke in the region, with that address. */
export async function isAppliance(
  context: Project,
  region: string,
  machine: string,
  own: string,
): Promise<boolean> {
  return objectsOf(await context.world(), "applianceSpoke").some(
    (spoke) =>
      spoke.cloudRegion === region &&
      spoke.appliances.some((one) => one.machine === machine && one.address === own),
  );
}
