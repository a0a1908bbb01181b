import { overlap, within } from "./address";
import {
  type GatewayTunnel,
  labInternet,
  type PeerVpnGateway,
  type TunnelEndpoint,
  type TunnelPeer,
  type VpnGateway,
  type World,
} from "./model";
import { found, refuse } from "./refuse";
import { objectsOf } from "./world";

/** Google Cloud, "Cloud Router quotas and limits": BGP peers for each Cloud Router. */
const peersPerRouter = 128;

/** What Google refuses of HA VPN beside what is there; what is wrong with one field is the provider's to say. */
export function checkVpnGateway(
  object: VpnGateway | PeerVpnGateway | GatewayTunnel | TunnelEndpoint | TunnelPeer,
  world: World,
): void {
  switch (object.kind) {
    case "vpnGateway":
      return checkGateway(object, world);
    case "peerVpnGateway":
      // SDK, `compute.ExternalVpnGateway`, `redundancyType`: one address, two or four.
      if (![1, 2, 4].includes(object.addresses.length))
        refuse("InvalidParameterValue", "an external VPN gateway has one, two or four interfaces");
      return;
    case "gatewayTunnel":
      return checkTunnel(object, world);
    case "tunnelEndpoint":
      return checkEndpoint(object, world);
    case "tunnelPeer":
      return checkPeer(object, world);
  }
}

function checkGateway({ network, addresses }: VpnGateway, world: World): void {
  if (found(world, "network", network).cloud !== "gcp")
    refuse("NotInLab", "a VPN gateway with interfaces is Google's alone");
  if (addresses.length !== 2) refuse("InvalidParameterValue", "an HA VPN gateway has two interfaces");
  for (const address of addresses)
    if (!within(address, labInternet.publicPool))
      refuse("InvalidParameterValue", `${address} is no address of the cloud's`);
}

function checkTunnel(tunnel: GatewayTunnel, world: World): void {
  const { id, vpnGateway, interface: number, peer, peerInterface, routeService } = tunnel;
  const gateway = found(world, "vpnGateway", vpnGateway);
  if (gateway.addresses[number] === undefined)
    refuse("InvalidParameterValue", `${vpnGateway} has no interface ${String(number)}`);
  const address = found(world, "peerVpnGateway", peer).addresses[peerInterface];
  if (address === undefined)
    refuse("InvalidParameterValue", `${peer} has no interface ${String(peerInterface)}`);
  if (found(world, "routeService", routeService).network !== gateway.network)
    refuse("InvalidParameterValue", `${routeService} is of another network than ${vpnGateway}`);
  for (const other of objectsOf(world, "gatewayTunnel")) {
    if (other.id === id || other.vpnGateway !== vpnGateway) continue;
    if (other.routeService !== routeService)
      refuse("NotInLab", `tunnels of ${vpnGateway} with several Cloud Routers are not in the lab`);
    // What arrives there is told apart by where it comes from alone.
    if (
      other.interface === number &&
      found(world, "peerVpnGateway", other.peer).addresses[other.peerInterface] === address
    )
      refuse("InvalidParameterValue", `${other.id} leads from interface ${String(number)} to ${address}`);
  }
}

function checkEndpoint({ id, routeService, tunnel, inside }: TunnelEndpoint, world: World): void {
  if (found(world, "gatewayTunnel", tunnel).routeService !== routeService)
    refuse("InvalidParameterValue", `${tunnel} is not of ${routeService}`);
  const { network } = found(world, "routeService", routeService);
  for (const other of objectsOf(world, "tunnelEndpoint")) {
    if (other.id === id) continue;
    if (other.tunnel === tunnel) refuse("InvalidParameterValue", `${tunnel} has the interface ${other.id}`);
    if (found(world, "routeService", other.routeService).network === network && overlap(other.inside, inside))
      refuse("InvalidParameterValue", `${inside} overlaps ${other.inside} of ${other.id}`);
  }
  if (objectsOf(world, "routeServiceEndpoint").some((other) => other.routeService === routeService))
    refuse("NotInLab", "a Cloud Router of tunnels and of router appliances is not in the lab");
}

function checkPeer({ id, endpoint, address, asn }: TunnelPeer, world: World): void {
  const { routeService, inside } = found(world, "tunnelEndpoint", endpoint);
  if (!within(address, inside) || inside.startsWith(`${address}/`))
    refuse("InvalidParameterValue", `${address} is no other address of ${inside}`);
  if (asn === found(world, "routeService", routeService).asn)
    refuse("InvalidParameterValue", `${String(asn)} is the Cloud Router's own ASN`);
  const others = objectsOf(world, "tunnelPeer").filter((other) => other.id !== id);
  if (others.some((other) => other.endpoint === endpoint))
    refuse("InvalidParameterValue", `${endpoint} has a peer already`);
  const same = others.filter(
    (other) => found(world, "tunnelEndpoint", other.endpoint).routeService === routeService,
  );
  if (same.length >= peersPerRouter)
    refuse("limitExceeded", `${routeService} has ${String(peersPerRouter)} peers`);
}
