import { within } from "./address";
import type { World } from "./model";
import { found, refuse } from "./refuse";
import type {
  GatewayConnection,
  LocalNetworkGateway,
  VirtualNetworkGateway,
} from "./virtual-network-gateway";
import { objectsOf } from "./world";

/** Where its own addresses inside of tunnels are from. Microsoft Learn, "How to configure BGP on Azure VPN Gateways". */
const ownInside = ["169.254.21.0/24", "169.254.22.0/24"];

/** What Azure refuses of VPN gateways beside what is there; what is wrong with one field is the provider's to say. */
export function checkVirtualNetworkGateway(
  object: VirtualNetworkGateway | LocalNetworkGateway | GatewayConnection,
  world: World,
): void {
  switch (object.kind) {
    case "virtualNetworkGateway":
      return checkGateway(object, world);
    case "localNetworkGateway":
      // "VPN Gateway FAQ", What address does Azure VPN Gateway use for BGP peer IP: not the device's public one.
      if (object.inside === object.address)
        refuse("InvalidParameterValue", `${object.inside} is the gateway's own public address`);
      return;
    case "gatewayConnection":
      return checkConnection(object, world);
  }
}

function checkGateway({ id, subnet, instances }: VirtualNetworkGateway, world: World): void {
  const { network } = found(world, "subnet", subnet);
  if (found(world, "network", network).cloud !== "azure")
    refuse("NotInLab", "a VPN gateway with instances is Azure's alone");
  if (instances.length !== 2)
    refuse("InvalidParameterValue", "an active-active VPN gateway has two instances");
  const insides = instances.map(({ inside }) => inside);
  if (
    new Set(insides).size !== insides.length ||
    !insides.every((inside) => ownInside.some((net) => within(inside, net)))
  )
    refuse(
      "InvalidParameterValue",
      `${insides.join(" and ")} are no two addresses of ${ownInside.join(" or ")}`,
    );
  const addresses = instances.map(({ publicAddress }) => publicAddress);
  if (new Set(addresses).size !== addresses.length)
    refuse("InvalidParameterValue", `both instances have ${addresses[0] ?? ""}`);
  for (const address of addresses) {
    const { interface: user } = found(world, "publicAddress", address);
    if (user !== undefined) refuse("InvalidParameterValue", `${address} is ${user}'s`);
  }
  for (const other of objectsOf(world, "virtualNetworkGateway")) {
    if (other.id === id) continue;
    if (found(world, "subnet", other.subnet).network === network)
      refuse("InvalidParameterValue", `${network} has the VPN gateway ${other.id}`);
    const taken = other.instances.find(({ publicAddress }) => addresses.includes(publicAddress));
    if (taken !== undefined) refuse("InvalidParameterValue", `${taken.publicAddress} is ${other.id}'s`);
  }
}

function checkConnection({ id, gateway, peer }: GatewayConnection, world: World): void {
  const { asn, mostConnections } = found(world, "virtualNetworkGateway", gateway);
  const far = found(world, "localNetworkGateway", peer);
  if (far.asn === asn) refuse("InvalidParameterValue", `${String(asn)} is the VPN gateway's own ASN`);
  const others = objectsOf(world, "gatewayConnection").filter(
    (other) => other.id !== id && other.gateway === gateway,
  );
  if (others.length >= mostConnections)
    refuse("limitExceeded", `${gateway} has ${String(mostConnections)} connections`);
  for (const other of others) {
    const { address, inside } = found(world, "localNetworkGateway", other.peer);
    // What arrives is told apart by where it comes from, and a session by its other end.
    if (address === far.address) refuse("InvalidParameterValue", `${other.id} leads to ${address}`);
    if (inside === far.inside) refuse("InvalidParameterValue", `${other.id} has a peer ${inside}`);
  }
}
