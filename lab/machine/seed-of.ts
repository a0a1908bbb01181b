import { LabError } from "../client/client";
import type { Machine, World } from "../world/model";
import { pathMtu, routerOf } from "../world/reserved";
import type { MachineSeed } from "./seed";

/** What the world says that a cloud would tell the machine by DHCP and metadata. */
export function seedOf(machine: Machine, world: World): MachineSeed {
  const nic = world.objects[machine.interface];
  const subnet = nic?.kind === "interface" ? world.objects[nic.subnet] : undefined;
  if (nic?.kind !== "interface" || subnet?.kind !== "subnet")
    throw new LabError("WorldFault", `${machine.id}: its interface ${machine.interface} has no subnet`);
  const [, prefix = ""] = subnet.cidr.split("/");
  return {
    hostname: machine.hostname,
    address: `${nic.address}/${prefix}`,
    router: routerOf(subnet),
    mac: nic.mac,
    mtu: pathMtu,
    userData: machine.userData,
  };
}
