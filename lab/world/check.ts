import { addressesOf, behind } from "./addresses";
import { isCidr, isCidr6, isIpv6, isUsable, isUsable6, overlap, prefixOf, within } from "./address";
import {
  type Firewall,
  type HeldAddress,
  type Interface,
  labInternet,
  type Network,
  type PublicAddress,
  type RouteServiceEndpoint,
  type RouteServicePeer,
  type RouteTable,
  type Subnet,
  type World,
  type WorldObject,
} from "./model";
import { checkTransit, checkTransitRoute } from "./check-transit";
import { checkVpn } from "./check-vpn";
import { checkVirtualNetworkGateway } from "./check-virtual-network-gateway";
import { checkVpnGateway } from "./check-vpn-gateway";
import { found, refuse } from "./refuse";

/**
 * What a cloud refuses of one object beside the others; that references exist has been seen to. Codes are EC2's where
 * it has one ("Error codes for the Amazon EC2 API"), so that the stand-ins can pass them on.
 */
export function checkObject(world: World, object: WorldObject, before: WorldObject | undefined): void {
  const others = Object.values(world.objects).filter(({ id }) => id !== object.id);
  switch (object.kind) {
    case "network":
      return checkNetwork(object, others);
    case "subnet":
      return checkSubnet(object, others, world);
    case "internetGateway":
      if (
        object.network !== undefined &&
        others.some((other) => other.kind === "internetGateway" && other.network === object.network)
      )
        refuse("Resource.AlreadyAssociated", `network ${object.network} has an internet gateway already`);
      return;
    case "routeTable":
      return checkRouteTable(object, world);
    case "firewall":
      return checkFirewall(
        object,
        object.network === undefined ? "azure" : found(world, "network", object.network).cloud,
      );
    case "interface":
      return checkInterface(object, others, world, before);
    case "publicAddress":
      return checkPublicAddress(object, others, world);
    case "machine":
    case "workload":
      if (
        others.some(
          (other) =>
            (other.kind === "machine" || other.kind === "workload") && other.interface === object.interface,
        )
      )
        refuse("InvalidNetworkInterface.InUse", `interface ${object.interface} is in use`);
      if (before !== undefined && "interface" in before && before.interface !== object.interface)
        refuse("InvalidParameterValue", `${object.id} cannot change its interface`);
      if (object.kind === "machine" && before?.kind === "machine" && before.image !== object.image)
        refuse("InvalidParameterValue", `${object.id} cannot change its image`);
      return;
    case "routeService":
      if (object.asn < 1 || object.asn > 4294967295)
        refuse("InvalidParameterValue", `${String(object.asn)} is no ASN`);
      return;
    case "role":
    case "instanceProfile":
    case "resourceGroup":
    case "applianceHub":
    case "applianceSpoke":
      return;
    case "heldAddress":
      return checkHeldAddress(object, others, world);
    case "routeServiceEndpoint":
      return checkEndpoint(object, others, world);
    case "routeServicePeer":
      return checkPeer(object, others, world);
    case "transitGateway":
    case "transitAttachment":
    case "transitConnect":
    case "transitConnectPeer":
      return checkTransit(object, world);
    case "customerGateway":
    case "vpnConnection":
      return checkVpn(object, world);
    case "vpnGateway":
    case "peerVpnGateway":
    case "gatewayTunnel":
    case "tunnelEndpoint":
    case "tunnelPeer":
      return checkVpnGateway(object, world);
    case "virtualNetworkGateway":
    case "localNetworkGateway":
    case "gatewayConnection":
      return checkVirtualNetworkGateway(object, world);
  }
}

/**
 * Prefix lengths of blocks of networks and subnets.
 * @see AWS, "VPC CIDR blocks"; "Subnet CIDR blocks"
 * @see Microsoft Learn, "Azure Virtual Network frequently asked questions (FAQ)": /2 to /29
 * @see Google Cloud, "Subnets", IPv4 subnet ranges: none longer than /29
 */
const blocks = {
  aws: { shortest: 16, longest: 28 },
  azure: { shortest: 2, longest: 29 },
  gcp: { shortest: 4, longest: 29 },
} as const;

function isBlock(cidr: string, cloud: Network["cloud"]): boolean {
  return isCidr(cidr) && prefixOf(cidr) >= blocks[cloud].shortest && prefixOf(cidr) <= blocks[cloud].longest;
}

function range(cloud: Network["cloud"]): string {
  return `/${String(blocks[cloud].shortest)} to /${String(blocks[cloud].longest)}, host bits clear`;
}

function checkNetwork({ id, cloud, cidrs, ipv6 }: Network, others: readonly WorldObject[]): void {
  if (cidrs.length === 0 && cloud === "aws") refuse("InvalidParameterValue", `network ${id} has no block`);
  for (const [index, cidr] of cidrs.entries()) {
    if (!isBlock(cidr, cloud))
      refuse("InvalidVpc.Range", `"${cidr}" is no block of a network (${range(cloud)})`);
    if (cidrs.slice(0, index).some((other) => overlap(other, cidr)))
      refuse("CidrConflict", `${cidr} overlaps another block of the network`);
  }
  if (ipv6 === undefined) {
    const user = others.find(
      (other) => other.kind === "subnet" && other.network === id && other.ipv6 !== undefined,
    );
    if (user !== undefined)
      refuse("InvalidCidrBlock.InUse", `the IPv6 block of ${id} is in use by ${user.id}`);
    return;
  }
  if (!isCidr6(ipv6) || prefixOf(ipv6) < 44 || prefixOf(ipv6) > 60 || prefixOf(ipv6) % 4 !== 0)
    refuse("InvalidVpc.Range", `"${ipv6}" is no IPv6 block of a network (/44 to /60 in steps of 4)`);
  if (overlap(ipv6, labInternet.own6)) refuse("InvalidVpc.Range", `${ipv6} is the lab's own internet`);
  // A pool gives each block once (AWS, "What is IPAM?").
  for (const other of others)
    if (other.kind === "network" && other.ipv6 !== undefined && overlap(other.ipv6, ipv6))
      refuse("CidrConflict", `${ipv6} is taken by ${other.id} (${other.ipv6})`);
}

function checkSubnet6(
  { id, network: place, ipv6 }: Subnet,
  others: readonly WorldObject[],
  network: Network,
): void {
  if (ipv6 === undefined) {
    const user = others.find(
      (other) => other.kind === "interface" && other.subnet === id && other.ipv6 !== undefined,
    );
    if (user !== undefined)
      refuse("InvalidCidrBlock.InUse", `the IPv6 block of ${id} is in use by ${user.id}`);
    return;
  }
  if (!isCidr6(ipv6) || prefixOf(ipv6) !== 64)
    refuse("InvalidSubnet.Range", `"${ipv6}" is no IPv6 block of a subnet (/64, host bits clear)`);
  if (network.ipv6 === undefined || !within(ipv6, network.ipv6))
    refuse("InvalidSubnet.Range", `${ipv6} is outside of the network's ${network.ipv6 ?? "IPv4 blocks"}`);
  for (const other of others)
    if (other.kind === "subnet" && other.network === place && other.ipv6 === ipv6)
      refuse("InvalidSubnet.Conflict", `${ipv6} conflicts with subnet ${other.id}`);
}

function checkSubnet(subnet: Subnet, others: readonly WorldObject[], world: World): void {
  const { cidr } = subnet;
  const network = found(world, "network", subnet.network);
  if (!isBlock(cidr, network.cloud))
    refuse("InvalidSubnet.Range", `"${cidr}" is no block of a subnet (${range(network.cloud)})`);
  if (!network.cidrs.some((block) => within(cidr, block)))
    refuse("InvalidSubnet.Range", `${cidr} is outside of the network's ${network.cidrs.join(", ")}`);
  for (const other of others)
    if (other.kind === "subnet" && other.network === subnet.network && overlap(other.cidr, cidr))
      refuse("InvalidSubnet.Conflict", `${cidr} conflicts with subnet ${other.id} (${other.cidr})`);
  checkSubnet6(subnet, others, network);
  if (
    subnet.routeTable !== undefined &&
    found(world, "routeTable", subnet.routeTable).network !== subnet.network
  )
    refuse("InvalidParameterValue", `route table ${subnet.routeTable} belongs to another network`);
}

function checkRouteTable(table: RouteTable, world: World): void {
  const network = found(world, "network", table.network);
  const seen = new Set<string>();
  for (const { cidr, target } of table.routes) {
    // A VPC's way to the IPv6 internet (AWS, "Example routing options": routing to an internet gateway).
    if (isIpv6(cidr) && (cidr !== "::/0" || !("internetGateway" in target)))
      refuse("NotInLab", `a route to ${cidr} is in the lab if it is ::/0 to an internet gateway`);
    if (!isIpv6(cidr) && !isCidr(cidr))
      refuse("InvalidParameterValue", `"${cidr}" is no destination of a route`);
    if (seen.has(cidr)) refuse("RouteAlreadyExists", `the table has a route to ${cidr} already`);
    seen.add(cidr);
    // AWS, "Route tables": a route may be more specific than the local one, never equal to it.
    if (network.cidrs.includes(cidr))
      refuse("RouteAlreadyExists", `the route to ${cidr} is local and cannot be replaced here`);
    // AWS takes it for a subnet's block (middlebox routing); the fabric always delivers local destinations itself.
    if (network.cidrs.some((block) => within(cidr, block)))
      refuse("NotInLab", `a route to ${cidr} within the network is not in the lab`);
    if (
      "internetGateway" in target &&
      found(world, "internetGateway", target.internetGateway).network !== table.network
    )
      refuse(
        "InvalidGatewayID.NotFound",
        `${target.internetGateway} is not attached to network ${table.network}`,
      );
    if ("transitGateway" in target) checkTransitRoute(target.transitGateway, table.network, world);
    if ("interface" in target && networkOfInterface(world, target.interface) !== table.network)
      refuse("InvalidParameterValue", `interface ${target.interface} belongs to another network`);
  }
  // The cap of a table would be shared (AWS, "Amazon VPC quotas": route server routes per route table).
  if (table.propagatedFrom.length > 1)
    refuse("NotInLab", `routes of ${table.propagatedFrom.join(" and ")} in one table are not in the lab`);
  for (const service of table.propagatedFrom)
    if (found(world, "routeService", service).network !== table.network)
      refuse("IncorrectState", `route service ${service} is not associated with network ${table.network}`);
}

/**
 * AWS, "Amazon VPC quotas": inbound or outbound rules per security group. Of others one with every source of a rule and each
 * of its ports: Microsoft Learn, "Azure subscription and service limits", 4,000 addresses.
 */
const rulesPerDirection = { aws: 60, azure: 8000, gcp: 5000 } as const;

function checkFirewall({ id, rules }: Firewall, cloud: Network["cloud"]): void {
  // Each family has rules of its own; a rule that names a group counts for both.
  const counts = (peer: Firewall["rules"][number]["peer"], ipv6: boolean): boolean =>
    !("cidr" in peer) || isIpv6(peer.cidr) === ipv6;
  const most = (direction: "ingress" | "egress"): number =>
    Math.max(
      ...[false, true].map(
        (ipv6) => rules.filter((rule) => rule.direction === direction && counts(rule.peer, ipv6)).length,
      ),
    );
  for (const direction of ["ingress", "egress"] as const)
    if (most(direction) > rulesPerDirection[cloud])
      refuse(
        "RulesPerSecurityGroupLimitExceeded",
        `${id} has more than ${String(rulesPerDirection[cloud])} ${direction} rules`,
      );
  const seen = new Set<string>();
  for (const { direction, protocol, ports, peer } of rules) {
    if ("cidr" in peer && !isCidr(peer.cidr) && !isCidr6(peer.cidr))
      refuse("InvalidParameterValue", `CIDR block ${peer.cidr} is malformed`);
    if (ports !== undefined && (ports.from > ports.to || ports.from < 0 || ports.to > 65535))
      refuse("InvalidParameterValue", `ports ${String(ports.from)} to ${String(ports.to)} are no range`);
    const rule = JSON.stringify([direction, protocol, ports, peer]);
    if (seen.has(rule)) refuse("InvalidPermission.Duplicate", "the specified rule already exists");
    seen.add(rule);
  }
}

function checkInterface(
  nic: Interface,
  others: readonly WorldObject[],
  world: World,
  before: WorldObject | undefined,
): void {
  const subnet = found(world, "subnet", nic.subnet);
  const own = addressesOf(nic);
  for (const [index, address] of own.entries()) {
    if (!isUsable(address, subnet.cidr, cloudOf(world, subnet)))
      refuse("InvalidParameterValue", `${address} cannot be used in ${subnet.cidr}`);
    if (own.indexOf(address) !== index)
      refuse("InvalidParameterValue", `${nic.id} would have ${address} twice`);
    checkUnused(address, subnet.network, others, world);
  }
  if (nic.ipv6 !== undefined && (subnet.ipv6 === undefined || !isUsable6(nic.ipv6, subnet.ipv6)))
    refuse(
      "InvalidParameterValue",
      `${nic.ipv6} cannot be used in ${subnet.ipv6 ?? "a subnet without IPv6"}`,
    );
  for (const other of others)
    if (nic.ipv6 !== undefined && other.kind === "interface" && other.ipv6 === nic.ipv6)
      refuse("InvalidIPAddress.InUse", `${nic.ipv6} is in use by ${other.id}`);
  for (const other of others)
    if (
      other.kind === "publicAddress" &&
      other.interface === nic.id &&
      other.privateAddress !== undefined &&
      !own.includes(other.privateAddress)
    )
      refuse("InvalidParameterValue", `${other.privateAddress} has the public address ${other.address}`);
  if (nic.firewalls.length === 0 || nic.firewalls.length > 5)
    refuse("SecurityGroupsPerInterfaceLimitExceeded", "an interface has 1 to 5 security groups");
  for (const firewall of nic.firewalls) {
    const { network } = found(world, "firewall", firewall);
    if (network !== undefined && network !== subnet.network)
      refuse("InvalidGroup.NotFound", `${firewall} and subnet ${subnet.id} belong to different networks`);
  }
  if (before?.kind === "interface" && (before.subnet !== nic.subnet || before.address !== nic.address))
    refuse("InvalidParameterValue", `${nic.id} cannot move to another subnet or address`);
}

function checkUnused(address: string, network: string, others: readonly WorldObject[], world: World): void {
  for (const other of others) {
    if (other.kind !== "interface" && other.kind !== "routeServiceEndpoint") continue;
    const taken = other.kind === "interface" ? addressesOf(other) : [other.address];
    if (taken.includes(address) && networkOf(world, other.subnet) === network)
      refuse("InvalidIPAddress.InUse", `${address} is in use by ${other.id}`);
  }
}

function checkPublicAddress(object: PublicAddress, others: readonly WorldObject[], world: World): void {
  const { id, address, interface: nic, privateAddress } = object;
  const card = nic === undefined ? undefined : found(world, "interface", nic);
  if (!within(address, labInternet.publicPool))
    refuse("InvalidAddress.NotFound", `${address} is not of the lab's pool`);
  for (const other of others) {
    if (other.kind !== "publicAddress") continue;
    if (other.address === address) refuse("InvalidAddress.Locked", `${address} is taken by ${other.id}`);
    // One for each private address (AWS, "Elastic IP addresses").
    if (card !== undefined && other.interface === card.id && behind(other, card) === behind(object, card))
      refuse(
        "Resource.AlreadyAssociated",
        `interface ${card.id} has the public address ${other.address} already`,
      );
  }
  if (card === undefined) return;
  if (privateAddress !== undefined && !addressesOf(card).includes(privateAddress))
    refuse("InvalidParameterValue", `${privateAddress} is no address of ${card.id}`);
  const network = networkOf(world, card.subnet);
  const attached = others.some((other) => other.kind === "internetGateway" && other.network === network);
  if (!attached)
    refuse("Gateway.NotAttached", `network ${network}, of ${id}'s interface, has no internet gateway`);
}

function checkEndpoint(endpoint: RouteServiceEndpoint, others: readonly WorldObject[], world: World): void {
  const subnet = found(world, "subnet", endpoint.subnet);
  if (found(world, "routeService", endpoint.routeService).network !== subnet.network)
    refuse(
      "IncorrectState",
      `route service ${endpoint.routeService} is not associated with ${subnet.network}`,
    );
  if (!isUsable(endpoint.address, subnet.cidr, cloudOf(world, subnet)))
    refuse("InvalidParameterValue", `${endpoint.address} cannot be used in ${subnet.cidr}`);
  checkUnused(endpoint.address, subnet.network, others, world);
}

function checkPeer(peer: RouteServicePeer, others: readonly WorldObject[], world: World): void {
  const endpoint = found(world, "routeServiceEndpoint", peer.endpoint);
  const network = networkOf(world, endpoint.subnet);
  const known = others.some(
    (other) =>
      other.kind === "interface" &&
      other.address === peer.peerAddress &&
      networkOf(world, other.subnet) === network,
  );
  if (!known) refuse("InvalidParameterValue", `${peer.peerAddress} is no interface of network ${network}`);
  if (peer.peerAsn < 1 || peer.peerAsn > 4294967295)
    refuse("InvalidParameterValue", `${String(peer.peerAsn)} is no ASN`);
  for (const other of others)
    if (
      other.kind === "routeServicePeer" &&
      other.endpoint === peer.endpoint &&
      other.peerAddress === peer.peerAddress
    )
      refuse("InvalidParameterValue", `${peer.peerAddress} is a peer of ${peer.endpoint} already`);
}

function checkHeldAddress(held: HeldAddress, others: readonly WorldObject[], world: World): void {
  const subnet = found(world, "subnet", held.subnet);
  if (!isUsable(held.address, subnet.cidr, cloudOf(world, subnet)))
    refuse("InvalidParameterValue", `${held.address} cannot be used in ${subnet.cidr}`);
  if (
    others.some(
      (other) =>
        other.kind === "heldAddress" && other.subnet === held.subnet && other.address === held.address,
    )
  )
    refuse("InvalidIPAddress.InUse", `${held.address} is held already`);
}

function cloudOf(world: World, { network }: Subnet): Network["cloud"] {
  return found(world, "network", network).cloud;
}

export function networkOf(world: World, subnet: string): string {
  return found(world, "subnet", subnet).network;
}

export function networkOfInterface(world: World, nic: string): string {
  return networkOf(world, found(world, "interface", nic).subnet);
}
