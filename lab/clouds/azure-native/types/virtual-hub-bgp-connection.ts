import { z } from "zod";
import { networkOf } from "../../../world/check";
import { objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";
import type { Problem } from "../../provider/resource";
import type { Subscription } from "../context";
import { group, name } from "../fields";
import { worldId } from "../id";
import { azureType, computed, stateOf } from "../type";

/** Microsoft Learn, "Azure Route Server frequently asked questions (FAQ)", Route Server Limits. */
const peersPerRouteServer = 8;

/**
 * What a peer's ASN may not be.
 * @see Microsoft Learn, "Azure Route Server frequently asked questions (FAQ)", What Autonomous System Numbers can I use
 */
const keptAsns = [
  ...[8074, 8075, 12076, 65515, 65517, 65518, 65519, 65520].map((asn) => [asn, asn, "Azure"] as const),
  ...([
    [23456, 23456, "IANA"],
    [64496, 64511, "IANA"],
    [65535, 65551, "IANA"],
  ] as const),
];

const inputs = {
  resourceGroupName: group,
  virtualHubName: z.string(),
  connectionName: name(),
  // The same page, Can I use 32-bit ASNs: no.
  peerAsn: z.int().min(1).max(65535, "only 16-bit (2 bytes) ASNs are supported"),
  peerIp: z.ipv4(),
};
type Given = z.output<z.ZodObject<typeof inputs>>;

/** A peer of a Route Server: a session with each of its instances. */
export const virtualHubBgpConnection = azureType({
  token: "azure-native:network:VirtualHubBgpConnection",
  inputs,
  replacedBy: ["resourceGroupName", "virtualHubName", "connectionName"],
  computed: [...computed, "connectionState"],
  check: ({ peerAsn }): Problem[] =>
    keptAsns
      .filter(([least, greatest]) => peerAsn >= least && peerAsn <= greatest)
      .map(([, , who]) => ({ property: "peerAsn", reason: `ASN ${String(peerAsn)} is reserved by ${who}` })),
  async create(given, call) {
    const { context } = call;
    const hub = hubOf(given);
    const { network } = await context.get("routeService", hub);
    const world = await context.world();
    const endpoints = objectsOf(world, "routeServiceEndpoint").filter(
      ({ routeService }) => routeService === hub,
    );
    if (network === undefined || endpoints.length === 0)
      throw new Refusal(
        "VirtualHubHasNoIpConfiguration",
        `${given.virtualHubName} has no IP configuration: it can have no peers.`,
      );
    const peers = peersOf(await context.world(), endpoints[0]?.id ?? "");
    const others = peers.filter(({ id }) => !id.startsWith(`${peerPrefix(hub, given.connectionName)}.`));
    if (others.length >= peersPerRouteServer)
      throw new Refusal(
        "VirtualHubBgpConnectionsLimitExceeded",
        `A Route Server has at most ${String(peersPerRouteServer)} BGP peers.`,
      );
    if (others.some(({ peerAddress }) => peerAddress === given.peerIp))
      throw new Refusal(
        "BgpConnectionPeerIpInUse",
        `Peer IP ${given.peerIp} is already used by another BGP connection.`,
      );
    const known = objectsOf(world, "interface").some(
      (card) => card.address === given.peerIp && networkOf(world, card.subnet) === network,
    );
    if (!known)
      throw new Refusal(
        "BgpConnectionPeerIpNotInVnet",
        `Peer IP ${given.peerIp} is no address of an interface in the Route Server's virtual network.`,
      );
    for (const [index, endpoint] of endpoints.entries()) {
      const id = `${peerPrefix(hub, given.connectionName)}.${String(index)}`;
      await context.claimable("routeServicePeer", id, call.name, given.connectionName);
      await context.make({
        kind: "routeServicePeer",
        id,
        name: call.name,
        endpoint: endpoint.id,
        peerAddress: given.peerIp,
        peerAsn: given.peerAsn,
        liveness: "bgp-keepalive",
      });
    }
    return {
      id: context.resourceId(
        given.resourceGroupName,
        `Microsoft.Network/virtualHubs/${given.virtualHubName}/bgpConnections`,
        given.connectionName,
      ),
      outputs: {
        ...given,
        ...stateOf(given.connectionName, "Microsoft.Network/virtualHubs/bgpConnections"),
        connectionState: "Connected",
      },
    };
  },
  async read(_path, state, { context }) {
    const [found] = await own(state, context);
    return found === undefined ? undefined : { peerIp: found.peerAddress, peerAsn: found.peerAsn };
  },
  async update(_path, given, state, { context }) {
    for (const { id } of await own(state, context))
      await context.change("routeServicePeer", id, (peer) => ({
        ...peer,
        peerAddress: given.peerIp,
        peerAsn: given.peerAsn,
      }));
    return { ...given };
  },
  async remove(_path, state, { context }) {
    for (const { id } of await own(state, context)) await context.unmake("routeServicePeer", id);
  },
});

function peersOf(world: Awaited<ReturnType<Subscription["world"]>>, endpoint: string) {
  return objectsOf(world, "routeServicePeer").filter((peer) => peer.endpoint === endpoint);
}

async function own(state: unknown, context: Subscription) {
  const given = z
    .object({ resourceGroupName: z.string(), virtualHubName: z.string(), connectionName: z.string() })
    .parse(state);
  const prefix = `${peerPrefix(hubOf(given), given.connectionName)}.`;
  return objectsOf(await context.world(), "routeServicePeer").filter(({ id }) => id.startsWith(prefix));
}

function hubOf({
  resourceGroupName,
  virtualHubName,
}: Pick<Given, "resourceGroupName" | "virtualHubName">): string {
  return worldId("routeService", { group: resourceGroupName, names: [virtualHubName] });
}

function peerPrefix(hub: string, connection: string): string {
  return `peer.${hub}.${connection}`.toLowerCase();
}
