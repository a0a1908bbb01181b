import { z } from "zod";
import type { PublicAddress } from "../../../world/model";
import { Refusal } from "../../provider/refusal";
import { newId } from "../context";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";

export const eip = awsType({
  token: "aws:ec2/eip:Eip",
  // Associations are `ec2.EipAssociation`s.
  inputs: { domain: z.literal("vpc").default("vpc"), tags },
  replacedBy: ["domain"],
  computed: [
    ...["allocationId", "arn", "networkBorderGroup", "publicDns", "publicIp", "publicIpv4Pool", "tagsAll"],
  ],
  changing: ["tagsAll"],
  async create(given, call) {
    const { context } = call;
    const id = newId("eipalloc", call, given);
    const before = await context.find("publicAddress", id);
    const address = before?.address ?? (await (await context.lab()).allocateAddress());
    const name = nameTag(given.tags, id);
    const object: PublicAddress = before ?? {
      kind: "publicAddress",
      id,
      name,
      address,
      cloudRegion: context.region,
    };
    await context.make(object);
    return {
      id,
      outputs: {
        ...given,
        ...tagsAll(given.tags),
        allocationId: id,
        arn: context.arn("elastic-ip", id),
        networkBorderGroup: context.region,
        publicIp: address,
        publicDns: `ec2-${address.replaceAll(".", "-")}.${context.region}.compute.amazonaws.com`,
        publicIpv4Pool: "amazon",
      },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("publicAddress", id);
    return found === undefined ? undefined : { publicIp: found.address };
  },
  async update(id, given, _state, { context }) {
    await context.change("publicAddress", id, (object) => ({ ...object, name: nameTag(given.tags, id) }));
    return { ...given, ...tagsAll(given.tags) };
  },
  async remove(id, _state, { context }) {
    const found = await context.find("publicAddress", id);
    // AWS, "ReleaseAddress": what is in use is not released.
    if (found?.interface !== undefined)
      throw new Refusal("InvalidIPAddress.InUse", `The address ${found.address} is in use`);
    await context.unmake("publicAddress", id);
  },
});
