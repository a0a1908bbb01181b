import type { Interface, PublicAddress } from "./model";

/** Every private IPv4 address of an interface, the first one first. */
export function addressesOf({ address, secondaryAddresses = [] }: Interface): readonly string[] {
  return [address, ...secondaryAddresses];
}

/** And its IPv6 one, where it has one. */
export function allAddressesOf(nic: Interface): readonly string[] {
  return nic.ipv6 === undefined ? addressesOf(nic) : [...addressesOf(nic), nic.ipv6];
}

/** The private address that a public one stands for, of the interface that it is at. */
export function behind({ privateAddress }: PublicAddress, { address }: Interface): string {
  return privateAddress ?? address;
}
