import { LabError } from "../client/client";
import type { Host } from "../world/backend";
import type { World } from "../world/model";

/**
 * A host from an id, a name or a machine's host name. Ids win over names.
 * @throws LabError "NoSuchHost", "AmbiguousHost"
 */
export function findHost(world: World, wanted: string): Host {
  switch (wanted) {
    case "fabric":
    case "internet":
    case "management":
    case "stranger":
      return { kind: wanted };
  }
  const hosts = Object.values(world.objects).flatMap(
    (object): { host: Host & { id: string }; names: string[] }[] => {
      switch (object.kind) {
        case "machine":
          return [{ host: { kind: "machine", id: object.id }, names: [object.name, object.hostname] }];
        case "workload":
        case "network":
          return [{ host: { kind: object.kind, id: object.id }, names: [object.name] }];
        default:
          return [];
      }
    },
  );
  const exact = hosts.find(({ host }) => host.id === wanted);
  if (exact !== undefined) return exact.host;
  const named = hosts.filter(({ names }) => names.includes(wanted));
  // A network and a machine may share a name; programs run on the machine.
  const narrowed = named.length > 1 ? named.filter(({ host }) => host.kind !== "network") : named;
  const [first, ...others] = narrowed;
  if (first === undefined) throw new LabError("NoSuchHost", `the lab has no host "${wanted}"`);
  if (others.length > 0) {
    const ids = narrowed.map(({ host }) => host.id).join(", ");
    throw new LabError("AmbiguousHost", `"${wanted}" names several hosts: ${ids}; use the id`);
  }
  return first.host;
}
