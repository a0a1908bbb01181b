import { createHash } from "node:crypto";

/** Namespaces are named by the cloud's own ids, so that a person finds them; devices have 15 characters, so a hash. */
export const internet = "internet";
export const management = "management";
export const stranger = "stranger";

/** A network's side of the link to an interface, workload or endpoint. */
export function linkDevice(id: string): string {
  return `e${digest(id).slice(0, 12)}`;
}

/** The internet's side of the link to a network. */
export function uplinkDevice(network: string): string {
  return `g${digest(network).slice(0, 12)}`;
}

/** Namespace of a machine's interface: what the cloud does to its packets. */
export function interfaceNamespace(nic: string): string {
  return `nic-${nic}`;
}

/** Kernel's routing table of a cloud's route table. */
export function tableNumber(routeTable: string): number {
  return 1000 + (parseInt(digest(routeTable).slice(0, 7), 16) % 1_000_000);
}

/**
 * Both ends of every link carry the same two addresses: nobody routes to them, they only answer ARP. Towards the
 * internet two others, since a network has both kinds of links.
 */
export const link = {
  inner: { network: "169.254.1.2", host: "169.254.1.1" },
  outer: { internet: "169.254.2.2", network: "169.254.2.1" },
} as const;

/** The same of IPv6, where a link carries it: link-local, so that neighbours find each other without any other address. */
export const link6 = {
  ...{ network: "fe80::2", host: "fe80::1", router: "fe80::3" },
  outer: { internet: "fe80::12", network: "fe80::11" },
} as const;

/** The network's link to the internet. */
export const uplink = "igw";

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
