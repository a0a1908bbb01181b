import { createHash } from "node:crypto";
import type { LabClient } from "../../client/client";
import type { ObjectKind } from "../../world/model";
import { InWorld } from "../provider/in-world";
import type { Call } from "../provider/resource";
import { Refusal } from "../provider/refusal";
import type { Properties } from "../provider/wire";

/** AWS's own example account (AWS, "Account identifiers": documentation examples). */
export const accountId = "123456789012";

/** One region of the account, as one provider instance sees it. */
export class Account extends InWorld {
  readonly id = accountId;

  constructor(
    readonly region: string,
    open: () => Promise<LabClient>,
  ) {
    super(open, (kind, id) => new Refusal(notFound[kind], `The ${kind} ID '${id}' does not exist`));
  }

  arn(kind: string, id: string): string {
    return `arn:aws:ec2:${this.region}:${this.id}:${kind}/${id}`;
  }
}

/**
 * An id as AWS makes them: 17 hexadecimal digits. It follows from the resource's URN and inputs, so that a creation
 * that is repeated after a crash finds what it made the first time.
 */
export function newId(prefix: string, { urn }: Call<Account>, inputs: Properties): string {
  const text = JSON.stringify([urn, Object.entries(inputs).sort(([one], [other]) => (one < other ? -1 : 1))]);
  return `${prefix}-${createHash("sha256").update(text).digest("hex").slice(0, 17)}`;
}

/** EC2's codes for ids that do not exist (AWS, "Error codes for the Amazon EC2 API"). */
const notFound: Readonly<Record<ObjectKind, string>> = {
  network: "InvalidVpcID.NotFound",
  subnet: "InvalidSubnetID.NotFound",
  internetGateway: "InvalidInternetGatewayID.NotFound",
  routeTable: "InvalidRouteTableID.NotFound",
  firewall: "InvalidGroup.NotFound",
  interface: "InvalidNetworkInterfaceID.NotFound",
  publicAddress: "InvalidAllocationID.NotFound",
  machine: "InvalidInstanceID.NotFound",
  workload: "InvalidInstanceID.NotFound",
  routeService: "InvalidRouteServerId.NotFound",
  routeServiceEndpoint: "InvalidRouteServerEndpointId.NotFound",
  routeServicePeer: "InvalidRouteServerPeerId.NotFound",
  // Google's alone.
  heldAddress: "NotFound",
  resourceGroup: "NotFound",
  applianceHub: "NotFound",
  applianceSpoke: "NotFound",
  vpnGateway: "NotFound",
  peerVpnGateway: "NotFound",
  gatewayTunnel: "NotFound",
  tunnelEndpoint: "NotFound",
  tunnelPeer: "NotFound",
  // Azure's alone.
  virtualNetworkGateway: "NotFound",
  localNetworkGateway: "NotFound",
  gatewayConnection: "NotFound",
  transitGateway: "InvalidTransitGatewayID.NotFound",
  transitAttachment: "InvalidTransitGatewayAttachmentID.NotFound",
  transitConnect: "InvalidTransitGatewayAttachmentID.NotFound",
  transitConnectPeer: "InvalidTransitGatewayConnectPeerID.NotFound",
  customerGateway: "InvalidCustomerGatewayID.NotFound",
  vpnConnection: "InvalidVpnConnectionID.NotFound",
  // IAM's code (AWS, "Common errors", IAM API Reference).
  role: "NoSuchEntity",
  instanceProfile: "NoSuchEntity",
};
