import type { Interface, PublicAddress } from "./model";

/** Every private address of an interface, the first one first. */
export function addressesOf({ address, secondaryAddresses = [] }: Interface): readonly string[] {
  return [address, ...secondaryAddresses];
}

/** The private address that a public one stands for, of the interface that it is at. */
export function behind({ privateAddress }: PublicAddress, { address }: Interface): string {
  return privateAddress ?? address;
}
