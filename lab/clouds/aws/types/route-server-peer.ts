import { z } from "zod";
import { address } from "../address";
import { newId } from "../context";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";

export const routeServerPeer = awsType({
  token: "aws:vpc/routeServerPeer:RouteServerPeer",
  inputs: {
    routeServerEndpointId: z.string(),
    peerAddress: address,
    bgpOptions: z.strictObject({
      peerAsn: z.int().min(1).max(4294967295),
      peerLivenessDetection: z.enum(["bfd", "bgp-keepalive"]).default("bgp-keepalive"),
    }),
    tags,
  },
  replacedBy: ["routeServerEndpointId", "peerAddress", "bgpOptions"],
  computed: [
    ...["arn", "endpointEniAddress", "endpointEniId", "routeServerId", "routeServerPeerId", "subnetId"],
    ...["tagsAll", "vpcId"],
  ],
  changing: ["tagsAll"],
  async create(given, call) {
    const { context } = call;
    const id = newId("rsp", call, given);
    const endpoint = await context.get("routeServiceEndpoint", given.routeServerEndpointId);
    const { network } = await context.get("subnet", endpoint.subnet);
    await context.make({
      kind: "routeServicePeer",
      id,
      name: nameTag(given.tags, id),
      endpoint: endpoint.id,
      peerAddress: given.peerAddress,
      peerAsn: given.bgpOptions.peerAsn,
      liveness: given.bgpOptions.peerLivenessDetection,
    });
    return {
      id,
      outputs: {
        ...given,
        ...tagsAll(given.tags),
        arn: context.arn("route-server-peer", id),
        endpointEniAddress: endpoint.address,
        endpointEniId: `eni-${endpoint.id.slice("rse-".length)}`,
        routeServerId: endpoint.routeService,
        routeServerPeerId: id,
        subnetId: endpoint.subnet,
        vpcId: network,
      },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("routeServicePeer", id);
    if (found === undefined) return undefined;
    return {
      routeServerEndpointId: found.endpoint,
      peerAddress: found.peerAddress,
      bgpOptions: { peerAsn: found.peerAsn, peerLivenessDetection: found.liveness },
    };
  },
  async update(id, given, _state, { context }) {
    await context.change("routeServicePeer", id, (peer) => ({ ...peer, name: nameTag(given.tags, id) }));
    return { ...given, ...tagsAll(given.tags) };
  },
  remove: (id, _state, { context }) => context.unmake("routeServicePeer", id),
});
