import { z } from "zod";
import { insideAddresses } from "../../../world/address";
import { Refusal } from "../../provider/refusal";
import { address, cidr } from "../address";
import { newId } from "../context";
import { nameTag, tags, tagsAll } from "../tags";
import { awsType } from "../type";

const off = z.literal("disable", "has no stand-in for this feature").default("disable");
const on = z.literal("enable", "has no stand-in for a transit gateway without it").default("enable");
const always = z.literal(true, "has no stand-in for route tables beside the default one").default(true);

export const transitGateway = awsType({
  token: "aws:ec2transitgateway/transitGateway:TransitGateway",
  inputs: {
    description: z.string().optional(),
    amazonSideAsn: z.int().default(64512),
    transitGatewayCidrBlocks: z.array(cidr).default([]),
    autoAcceptSharedAttachments: off,
    defaultRouteTableAssociation: on,
    defaultRouteTablePropagation: on,
    dnsSupport: on,
    multicastSupport: off,
    vpnEcmpSupport: on,
    tags,
  },
  replacedBy: ["amazonSideAsn"],
  computed: [
    ...["arn", "associationDefaultRouteTableId", "ownerId", "propagationDefaultRouteTableId", "tagsAll"],
  ],
  changing: ["tagsAll"],
  async create(given, call) {
    const { context } = call;
    const id = newId("tgw", call, given);
    await context.make({
      kind: "transitGateway",
      id,
      name: nameTag(given.tags, id),
      cloudRegion: context.region,
      asn: given.amazonSideAsn,
      cidrs: given.transitGatewayCidrBlocks,
    });
    const table = `tgw-rtb-${id.slice("tgw-".length)}`;
    return {
      id,
      outputs: {
        ...given,
        ...tagsAll(given.tags),
        arn: context.arn("transit-gateway", id),
        associationDefaultRouteTableId: table,
        propagationDefaultRouteTableId: table,
        ownerId: context.id,
      },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("transitGateway", id);
    return found === undefined
      ? undefined
      : { amazonSideAsn: found.asn, transitGatewayCidrBlocks: found.cidrs };
  },
  async update(id, given, _state, { context }) {
    await context.change("transitGateway", id, (gateway) => ({
      ...gateway,
      name: nameTag(given.tags, id),
      cidrs: given.transitGatewayCidrBlocks,
    }));
    return { ...given, ...tagsAll(given.tags) };
  },
  remove: (id, _state, { context }) => context.unmake("transitGateway", id),
});

export const vpcAttachment = awsType({
  token: "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
  inputs: {
    transitGatewayId: z.string(),
    vpcId: z.string(),
    subnetIds: z.array(z.string()).min(1),
    applianceModeSupport: off,
    dnsSupport: on,
    ipv6Support: off,
    transitGatewayDefaultRouteTableAssociation: always,
    transitGatewayDefaultRouteTablePropagation: always,
    tags,
  },
  replacedBy: ["transitGatewayId", "vpcId"],
  computed: ["arn", "tagsAll", "vpcOwnerId"],
  changing: ["tagsAll"],
  async create(given, call) {
    const { context } = call;
    const id = newId("tgw-attach", call, given);
    const gateway = await context.get("transitGateway", given.transitGatewayId);
    await context.get("network", given.vpcId);
    if (gateway.cloudRegion !== context.region)
      throw new Refusal("InvalidTransitGatewayID.NotFound", `${gateway.id} is in ${gateway.cloudRegion}`);
    await context.make({
      kind: "transitAttachment",
      id,
      name: nameTag(given.tags, id),
      transitGateway: given.transitGatewayId,
      network: given.vpcId,
      subnets: given.subnetIds,
    });
    return {
      id,
      outputs: {
        ...given,
        ...tagsAll(given.tags),
        arn: context.arn("transit-gateway-attachment", id),
        vpcOwnerId: context.id,
      },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("transitAttachment", id);
    if (found === undefined) return undefined;
    return { transitGatewayId: found.transitGateway, vpcId: found.network, subnetIds: found.subnets };
  },
  async update(id, given, _state, { context }) {
    await context.change("transitAttachment", id, (attachment) => ({
      ...attachment,
      name: nameTag(given.tags, id),
      subnets: given.subnetIds,
    }));
    return { ...given, ...tagsAll(given.tags) };
  },
  remove: (id, _state, { context }) => context.unmake("transitAttachment", id),
});

export const connect = awsType({
  token: "aws:ec2transitgateway/connect:Connect",
  inputs: {
    transitGatewayId: z.string(),
    transportAttachmentId: z.string(),
    protocol: z.literal("gre", "AWS knows no other protocol").default("gre"),
    transitGatewayDefaultRouteTableAssociation: always,
    transitGatewayDefaultRouteTablePropagation: always,
    tags,
  },
  replacedBy: ["transitGatewayId", "transportAttachmentId", "protocol"],
  computed: ["tagsAll"],
  changing: ["tagsAll"],
  async create(given, call) {
    const { context } = call;
    const id = newId("tgw-attach", call, given);
    const transport = await context.get("transitAttachment", given.transportAttachmentId);
    if (transport.transitGateway !== given.transitGatewayId)
      throw new Refusal(
        "InvalidParameterValue",
        `${transport.id} is an attachment of ${transport.transitGateway}, not of ${given.transitGatewayId}`,
      );
    await context.make({
      kind: "transitConnect",
      id,
      name: nameTag(given.tags, id),
      transport: transport.id,
    });
    return { id, outputs: { ...given, ...tagsAll(given.tags) } };
  },
  async read(id, _state, { context }) {
    const found = await context.find("transitConnect", id);
    return found === undefined ? undefined : { transportAttachmentId: found.transport };
  },
  async update(id, given, _state, { context }) {
    await context.change("transitConnect", id, (made) => ({ ...made, name: nameTag(given.tags, id) }));
    return { ...given, ...tagsAll(given.tags) };
  },
  remove: (id, _state, { context }) => context.unmake("transitConnect", id),
});

export const connectPeer = awsType({
  token: "aws:ec2transitgateway/connectPeer:ConnectPeer",
  inputs: {
    transitGatewayAttachmentId: z.string(),
    peerAddress: address,
    transitGatewayAddress: address,
    insideCidrBlocks: z.array(cidr).length(1, "has no stand-in for IPv6 inside"),
    bgpAsn: z.string().regex(/^\d{1,10}$/),
    tags,
  },
  replacedBy: [
    ...(["transitGatewayAttachmentId", "peerAddress", "transitGatewayAddress"] as const),
    ...(["insideCidrBlocks", "bgpAsn"] as const),
  ],
  computed: ["arn", "bgpPeerAddress", "bgpTransitGatewayAddresses", "tagsAll"],
  changing: ["tagsAll"],
  async create(given, call) {
    const { context } = call;
    const id = newId("tgw-connect-peer", call, given);
    const [inside = ""] = given.insideCidrBlocks;
    await context.get("transitConnect", given.transitGatewayAttachmentId);
    await context.make({
      kind: "transitConnectPeer",
      id,
      name: nameTag(given.tags, id),
      connect: given.transitGatewayAttachmentId,
      address: given.transitGatewayAddress,
      peerAddress: given.peerAddress,
      peerAsn: Number(given.bgpAsn),
      inside,
    });
    const [peer, ...speakers] = insideAddresses(inside);
    return {
      id,
      outputs: {
        ...given,
        ...tagsAll(given.tags),
        arn: context.arn("transit-gateway-connect-peer", id),
        bgpPeerAddress: peer,
        bgpTransitGatewayAddresses: speakers,
      },
    };
  },
  async read(id, _state, { context }) {
    const found = await context.find("transitConnectPeer", id);
    if (found === undefined) return undefined;
    return {
      transitGatewayAttachmentId: found.connect,
      peerAddress: found.peerAddress,
      transitGatewayAddress: found.address,
      insideCidrBlocks: [found.inside],
      bgpAsn: String(found.peerAsn),
    };
  },
  async update(id, given, _state, { context }) {
    await context.change("transitConnectPeer", id, (peer) => ({ ...peer, name: nameTag(given.tags, id) }));
    return { ...given, ...tagsAll(given.tags) };
  },
  remove: (id, _state, { context }) => context.unmake("transitConnectPeer", id),
});
