import { createHash } from "node:crypto";

/**
 * Google names a resource by a path, `projects/P/global/networks/N`, and everybody may write it as an URL, too. In the lab's
 * world an object's id is of one word, since namespaces are called so: its kind and its name.
 */
export function lastOf(link: string): string {
  return link.slice(link.lastIndexOf("/") + 1);
}

/** The region or zone in a path; undefined where it is global. */
export function placeOf(link: string): string | undefined {
  return /\/(?:regions|zones|locations)\/([^/]+)\//.exec(`/${link}`)?.[1];
}

/** A network's id in the world. */
export function worldNetwork(link: string): string {
  return `vpc.${lastOf(link)}`;
}

/** A regional resource's id in the world; names are unique in their region. */
export function worldId(kind: string, region: string, link: string): string {
  return `${kind}.${region}.${lastOf(link)}`;
}

/** A Cloud Router's interface in the world: unique in its router. FRR's daemons have sockets by it: no dots, and short. */
export function interfaceId(region: string, router: string, interfaceName: string): string {
  const path = `${region}/${lastOf(router)}/${interfaceName}`;
  return `interface-${createHash("sha256").update(path).digest("hex").slice(0, 12)}`;
}
