import { createHash } from "node:crypto";
import { z } from "zod";
import { LabError } from "../../client/client";
import { addressIn6, isCidr, isCidr6, overlap, usableAddresses, within } from "../../world/address";
import { addressesOf } from "../../world/addresses";
import { labInternet, type World } from "../../world/model";
import { objectOf, objectsOf } from "../../world/world";

export const cidr = z.string().refine(isCidr, "must be an IPv4 block in canonical form, such as 10.0.0.0/16");
export const cidr6 = z
  .string()
  .refine(isCidr6, "must be an IPv6 block in canonical form, such as fd8a:1b2c:3d00::/56");
export const address = z.ipv4();

/**
 * Takes a free address of a subnet and gives it to `use`; another provider may take the same one meanwhile, then the
 * next is tried. AWS picks any; here the lowest, so that a lab looks the same each time.
 */
export async function withFreeAddress(
  world: () => Promise<World>,
  subnet: string,
  use: (address: string) => Promise<void>,
): Promise<string> {
  for (;;) {
    const free = freeAddress(await world(), subnet);
    try {
      await use(free);
      return free;
    } catch (error) {
      if (!(error instanceof LabError) || error.code !== "InvalidIPAddress.InUse") throw error;
    }
  }
}

function freeAddress(world: World, subnet: string): string {
  const block = objectOf(world, "subnet", subnet)?.cidr;
  if (block === undefined)
    throw new LabError("InvalidSubnetID.NotFound", `The subnet ID '${subnet}' does not exist`);
  const taken = new Set(
    Object.values(world.objects).flatMap((object) =>
      object.kind === "interface" && object.subnet === subnet
        ? addressesOf(object)
        : object.kind === "routeServiceEndpoint" && object.subnet === subnet
          ? [object.address]
          : [],
    ),
  );
  for (const candidate of usableAddresses(block)) if (!taken.has(candidate)) return candidate;
  throw new LabError("InsufficientFreeAddressesInSubnet", `${subnet} has no free address left in ${block}`);
}

/** The lowest free IPv6 address of a subnet; undefined where it has no IPv6. */
export function freeAddress6(world: World, subnet: string): string | undefined {
  const block = objectOf(world, "subnet", subnet)?.ipv6;
  if (block === undefined) return undefined;
  const taken = new Set(
    Object.values(world.objects).flatMap((object) => (object.kind === "interface" ? [object.ipv6] : [])),
  );
  for (let index = 4; ; index += 1) {
    const candidate = addressIn6(block, index);
    if (!taken.has(candidate)) return candidate;
  }
}

/**
 * A /56 of Amazon's pool that no network has. Amazon picks any; here it follows from the network's id, so that nobody knows
 * it before and a lab looks the same each time.
 */
export function freeBlock6(world: World, network: string): string {
  const taken = [
    labInternet.own6,
    ...objectsOf(world, "network").flatMap(({ ipv6 }) => (ipv6 === undefined ? [] : [ipv6])),
  ];
  for (let attempt = 0; ; attempt += 1) {
    const digest = createHash("sha256")
      .update(`${network} ${String(attempt)}`)
      .digest("hex");
    const [base] = labInternet.amazonPool6.split("::");
    const words = [digest.slice(0, 4), `${digest.slice(4, 6)}00`].map((word) =>
      parseInt(word, 16).toString(16),
    );
    const block = `${base ?? ""}:${words.join(":")}::/56`;
    if (isCidr6(block) && !taken.some((other) => overlap(other, block))) return block;
  }
}

/** Whether Amazon chose a block. */
export function isAmazons(block: string | undefined): boolean {
  return block !== undefined && within(block, labInternet.amazonPool6);
}
