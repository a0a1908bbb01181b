import { z } from "zod";
import { objectOf, objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";
import { address, name } from "../fields";
import { interfaceId, lastOf, worldId } from "../link";
import { gcpType } from "../type";
import { isAppliance } from "./router-interface";
import { makeTunnelPeer } from "./tunnel-session";

/** One BGP session of a Cloud Router: with a router appliance, or inside of a VPN tunnel. */
export const routerPeer = gcpType({
  token: "gcp:compute/routerPeer:RouterPeer",
  inputs: {
    name,
    router: z.string(),
    region: z.string().optional(),
    interface: z.string(),
    peerIpAddress: address,
    peerAsn: z.int().min(1).max(4294967295),
    /** Of a peer in a subnet; one inside of a VPN tunnel has none. */
    routerApplianceInstance: z.string().optional(),
  },
  replacedBy: ["name", "router", "region", "interface"],
  computed: ["ipAddress", "managementType", "project"],
  async create(given, call) {
    const { context } = call;
    const region = context.regionOf(given.region);
    const made = { region, managementType: "MANAGED_BY_USER", project: context.id };
    const path = `${region}/${lastOf(given.router)}/${given.name}`;
    const inside = await context.find("tunnelEndpoint", interfaceId(region, given.router, given.interface));
    if (inside !== undefined) {
      if (given.routerApplianceInstance !== undefined)
        throw new Refusal("invalid", "A peer inside of a VPN tunnel is no router appliance.");
      const ipAddress = await makeTunnelPeer(inside, peerId(region, given.router, given.name), given, call);
      return { id: path, outputs: { ...given, ...made, ipAddress } };
    }
    const endpoint = await context.get(
      "routeServiceEndpoint",
      interfaceId(region, given.router, given.interface),
    );
    const { asn } = await context.get("routeService", endpoint.routeService);
    if (asn === given.peerAsn)
      throw new Refusal("invalid", "Peer ASN must be different from the local ASN of the router.");
    if (given.routerApplianceInstance === undefined)
      throw new Refusal("invalid", "A peer in a subnetwork must be a router appliance instance.");
    const machine = lastOf(given.routerApplianceInstance);
    // SDK, `compute.RouterInterface`, `subnetwork`: the instance must belong to the interface's own.
    const world = await context.world();
    const card = objectsOf(world, "machine")
      .filter(({ hostname }) => hostname === machine)
      .map((one) => objectOf(world, "interface", one.interface))
      .find((one) => one?.subnet === endpoint.subnet && one.address === given.peerIpAddress);
    if (card === undefined)
      throw new Refusal(
        "invalid",
        `Peer IP address ${given.peerIpAddress} is no address of the instance '${machine}' in the interface's subnetwork.`,
      );
    // Google Cloud, "Router appliance overview": "Router appliance requires NCC to operate".
    if (!(await isAppliance(context, region, machine, given.peerIpAddress)))
      throw new Refusal(
        "invalid",
        `The instance '${machine}' is not a router appliance instance: it is linked to no spoke.`,
      );
    const id = peerId(region, given.router, given.name);
    await context.claim(
      {
        kind: "routeServicePeer",
        id,
        name: call.name,
        endpoint: endpoint.id,
        peerAddress: given.peerIpAddress,
        peerAsn: given.peerAsn,
        liveness: "bgp-keepalive",
      },
      call,
      given.name,
    );
    return { id: path, outputs: { ...given, ...made, ipAddress: endpoint.address } };
  },
  async read(id, _state, { context }) {
    const inside = await context.find("tunnelPeer", idIn(id));
    if (inside !== undefined) return { peerIpAddress: inside.address, peerAsn: inside.asn };
    const found = await context.find("routeServicePeer", idIn(id));
    return found === undefined ? undefined : { peerIpAddress: found.peerAddress, peerAsn: found.peerAsn };
  },
  async update(id, given, state, { context }) {
    const of = z.object({ ipAddress: z.string() }).parse(state);
    if ((await context.find("tunnelPeer", idIn(id))) !== undefined) {
      await context.change("tunnelPeer", idIn(id), (peer) => ({
        ...peer,
        address: given.peerIpAddress,
        asn: given.peerAsn,
      }));
      return { ...given, ...of };
    }
    await context.change("routeServicePeer", idIn(id), (peer) => ({
      ...peer,
      peerAddress: given.peerIpAddress,
      peerAsn: given.peerAsn,
    }));
    return { ...given, ...of };
  },
  async remove(id, _state, { context }) {
    const inside = await context.find("tunnelPeer", idIn(id));
    await context.unmake(inside === undefined ? "routeServicePeer" : "tunnelPeer", idIn(id));
  },
});

function peerId(region: string, router: string, peer: string): string {
  return worldId(`peer.${lastOf(router)}`, region, peer);
}

function idIn(id: string): string {
  const [region = "", router = "", peer = ""] = id.split("/");
  return peerId(region, router, peer);
}
