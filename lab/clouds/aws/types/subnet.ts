import { z } from "zod";
import { cidr } from "../address";
import { newId } from "../context";
import { zonesOf } from "../regions";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";

export const subnet = awsType({
  token: "aws:ec2/subnet:Subnet",
  inputs: {
    vpcId: z.string(),
    cidrBlock: cidr,
    availabilityZone: z.string(),
    mapPublicIpOnLaunch: z
      .literal(false, "public addresses at launch have no stand-in: use an Eip")
      .default(false),
    tags,
  },
  replacedBy: ["vpcId", "cidrBlock", "availabilityZone"],
  computed: ["arn", "availabilityZoneId", "ownerId", "tagsAll"],
  changing: ["tagsAll"],
  check({ availabilityZone }, account) {
    const zones = account === undefined ? undefined : zonesOf(account.region);
    if (zones === undefined || zones.includes(availabilityZone)) return [];
    const reason = `Value (${availabilityZone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones.join(", ")}`;
    return [{ property: "availabilityZone", reason }];
  },
  async create(given, call) {
    const id = newId("subnet", call, given);
    const { context } = call;
    const { vpcId: network, availabilityZone: zone, cidrBlock } = given;
    await context.get("network", network);
    await context.make({ kind: "subnet", id, name: nameTag(given.tags, id), network, zone, cidr: cidrBlock });
    return {
      id,
      outputs: {
        ...given,
        ...tagsAll(given.tags),
        arn: context.arn("subnet", id),
        availabilityZoneId: zone.replace(/^([a-z]+)-([a-z])[a-z]*-(\d)([a-z])$/, "$1$2$3-az$4"),
        ownerId: context.id,
      },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("subnet", id);
    if (found === undefined) return undefined;
    return { vpcId: found.network, cidrBlock: found.cidr, availabilityZone: found.zone };
  },
  async update(id, given, _state, { context }) {
    await context.change("subnet", id, (object) => ({ ...object, name: nameTag(given.tags, id) }));
    return { ...given, ...tagsAll(given.tags) };
  },
  remove: (id, _state, { context }) => context.unmake("subnet", id),
});
