import { isCidr, overlap, prefixOf, within } from "./address";
import { type CustomerGateway, labInternet, type VpnConnection, type VpnTunnel, type World } from "./model";
import { found, refuse } from "./refuse";

/** AWS, "AWS Site-to-Site VPN quotas": a fresh account's in one Region. */
const most = { customerGateways: 50, connections: 50 };

/** AWS, "Tunnel options for your AWS Site-to-Site VPN connection": inside networks that it reserves. */
const reserved = [
  ...["169.254.0.0/30", "169.254.1.0/30", "169.254.2.0/30", "169.254.3.0/30", "169.254.4.0/30"],
  ...["169.254.5.0/30", "169.254.169.252/30"],
];

/** What AWS refuses of a customer gateway and of a VPN connection; what is wrong with one field is the provider's to say. */
export function checkVpn(object: CustomerGateway | VpnConnection, world: World): void {
  if (object.kind === "customerGateway") checkCustomerGateway(object, world);
  else checkConnection(object, world);
}

function checkCustomerGateway(
  { id, cloudRegion, address, asn, device }: CustomerGateway,
  world: World,
): void {
  if (asn < 1 || asn > 4294967295) refuse("InvalidParameterValue", `${String(asn)} is no ASN`);
  const others = Object.values(world.objects).filter(
    (other): other is CustomerGateway =>
      other.kind === "customerGateway" && other.id !== id && other.cloudRegion === cloudRegion,
  );
  if (others.length >= most.customerGateways)
    refuse("CustomerGatewayLimitExceeded", `${cloudRegion} has ${String(others.length)} customer gateways`);
  // EC2 API reference, "CreateCustomerGateway": the answer is the one that is there.
  const same = others.find(
    (other) => other.address === address && other.asn === asn && other.device === device,
  );
  if (same !== undefined)
    refuse("NotInLab", `a second customer gateway like ${same.id} is not in the lab: give it a device name`);
}

function checkConnection(
  { id, transitGateway, customerGateway, tunnels }: VpnConnection,
  world: World,
): void {
  const gateway = found(world, "transitGateway", transitGateway);
  const router = found(world, "customerGateway", customerGateway);
  if (router.cloudRegion !== gateway.cloudRegion)
    refuse("InvalidCustomerGatewayID.NotFound", `${customerGateway} is in ${router.cloudRegion}`);
  // iBGP, whose routes it does not take; nobody needs that here.
  if (router.asn === gateway.asn)
    refuse("NotInLab", "a customer gateway with the transit gateway's own ASN is not in the lab");
  const others = Object.values(world.objects).filter(
    (other): other is VpnConnection =>
      other.kind === "vpnConnection" &&
      other.id !== id &&
      found(world, "transitGateway", other.transitGateway).cloudRegion === gateway.cloudRegion,
  );
  if (others.length >= most.connections)
    refuse(
      "VpnConnectionLimitExceeded",
      `${gateway.cloudRegion} has ${String(others.length)} VPN connections`,
    );
  if (tunnels.length !== 2) refuse("InvalidParameterValue", "a VPN connection has two tunnels");
  const beside = others
    .filter((other) => other.transitGateway === transitGateway)
    .flatMap((other) => other.tunnels);
  for (const [index, tunnel] of tunnels.entries())
    checkTunnel(tunnel, [...beside, ...tunnels.slice(0, index)]);
}

function checkTunnel({ address, inside }: VpnTunnel, others: readonly VpnTunnel[]): void {
  if (!within(address, labInternet.publicPool))
    refuse("InvalidParameterValue", `${address} is no address of the cloud's`);
  if (!isCidr(inside) || prefixOf(inside) !== 30 || !within(inside, "169.254.0.0/16"))
    refuse("InvalidParameterValue", `"${inside}" is no /30 of 169.254.0.0/16`);
  if (reserved.some((block) => overlap(block, inside)))
    refuse("InvalidParameterValue", `${inside} is reserved`);
  for (const other of others)
    if (overlap(other.inside, inside))
      refuse("InvalidParameterValue", `${inside} is in use by another tunnel of the same transit gateway`);
}
