import { createHash } from "node:crypto";
import { addressesOf, behind } from "../../../world/addresses";
import type { PublicAddress, World } from "../../../world/model";
import { networkOfInterface } from "../../../world/check";
import { objectOf, objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";

/** What EC2 changes of an address. */
export interface AddressStore {
  readonly world: World;
  /** Reads, changes and enters one address, with nothing in between. */
  changeAddress(id: string, step: (address: PublicAddress, world: World) => PublicAddress): Promise<void>;
}

/** @see AWS, "DescribeAddresses" (EC2 API Reference) */
export function describeAddresses(world: World, region: string, given: ReadonlyMap<string, string>): string {
  const asked = [...given].map(([key, value]) => {
    if (/^AllocationId\.\d+$/.test(key)) return value;
    throw new Refusal("NoStandIn", `${key} of DescribeAddresses has no stand-in`);
  });
  const here = objectsOf(world, "publicAddress").filter(({ cloudRegion }) => cloudRegion === region);
  const absent = asked.find((id) => !here.some((held) => held.id === id));
  if (absent !== undefined) throw noAddress(absent);
  const items = here
    .filter(({ id }) => asked.length === 0 || asked.includes(id))
    .map((held) => `<item>${shown(world, held)}</item>`);
  return `<addressesSet>${items.join("")}</addressesSet>`;
}

/**
 * In one step from wherever it was, unless `AllowReassociation` is false.
 * @see AWS, "AssociateAddress" (EC2 API Reference)
 * @returns what the answer holds
 */
export async function associateAddress(
  store: AddressStore,
  region: string,
  given: ReadonlyMap<string, string>,
): Promise<string> {
  const known = ["AllocationId", "NetworkInterfaceId", "PrivateIpAddress", "AllowReassociation"];
  for (const key of given.keys())
    if (!known.includes(key)) throw new Refusal("NoStandIn", `${key} of AssociateAddress has no stand-in`);
  const [id, card] = ["AllocationId", "NetworkInterfaceId"].map((key) => {
    const value = given.get(key);
    if (value === undefined)
      throw new Refusal("MissingParameter", `The request must contain the parameter ${key}`);
    return value;
  });
  if (id === undefined || card === undefined) return "";
  if (objectOf(store.world, "publicAddress", id) === undefined) throw noAddress(id);
  await store.changeAddress(id, (held, world) => {
    if (held.cloudRegion !== region) throw noAddress(id);
    const nic = objectOf(world, "interface", card);
    const network =
      nic === undefined ? undefined : objectOf(world, "network", networkOfInterface(world, card));
    if (nic === undefined || network?.cloudRegion !== region)
      throw new Refusal(
        "InvalidNetworkInterfaceID.NotFound",
        `The networkInterface ID '${card}' does not exist`,
      );
    const privateAddress = given.get("PrivateIpAddress") ?? nic.address;
    if (!addressesOf(nic).includes(privateAddress))
      throw new Refusal(
        "InvalidParameterValue",
        `${privateAddress} is not assigned to the network interface ${card}`,
      );
    if (
      held.interface !== undefined &&
      held.interface !== card &&
      given.get("AllowReassociation") === "false"
    )
      throw new Refusal("Resource.AlreadyAssociated", `resource ${id} is already associated`);
    return { ...held, interface: card, privateAddress };
  });
  const now = objectOf(store.world, "publicAddress", id);
  return `<return>true</return><associationId>${now === undefined ? "" : associationOf(now)}</associationId>`;
}

function shown(world: World, held: PublicAddress): string {
  const nic = held.interface === undefined ? undefined : objectOf(world, "interface", held.interface);
  const at =
    nic === undefined
      ? ""
      : `<associationId>${associationOf(held)}</associationId><networkInterfaceId>${nic.id}</networkInterfaceId><privateIpAddress>${behind(held, nic)}</privateIpAddress>`;
  return `<publicIp>${held.address}</publicIp><allocationId>${held.id}</allocationId><domain>vpc</domain>${at}`;
}

/** Another one with every move. */
function associationOf({ id, interface: card = "", privateAddress = "" }: PublicAddress): string {
  const hash = createHash("sha256").update(`${id} ${card} ${privateAddress}`).digest("hex");
  return `eipassoc-${hash.slice(0, 17)}`;
}

function noAddress(id: string): Refusal {
  return new Refusal("InvalidAllocationID.NotFound", `The allocation ID '${id}' does not exist`);
}
