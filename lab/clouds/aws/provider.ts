import { z } from "zod";
import { labBehind } from "../provider/lab";
import type { Provider } from "../provider/provider";
import { noStandIn } from "../provider/resource";
import { Account } from "./context";
import { getAmi } from "./get-ami";
import { getRouteTable, getRouteTables } from "./get-route-table";
import { getSubnet } from "./get-subnet";
import { getVpc } from "./get-vpc";
import { zonesOf } from "./regions";
import { customerGateway } from "./types/customer-gateway";
import { eip } from "./types/eip";
import { eipAssociation } from "./types/eip-association";
import { instanceProfile, role, rolePolicy } from "./types/iam";
import { instance } from "./types/instance";
import { internetGateway } from "./types/internet-gateway";
import { networkInterface } from "./types/network-interface";
import { route } from "./types/route";
import { routeServer, routeServerPropagation, routeServerVpcAssociation } from "./types/route-server";
import { routeServerEndpoint } from "./types/route-server-endpoint";
import { routeServerPeer } from "./types/route-server-peer";
import { routeTable } from "./types/route-table";
import { routeTableAssociation } from "./types/route-table-association";
import { securityGroup } from "./types/security-group";
import { egressRule, ingressRule } from "./types/security-group-rule";
import { subnet } from "./types/subnet";
import { connect, connectPeer, transitGateway, vpcAttachment } from "./types/transit-gateway";
import { vpc } from "./types/vpc";
import { vpcCidr } from "./types/vpc-cidr";
import { vpcIpv6Cidr } from "./types/vpc-ipv6-cidr";
import { vpnConnection } from "./types/vpn-connection";

/** What the SDK sends with every provider, whether the program asked for it or not. */
const harmless = ["version", "skipCredentialsValidation", "skipMetadataApiCheck", "skipRegionValidation"];
/** The lab is whichever account a program may build in: it has no credentials that could be another's. */
const known = ["region", "allowedAccountIds", ...harmless];

/** @param socket of the lab; the provider knows no other way out of its process */
export function awsProvider(version: string, socket: string | undefined): Provider<Account> {
  const lab = labBehind(socket);
  return {
    name: "aws",
    version,
    types: [
      ...[vpc, vpcCidr, subnet, internetGateway, routeTable, route, routeTableAssociation, securityGroup],
      ...[ingressRule, egressRule, networkInterface, eip, eipAssociation, instance, routeServer],
      ...[routeServerVpcAssociation, routeServerPropagation, routeServerEndpoint, routeServerPeer],
      ...[transitGateway, vpcAttachment, connect, connectPeer, customerGateway, vpnConnection],
      ...[role, rolePolicy, instanceProfile, vpcIpv6Cidr],
    ],
    functions: [getAmi, getVpc, getSubnet, getRouteTable, getRouteTables],
    replacingConfig: ["region"],
    checkConfig(config) {
      const unknown = Object.keys(config).filter((key) => !known.includes(key));
      const { region } = config;
      return [
        ...unknown.map((key) => noStandIn("pulumi:providers:aws", key)),
        ...(typeof region === "string" && zonesOf(region) === undefined
          ? [{ property: "region", reason: `invalid AWS Region: ${region}` }]
          : []),
      ];
    },
    configure(config) {
      const { region } = z.object({ region: z.string({ error: "a region is needed" }) }).parse(config);
      return new Account(region, lab);
    },
  };
}
