import { z } from "zod";
import { withFreeAddress } from "../address";
import { newId } from "../context";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";

export const routeServerEndpoint = awsType({
  token: "aws:vpc/routeServerEndpoint:RouteServerEndpoint",
  inputs: { routeServerId: z.string(), subnetId: z.string(), tags },
  replacedBy: ["routeServerId", "subnetId"],
  computed: ["arn", "eniAddress", "eniId", "routeServerEndpointId", "tagsAll", "vpcId"],
  changing: ["tagsAll"],
  async create(given, call) {
    const { context } = call;
    const id = newId("rse", call, given);
    const { network } = await context.get("subnet", given.subnetId);
    await context.get("routeService", given.routeServerId);
    const put = (address: string) =>
      context.make({
        kind: "routeServiceEndpoint",
        id,
        name: nameTag(given.tags, id),
        routeService: given.routeServerId,
        subnet: given.subnetId,
        address,
      });
    const before = await context.find("routeServiceEndpoint", id);
    const eniAddress = await context.inTurn(given.subnetId, async () => {
      if (before === undefined) return withFreeAddress(() => context.world(), given.subnetId, put);
      await put(before.address);
      return before.address;
    });
    return {
      id,
      outputs: {
        ...tagsAll(given.tags),
        arn: context.arn("route-server-endpoint", id),
        eniAddress,
        eniId: `eni-${id.slice("rse-".length)}`,
        routeServerEndpointId: id,
        vpcId: network,
      },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("routeServiceEndpoint", id);
    if (found === undefined) return undefined;
    return { eniAddress: found.address, routeServerId: found.routeService, subnetId: found.subnet };
  },
  async update(id, given, _state, { context }) {
    await context.change("routeServiceEndpoint", id, (endpoint) => ({
      ...endpoint,
      name: nameTag(given.tags, id),
    }));
    return tagsAll(given.tags);
  },
  remove: (id, _state, { context }) => context.unmake("routeServiceEndpoint", id),
});
