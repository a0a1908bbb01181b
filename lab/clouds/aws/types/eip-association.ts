import { z } from "zod";
import { Refusal } from "../../provider/refusal";
import { newId } from "../context";
import { awsType } from "../type";
import { without } from "../without";

export const eipAssociation = awsType({
  token: "aws:ec2/eipAssociation:EipAssociation",
  inputs: {
    allocationId: z.string(),
    networkInterfaceId: z.string(),
    allowReassociation: z.boolean().optional(),
  },
  replacedBy: "all",
  computed: ["privateIpAddress", "publicIp"],
  async create(given, call) {
    const { context } = call;
    const { allocationId, networkInterfaceId, allowReassociation = true } = given;
    const card = await context.get("interface", networkInterfaceId);
    await context.change("publicAddress", allocationId, (object) => {
      const taken = object.interface !== undefined && object.interface !== networkInterfaceId;
      if (taken && !allowReassociation)
        throw new Refusal("Resource.AlreadyAssociated", `resource ${allocationId} is already associated`);
      // Of the interface's addresses the first.
      return { ...without(object, "privateAddress"), interface: networkInterfaceId };
    });
    const { address: publicIp } = await context.get("publicAddress", allocationId);
    return { id: newId("eipassoc", call, given), outputs: { privateIpAddress: card.address, publicIp } };
  },
  async read(_id, state, { context }) {
    const { allocationId } = stateSchema.parse(state);
    const found = await context.find("publicAddress", allocationId);
    return found?.interface === undefined ? undefined : { networkInterfaceId: found.interface };
  },
  remove(_id, state, { context }) {
    const { allocationId, networkInterfaceId } = stateSchema.parse(state);
    return context.changeIfThere("publicAddress", allocationId, (object) =>
      // A replacement may have moved the address meanwhile.
      object.interface === networkInterfaceId ? without(object, "interface") : object,
    );
  },
});

const stateSchema = z.object({ allocationId: z.string(), networkInterfaceId: z.string() });
