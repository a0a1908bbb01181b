import * as pulumi from "@pulumi/pulumi";
import { aws } from "./sdk";

export const LivenessDetection = {
  /** BFD (RFC 5880): the session falls within about a second. */
  Bfd: "bfd",
  /** BGP's own hold timer. */
  BgpKeepalive: "bgp-keepalive",
} as const;
export type LivenessDetection = (typeof LivenessDetection)[keyof typeof LivenessDetection];

/** A session with an endpoint of an AWS VPC Route Server. */
export interface RouteServerSessionArgs {
  /** Id of the route server's endpoint (`rse-…`). */
  endpointId: pulumi.Input<string>;
  /** Further tags of the session. */
  tags?: Record<string, string>;
}

export interface BgpSessionArgs {
  /** The router's address, as the other end sees it. The router opens the session. */
  peerAddress: pulumi.Input<string>;
  /** The router's ASN, 1–4294967295. */
  peerAsn: number;
  /** Default `bfd`. */
  livenessDetection?: LivenessDetection;
  /** The other end. One such block must be given; more kinds of ends follow. */
  routeServer?: RouteServerSessionArgs;
}

/** The cloud's end of one BGP session with a router of ours; the router's end is part of its release. */
export class BgpSession extends pulumi.ComponentResource {
  /** The cloud's id of the session. */
  readonly sessionId: pulumi.Output<string>;
  /** Address of the cloud's end. */
  readonly endpointAddress: pulumi.Output<string>;

  constructor(name: string, args: BgpSessionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:index:BgpSession", name, {}, opts);
    const { routeServer } = args;
    if (routeServer === undefined)
      throw new pulumi.ResourceError(
        "routeServer: A session needs another end. Give the block routeServer.",
        this,
      );
    if (!Number.isInteger(args.peerAsn) || args.peerAsn < 1 || args.peerAsn > 4294967295)
      throw new pulumi.ResourceError(
        `peerAsn: ${args.peerAsn} is no ASN. Choose one from 1 to 4294967295.`,
        this,
      );
    const { RouteServerPeer } = aws().vpc;
    const peer = new RouteServerPeer(
      `${name}-peer`,
      {
        routeServerEndpointId: routeServer.endpointId,
        peerAddress: args.peerAddress,
        bgpOptions: {
          peerAsn: args.peerAsn,
          peerLivenessDetection: args.livenessDetection ?? LivenessDetection.Bfd,
        },
        tags: { Name: name, ...routeServer.tags },
      },
      { parent: this },
    );
    this.sessionId = peer.routeServerPeerId;
    this.endpointAddress = peer.endpointEniAddress;
    this.registerOutputs({ sessionId: this.sessionId, endpointAddress: this.endpointAddress });
  }
}
