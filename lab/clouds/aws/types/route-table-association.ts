import { z } from "zod";
import { Refusal } from "../../provider/refusal";
import { newId } from "../context";
import { awsType } from "../type";
import { without } from "../without";

export const routeTableAssociation = awsType({
  token: "aws:ec2/routeTableAssociation:RouteTableAssociation",
  inputs: { subnetId: z.string(), routeTableId: z.string() },
  replacedBy: ["subnetId"],
  computed: [],
  async create(given, call) {
    const { subnetId, routeTableId } = given;
    await call.context.change("subnet", subnetId, (subnet) => {
      if (subnet.routeTable !== undefined && subnet.routeTable !== routeTableId)
        throw new Refusal(
          "Resource.AlreadyAssociated",
          `the specified association for route table ${subnet.routeTable} conflicts with an existing association`,
        );
      return { ...subnet, routeTable: routeTableId };
    });
    return { id: newId("rtbassoc", call, given), outputs: {} };
  },
  async read(_id, state, { context }) {
    const found = await context.find("subnet", stateSchema.parse(state).subnetId);
    return found?.routeTable === undefined ? undefined : { routeTableId: found.routeTable };
  },
  async update(_id, given, _state, { context }) {
    await context.change("subnet", given.subnetId, (subnet) => ({
      ...subnet,
      routeTable: given.routeTableId,
    }));
    return {};
  },
  remove(_id, state, { context }) {
    const { subnetId, routeTableId } = stateSchema.parse(state);
    return context.changeIfThere("subnet", subnetId, (subnet) =>
      // A replacement may have associated another table meanwhile.
      subnet.routeTable === routeTableId ? without(subnet, "routeTable") : subnet,
    );
  },
});

const stateSchema = z.object({ subnetId: z.string(), routeTableId: z.string() });
