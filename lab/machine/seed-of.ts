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
  const network = world.objects[subnet.network];
  const [, prefix = ""] = subnet.cidr.split("/");
  const google = network?.kind === "network" && network.cloud === "gcp";
  return {
    hostname: machine.hostname,
    // Google Cloud, "Create router appliance instances": an instance's DHCP gives it a /32 and a route to the router.
    address: `${nic.address}/${google ? "32" : prefix}`,
    router: routerOf(subnet),
    mac: nic.mac,
    mtu: (network?.kind === "network" ? network.mtu : undefined) ?? pathMtu,
    userData: machine.userData,
  };
}
