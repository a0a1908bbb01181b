import { isCidr, overlap, prefixOf, within } from "./address";
import type {
  TransitAttachment,
  TransitConnect,
  TransitConnectPeer,
  TransitGateway,
  World,
  WorldObject,
} from "./model";
import { found, refuse } from "./refuse";

/** AWS, "AWS Transit Gateway quotas"; EC2 API reference, "TransitGatewayRequestOptions". */
const most = { cidrs: 5, peersPerConnect: 4, gatewaysPerNetwork: 5 };

/** AWS, "Connect attachments and Connect peers in AWS Transit Gateway": reserved by the system. */
const reserved = [
  ...["169.254.0.0/29", "169.254.1.0/29", "169.254.2.0/29", "169.254.3.0/29", "169.254.4.0/29"],
  ...["169.254.5.0/29", "169.254.169.248/29"],
];

/** What AWS refuses of a transit gateway and of what joins it. */
export function checkTransit(
  object: TransitGateway | TransitAttachment | TransitConnect | TransitConnectPeer,
  world: World,
): void {
  switch (object.kind) {
    case "transitGateway":
      return checkGateway(object, world);
    case "transitAttachment":
      return checkAttachment(object, world);
    case "transitConnect":
      for (const other of others(world, "transitConnect", object.id))
        if (other.transport === object.transport)
          refuse("NotInLab", `a second Connect attachment over ${object.transport} is not in the lab`);
      return;
    case "transitConnectPeer":
      return checkConnectPeer(object, world);
  }
}

/** EC2 knows a transit gateway in a route only of a network that is attached to it. */
export function checkTransitRoute(gateway: string, network: string, world: World): void {
  const attached = others(world, "transitAttachment").some(
    (attachment) => attachment.transitGateway === gateway && attachment.network === network,
  );
  if (!attached)
    refuse("InvalidTransitGatewayID.NotFound", `network ${network} is not attached to ${gateway}`);
}

function checkGateway({ id, asn, cidrs }: TransitGateway, world: World): void {
  if (!((asn >= 64512 && asn <= 65534) || (asn >= 4200000000 && asn <= 4294967294)))
    refuse("InvalidParameterValue", `${String(asn)} is no private ASN of a transit gateway`);
  if (cidrs.length > most.cidrs)
    refuse("InvalidParameterValue", `a transit gateway has at most ${String(most.cidrs)} blocks`);
  for (const cidr of cidrs)
    if (!isCidr(cidr) || prefixOf(cidr) > 24 || overlap(cidr, "169.254.0.0/16"))
      refuse("InvalidParameterValue", `"${cidr}" is no block of a transit gateway (/24 or larger)`);
  for (const { network } of others(world, "transitAttachment").filter(
    ({ transitGateway }) => transitGateway === id,
  ))
    apart(cidrs, found(world, "network", network).cidrs);
}

function checkAttachment(attachment: TransitAttachment, world: World): void {
  const { id, transitGateway, network, subnets } = attachment;
  if (subnets.length === 0) refuse("InvalidParameterValue", "an attachment needs a subnet");
  const places = subnets.map((subnet) => found(world, "subnet", subnet));
  for (const place of places)
    if (place.network !== network)
      refuse("InvalidParameterValue", `subnet ${place.id} belongs to another network than ${network}`);
  if (new Set(places.map(({ zone }) => zone)).size < places.length)
    refuse("DuplicateSubnetsInSameZone", "an attachment takes one subnet of each zone");
  const same = others(world, "transitAttachment", id).filter((other) => other.network === network);
  if (same.some((other) => other.transitGateway === transitGateway))
    refuse("DuplicateTransitGatewayAttachment", `${network} is attached to ${transitGateway} already`);
  if (same.length >= most.gatewaysPerNetwork)
    refuse(
      "TransitGatewayAttachmentLimitExceeded",
      `${network} is attached to ${String(same.length)} transit gateways`,
    );
  apart(found(world, "transitGateway", transitGateway).cidrs, found(world, "network", network).cidrs);
}

function checkConnectPeer(peer: TransitConnectPeer, world: World): void {
  const gateway = gatewayOf(world, peer);
  if (!gateway.cidrs.some((cidr) => within(peer.address, cidr)))
    refuse("InvalidParameterValue", `${peer.address} is not of the blocks of ${gateway.id}`);
  if (peer.peerAsn < 1 || peer.peerAsn > 4294967295)
    refuse("InvalidParameterValue", `${String(peer.peerAsn)} is no ASN`);
  // AWS takes it for iBGP, whose routes it does not install; nobody needs that here.
  if (peer.peerAsn === gateway.asn)
    refuse("NotInLab", "a Connect peer with the transit gateway's own ASN is not in the lab");
  const { inside } = peer;
  if (!isCidr(inside) || prefixOf(inside) !== 29 || !within(inside, "169.254.0.0/16"))
    refuse("InvalidParameterValue", `"${inside}" is no /29 of 169.254.0.0/16`);
  if (reserved.some((block) => overlap(block, inside)))
    refuse("InvalidParameterValue", `${inside} is reserved`);
  const onGateway = others(world, "transitConnectPeer", peer.id).filter(
    (other) => gatewayOf(world, other).id === gateway.id,
  );
  for (const other of onGateway) {
    if (overlap(other.inside, inside))
      refuse("InvalidParameterValue", `${inside} is in use by ${other.id} of the same transit gateway`);
    if (other.address === peer.address && other.peerAddress === peer.peerAddress)
      refuse("InvalidParameterValue", `${other.id} has both addresses of GRE`);
  }
  if (onGateway.filter(({ connect }) => connect === peer.connect).length >= most.peersPerConnect)
    refuse(
      "TransitGatewayConnectPeerLimitExceeded",
      `${peer.connect} has ${String(most.peersPerConnect)} Connect peers`,
    );
}

/** The transit gateway of a Connect peer. */
export function gatewayOf(world: World, { connect }: TransitConnectPeer): TransitGateway {
  const { transport } = found(world, "transitConnect", connect);
  return found(world, "transitGateway", found(world, "transitAttachment", transport).transitGateway);
}

function apart(own: readonly string[], theirs: readonly string[]): void {
  for (const cidr of own)
    for (const block of theirs)
      if (overlap(cidr, block))
        refuse("InvalidParameterValue", `the transit gateway's ${cidr} overlaps ${block} of a network`);
}

function others<K extends WorldObject["kind"]>(
  world: World,
  kind: K,
  but?: string,
): Extract<WorldObject, { kind: K }>[] {
  return Object.values(world.objects).filter(
    (object): object is Extract<WorldObject, { kind: K }> => object.kind === kind && object.id !== but,
  );
}
