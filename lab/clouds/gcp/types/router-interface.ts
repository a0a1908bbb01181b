import { z } from "zod";
import { within } from "../../../world/address";
import { objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";
import type { Call } from "../../provider/resource";
import type { Project } from "../context";
import { address, isPrivate, name } from "../fields";
import { interfaceId, lastOf, worldId } from "../link";
import { gcpType } from "../type";
import { insideRange, makeTunnelEndpoint } from "./tunnel-session";

const inputs = {
  name,
  router: z.string(),
  region: z.string().optional(),
  subnetwork: z.string().optional(),
  // Google Cloud, "Router appliance overview": of RFC 1918.
  privateIpAddress: address
    .refine((one) => isPrivate(`${one}/32`), "must be an RFC 1918 internal IP address")
    .optional(),
  redundantInterface: z.string().optional(),
  vpnTunnel: z.string().optional(),
  ipRange: insideRange.optional(),
};
type Given = z.output<z.ZodObject<typeof inputs>>;

/** Of a Cloud Router: in a subnet, for BGP with router appliances, or inside of a VPN tunnel. */
export const routerInterface = gcpType({
  token: "gcp:compute/routerInterface:RouterInterface",
  inputs,
  replacedBy: "all",
  computed: ["ipRange", "ipVersion", "project"],
  check: ({ subnetwork, privateIpAddress, vpnTunnel, ipRange }) =>
    // SDK, `compute.RouterInterface`: only one of them can be specified, and each has its own address.
    [subnetwork, vpnTunnel].filter((one) => one !== undefined).length !== 1 ||
    (subnetwork === undefined) !== (privateIpAddress === undefined) ||
    (vpnTunnel === undefined) !== (ipRange === undefined)
      ? [
          {
            property: "",
            reason:
              "exactly one of subnetwork (with privateIpAddress) and vpnTunnel (with ipRange) is needed",
          },
        ]
      : [],
  async create(given, call) {
    const { context } = call;
    const region = context.regionOf(given.region);
    const id = `${region}/${lastOf(given.router)}/${given.name}`;
    if (given.vpnTunnel !== undefined && given.ipRange !== undefined) {
      await makeTunnelEndpoint(
        region,
        { name: given.name, router: given.router, vpnTunnel: given.vpnTunnel, ipRange: given.ipRange },
        call,
      );
      return { id, outputs: { ...given, region, ipVersion: "IPV4", project: context.id } };
    }
    await makeEndpoint(region, given, call);
    return { id, outputs: { ...given, region, ipRange: "", ipVersion: "IPV4", project: context.id } };
  },
  async read(id, _state, { context }) {
    const tunnel = await context.find("tunnelEndpoint", idIn(id));
    if (tunnel !== undefined) return { ipRange: tunnel.inside };
    const found = await context.find("routeServiceEndpoint", idIn(id));
    return found === undefined ? undefined : { privateIpAddress: found.address };
  },
  async remove(id, _state, { context }) {
    const tunnel = await context.find("tunnelEndpoint", idIn(id));
    await context.unmake(tunnel === undefined ? "routeServiceEndpoint" : "tunnelEndpoint", idIn(id));
  },
});

async function makeEndpoint(
  region: string,
  { name: own, router, subnetwork = "", privateIpAddress = "", redundantInterface }: Given,
  call: Call<Project>,
): Promise<void> {
  const { context } = call;
  const routeService = worldId("router", region, router);
  const subnet = await context.get("subnet", worldId("subnet", region, subnetwork));
  await context.get("routeService", routeService);
  if (!within(privateIpAddress, subnet.cidr))
    throw new Refusal(
      "invalid",
      `Invalid value for field 'resource.interfaces[].privateIpAddress': '${privateIpAddress}'. It must be within the subnetwork's range.`,
    );
  if (redundantInterface !== undefined) {
    const other = await context.get("routeServiceEndpoint", interfaceId(region, router, redundantInterface));
    if (other.subnet !== subnet.id)
      throw new Refusal("invalid", "Redundant interfaces must be in the same subnetwork.");
  }
  await context.claim(
    {
      kind: "routeServiceEndpoint",
      id: interfaceId(region, router, own),
      name: call.name,
      routeService,
      subnet: subnet.id,
      address: privateIpAddress,
    },
    call,
    own,
  );
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
