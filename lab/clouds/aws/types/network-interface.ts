import { createHash } from "node:crypto";
import { z } from "zod";
import { Refusal } from "../../provider/refusal";
import { address, freeAddress6, withFreeAddress } from "../address";
import { addressesOf } from "../../../world/addresses";
import { objectsOf } from "../../../world/world";
import { type Account, newId } from "../context";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";
import { without } from "../without";

export const networkInterface = awsType({
  token: "aws:ec2/networkInterface:NetworkInterface",
  inputs: {
    subnetId: z.string(),
    privateIps: z.array(address).length(1, "the lab has a stand-in for one private address").optional(),
    // Addresses beside the first, which AWS picks.
    privateIpsCount: z
      .int()
      .min(0)
      .max(1, "the lab has a stand-in for one address beside the first")
      .optional(),
    // Who says no number keeps what there is (terraform-provider-aws, `ResourceNetworkInterface`: optional and computed).
    ipv6AddressCount: z.int().min(0).max(1, "the lab has a stand-in for one IPv6 address").optional(),
    // The VPC's default group has no stand-in, so at least one must be named.
    securityGroups: z.array(z.string()).min(1).max(5),
    sourceDestCheck: z.boolean().default(true),
    description: z.string().max(255).default("Managed by Pulumi"),
    tags,
  },
  replacedBy: ["subnetId", "privateIps"],
  computed: [
    ...["arn", "interfaceType", "ipv6Addresses", "macAddress", "ownerId", "privateDnsName", "privateIp"],
    "tagsAll",
  ],
  changing: ["ipv6Addresses", "tagsAll"],
  async create(given, call) {
    const { context } = call;
    const id = newId("eni", call, given);
    const mac = macOf(id);
    const taken = await context.find("interface", id);
    const put = async (chosen: string) =>
      context.make({
        kind: "interface",
        id,
        name: nameTag(given.tags, id),
        subnet: given.subnetId,
        address: chosen,
        ...ipv6Of(await ipv6For(given, taken?.ipv6, context)),
        firewalls: given.securityGroups,
        sourceDestinationCheck: given.sourceDestCheck,
        mac,
      });
    const asked = given.privateIps?.[0] ?? taken?.address;
    // One after the other within a subnet: two cards at once would find the same address free.
    const privateIp = await context.inTurn(given.subnetId, async () => {
      if (asked === undefined) return withFreeAddress(() => context.world(), given.subnetId, put);
      await put(asked);
      return asked;
    });
    const second = given.privateIpsCount === 1 ? [await withSecond(id, context)] : [];
    return {
      id,
      outputs: {
        ...given,
        ...tagsAll(given.tags),
        arn: context.arn("network-interface", id),
        interfaceType: "interface",
        macAddress: mac,
        ownerId: context.id,
        privateIp,
        privateIps: [...second, privateIp].sort(),
        ipv6Addresses: ipv6AddressesOf(await context.get("interface", id)),
        privateDnsName: `ip-${privateIp.replaceAll(".", "-")}.${context.region}.compute.internal`,
      },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("interface", id);
    if (found === undefined) return undefined;
    return {
      subnetId: found.subnet,
      privateIp: found.address,
      privateIps: [...addressesOf(found)].sort(),
      ...(found.secondaryAddresses === undefined ? {} : { privateIpsCount: found.secondaryAddresses.length }),
      ipv6Addresses: ipv6AddressesOf(found),
      ipv6AddressCount: ipv6AddressesOf(found).length,
      securityGroups: [...found.firewalls],
      sourceDestCheck: found.sourceDestinationCheck,
    };
  },
  async update(id, given, state, { context }) {
    const now = await context.inTurn(given.subnetId, async () => {
      const { ipv6 } = await context.get("interface", id);
      return ipv6For(given, ipv6, context);
    });
    await context.change("interface", id, (card) => ({
      ...without(card, "ipv6"),
      ...ipv6Of(now),
      name: nameTag(given.tags, id),
      firewalls: given.securityGroups,
      sourceDestinationCheck: given.sourceDestCheck,
    }));
    const { privateIp } = z.object({ privateIp: z.string() }).parse(state);
    if (given.privateIpsCount !== 1)
      await context.change("interface", id, (card) => without(card, "secondaryAddresses"));
    const second = given.privateIpsCount === 1 ? [await withSecond(id, context)] : [];
    return {
      ...given,
      ...tagsAll(given.tags),
      privateIps: [...second, privateIp].sort(),
      ipv6Addresses: now === undefined ? [] : [now],
    };
  },
  async remove(id, _state, { context }) {
    // AWS, "Elastic network interfaces": deleting one lets its private and Elastic IP addresses go.
    for (const held of objectsOf(await context.world(), "publicAddress"))
      if (held.interface === id && held.privateAddress !== undefined)
        await context.changeIfThere("publicAddress", held.id, (object) =>
          without(without(object, "interface"), "privateAddress"),
        );
    await context.unmake("interface", id);
  },
});

/** The address beside the first: the one that it has, or a free one of its subnet. */
async function withSecond(id: string, context: Account): Promise<string> {
  const card = await context.get("interface", id);
  const [has] = card.secondaryAddresses ?? [];
  if (has !== undefined) return has;
  return context.inTurn(card.subnet, () =>
    withFreeAddress(
      () => context.world(),
      card.subnet,
      (chosen) => context.change("interface", id, (now) => ({ ...now, secondaryAddresses: [chosen] })),
    ),
  );
}

/** The address that the card has, or gets; none where none is asked for. */
async function ipv6For(
  {
    subnetId,
    ipv6AddressCount,
  }: { readonly subnetId: string; readonly ipv6AddressCount?: number | undefined },
  held: string | undefined,
  context: Account,
): Promise<string | undefined> {
  if (ipv6AddressCount === 0) return undefined;
  if (ipv6AddressCount === undefined) return held;
  const found = held ?? freeAddress6(await context.world(), subnetId);
  if (found === undefined)
    throw new Refusal("InvalidSubnet.Range", `The subnet '${subnetId}' has no IPv6 CIDR block`);
  return found;
}

function ipv6Of(address: string | undefined): { readonly ipv6?: string } {
  return address === undefined ? {} : { ipv6: address };
}

function ipv6AddressesOf({ ipv6 }: { readonly ipv6?: string }): string[] {
  return ipv6 === undefined ? [] : [ipv6];
}

/** Locally administered, unicast (IEEE 802): 02, then five bytes of the id's hash. */
function macOf(id: string): string {
  const bytes = createHash("sha256").update(id).digest().subarray(0, 5);
  return ["02", ...[...bytes].map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}
