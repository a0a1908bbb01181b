import { z } from "zod";
import { newId } from "../context";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";

export const routeTable = awsType({
  token: "aws:ec2/routeTable:RouteTable",
  // Routes in the table itself have no stand-in: they are `ec2.Route`s, or come from a route server.
  inputs: { vpcId: z.string(), tags },
  replacedBy: ["vpcId"],
  computed: ["arn", "ownerId", "tagsAll"],
  changing: ["tagsAll"],
  async create(given, call) {
    const id = newId("rtb", call, given);
    const { context } = call;
    await context.get("network", given.vpcId);
    const name = nameTag(given.tags, id);
    await context.make({
      kind: "routeTable",
      id,
      name,
      network: given.vpcId,
      routes: [],
      propagatedFrom: [],
    });
    return {
      id,
      outputs: { ...tagsAll(given.tags), arn: context.arn("route-table", id), ownerId: context.id },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("routeTable", id);
    return found === undefined ? undefined : { vpcId: found.network };
  },
  async update(id, given, _state, { context }) {
    await context.change("routeTable", id, (table) => ({ ...table, name: nameTag(given.tags, id) }));
    return tagsAll(given.tags);
  },
  remove: (id, _state, { context }) => context.unmake("routeTable", id),
});
