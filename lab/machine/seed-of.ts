import { LabError } from "../client/client";
import type { Machine, World } from "../world/model";
import type { MachineSeed } from "./seed";

/** Inside a network and towards the internet alike: what every path of the lab carries. */
const mtu = 1500;

/** What the world says that a cloud would tell the machine by DHCP and metadata. */
export function seedOf(machine: Machine, world: World): MachineSeed {
  const nic = world.objects[machine.interface];
  const subnet = nic?.kind === "interface" ? world.objects[nic.subnet] : undefined;
  if (nic?.kind !== "interface" || subnet?.kind !== "subnet")
    throw new LabError("WorldFault", `${machine.id}: its interface ${machine.interface} has no subnet`);
  const [base = "", prefix = ""] = subnet.cidr.split("/");
  return {
    hostname: machine.hostname,
    address: `${nic.address}/${prefix}`,
    router: firstHost(base),
    mac: nic.mac,
    mtu,
    userData: machine.userData,
  };
}

/** The router is the subnet's first address, as on AWS ("Subnet sizing": .1, reserved for the VPC router). */
function firstHost(base: string): string {
  const octets = base.split(".").map(Number);
  const last = octets.length - 1;
  return octets.map((octet, index) => (index === last ? octet + 1 : octet)).join(".");
}
