import { z } from "zod";
import { Refusal } from "../../provider/refusal";
import { newId } from "../context";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";
import { without } from "../without";

export const routeServer = awsType({
  token: "aws:vpc/routeServer:RouteServer",
  inputs: {
    amazonSideAsn: z.int().min(1).max(4294967295),
    persistRoutes: z.literal("disable", "the lab has no stand-in for persisted routes").default("disable"),
    tags,
  },
  replacedBy: ["amazonSideAsn"],
  computed: ["arn", "routeServerId", "tagsAll"],
  changing: ["tagsAll"],
  async create(given, call) {
    const { context } = call;
    const id = newId("rs", call, given);
    const before = await context.find("routeService", id);
    await context.make(
      before ?? { kind: "routeService", id, name: nameTag(given.tags, id), asn: given.amazonSideAsn },
    );
    return {
      id,
      outputs: { ...given, ...tagsAll(given.tags), arn: context.arn("route-server", id), routeServerId: id },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("routeService", id);
    return found === undefined ? undefined : { amazonSideAsn: found.asn };
  },
  async update(id, given, _state, { context }) {
    await context.change("routeService", id, (service) => ({ ...service, name: nameTag(given.tags, id) }));
    return { ...given, ...tagsAll(given.tags) };
  },
  remove: (id, _state, { context }) => context.unmake("routeService", id),
});

export const routeServerVpcAssociation = awsType({
  token: "aws:vpc/routeServerVpcAssociation:RouteServerVpcAssociation",
  inputs: { routeServerId: z.string(), vpcId: z.string() },
  replacedBy: "all",
  computed: [],
  async create({ routeServerId, vpcId }, { context }) {
    await context.get("network", vpcId);
    await context.change("routeService", routeServerId, (service) => {
      if (service.network !== undefined && service.network !== vpcId)
        throw new Refusal(
          "IncorrectState",
          `route server ${routeServerId} is associated with ${service.network}`,
        );
      return { ...service, network: vpcId };
    });
    return { id: `${routeServerId},${vpcId}`, outputs: {} };
  },
  async read(_id, state, { context }) {
    const found = await context.find("routeService", associationSchema.parse(state).routeServerId);
    return found?.network === undefined ? undefined : { vpcId: found.network };
  },
  remove(_id, state, { context }) {
    const { routeServerId } = associationSchema.parse(state);
    return context.changeIfThere("routeService", routeServerId, (service) => without(service, "network"));
  },
});

const associationSchema = z.object({ routeServerId: z.string() });

export const routeServerPropagation = awsType({
  token: "aws:vpc/routeServerPropagation:RouteServerPropagation",
  inputs: { routeServerId: z.string(), routeTableId: z.string() },
  replacedBy: "all",
  computed: [],
  async create({ routeServerId, routeTableId }, { context }) {
    await context.get("routeService", routeServerId);
    await context.change("routeTable", routeTableId, (table) => ({
      ...table,
      propagatedFrom: [...table.propagatedFrom.filter((id) => id !== routeServerId), routeServerId],
    }));
    return { id: `${routeServerId},${routeTableId}`, outputs: {} };
  },
  async read(_id, state, { context }) {
    const { routeServerId, routeTableId } = propagationSchema.parse(state);
    const table = await context.find("routeTable", routeTableId);
    return table?.propagatedFrom.includes(routeServerId) === true ? {} : undefined;
  },
  remove(_id, state, { context }) {
    const { routeServerId, routeTableId } = propagationSchema.parse(state);
    return context.changeIfThere("routeTable", routeTableId, (table) => ({
      ...table,
      propagatedFrom: table.propagatedFrom.filter((id) => id !== routeServerId),
    }));
  },
});

const propagationSchema = z.object({ routeServerId: z.string(), routeTableId: z.string() });
