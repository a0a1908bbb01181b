/**
 * Azure names a resource by a path, `/subscriptions/S/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/N`, in which
 * upper and lower case are the same. In the lab's world an object's id is of one word, since namespaces are called so: what it
 * is, its group, and its names.
 * @see Microsoft Learn, "Azure Resource Manager overview"; "Naming rules and restrictions for Azure resources"
 */
export interface Place {
  readonly group: string;
  /** Of the resource and, before it, of those that it is part of. */
  readonly names: readonly string[];
}

/** What an id says; undefined: it is none of a resource in a group. */
export function placeOf(id: string): Place | undefined {
  const [, group, rest] =
    /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)\/providers\/[^/]+\/(.+)$/i.exec(id) ?? [];
  if (group === undefined || rest === undefined) return undefined;
  return { group, names: rest.split("/").filter((_, index) => index % 2 === 1) };
}

const kinds = {
  network: "vnet",
  subnet: "subnet",
  firewall: "nsg",
  interface: "card",
  publicAddress: "ip",
  routeService: "hub",
  virtualNetworkGateway: "vpn",
  localNetworkGateway: "peer-vpn",
  gatewayConnection: "connection",
} as const;
export type NamedKind = keyof typeof kinds;

/** Its id in the world. */
export function worldId(kind: NamedKind, { group, names }: Place): string {
  return [kinds[kind], group, ...names].join(".").toLowerCase();
}

/** The way back, in lower case. Of names with a dot the parts cannot be told. */
export function placeIn(worldId: string): Place {
  const [, group = "", ...names] = worldId.split(".");
  return { group, names };
}

export function groupId(group: string): string {
  return `group.${group.toLowerCase()}`;
}

/** The group that an object of the world is in, by its id; undefined: it is of another cloud. */
export function groupOf(id: string): string | undefined {
  const [kind = "", group] = id.split(".");
  return Object.values<string>(kinds).includes(kind) ? group : undefined;
}
