import { z } from "zod";
import type { InternetGateway } from "../../../world/model";
import { networkOfInterface } from "../../../world/check";
import { objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";
import { type Account, newId } from "../context";
import { nameTag, tags, type Tags, tagsAll } from "../tags";
import { awsType } from "../type";

export const internetGateway = awsType({
  token: "aws:ec2/internetGateway:InternetGateway",
  inputs: { vpcId: z.string().optional(), tags },
  replacedBy: [],
  computed: ["arn", "ownerId", "tagsAll"],
  changing: ["tagsAll"],
  async create(given, call) {
    const id = newId("igw", call, given);
    const { context } = call;
    if (given.vpcId !== undefined) await context.get("network", given.vpcId);
    await context.make(objectFor(id, given));
    return {
      id,
      outputs: { ...tagsAll(given.tags), arn: context.arn("internet-gateway", id), ownerId: context.id },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("internetGateway", id);
    return found === undefined ? undefined : { vpcId: found.network };
  },
  async update(id, given, _state, { context }) {
    const before = await context.get("internetGateway", id);
    if (before.network !== given.vpcId) await requireUnmapped(context, before);
    await context.change("internetGateway", id, () => objectFor(id, given));
    return tagsAll(given.tags);
  },
  async remove(id, _state, { context }) {
    const found = await context.find("internetGateway", id);
    if (found !== undefined) await requireUnmapped(context, found);
    await context.unmake("internetGateway", id);
  },
});

function objectFor(
  id: string,
  { vpcId, tags }: { readonly vpcId?: string | undefined; readonly tags?: Tags },
): InternetGateway {
  const name = nameTag(tags, id);
  return { kind: "internetGateway", id, name, ...(vpcId === undefined ? {} : { network: vpcId }) };
}

/** EC2 does not detach a gateway while its VPC has mapped public addresses (API reference, DetachInternetGateway). */
async function requireUnmapped(context: Account, { network }: InternetGateway): Promise<void> {
  if (network === undefined) return;
  const world = await context.world();
  const mapped = objectsOf(world, "publicAddress").some(
    (address) => address.interface !== undefined && networkOfInterface(world, address.interface) === network,
  );
  if (mapped)
    throw new Refusal(
      "DependencyViolation",
      `Network ${network} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
    );
}
