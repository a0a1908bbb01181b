import { z } from "zod";
import { labBehind } from "../provider/lab";
import type { Provider } from "../provider/provider";
import { noStandIn } from "../provider/resource";
import { Project } from "./context";
import { getImage } from "./get-image";
import { zonesOf } from "./regions";
import { account } from "./types/account";
import { address } from "./types/address";
import { externalVpnGateway } from "./types/external-vpn-gateway";
import { firewall } from "./types/firewall";
import { haVpnGateway } from "./types/ha-vpn-gateway";
import { hub } from "./types/hub";
import { instance } from "./types/instance";
import { network } from "./types/network";
import { router } from "./types/router";
import { routerInterface } from "./types/router-interface";
import { routerPeer } from "./types/router-peer";
import { spoke } from "./types/spoke";
import { subnetwork } from "./types/subnetwork";
import { vpnTunnel } from "./types/vpn-tunnel";

/** @param socket of the lab; the provider knows no other way out of its process */
export function gcpProvider(version: string, socket: string | undefined): Provider<Project> {
  const lab = labBehind(socket);
  return {
    name: "gcp",
    version,
    types: [
      ...[network, subnetwork, firewall, address, instance, account],
      ...[router, routerInterface, routerPeer, hub, spoke],
      ...[haVpnGateway, externalVpnGateway, vpnTunnel],
    ],
    functions: [getImage],
    replacingConfig: ["project", "region"],
    checkConfig(config) {
      const unknown = Object.keys(config).filter((key) => !["version", "project", "region"].includes(key));
      const { region } = config;
      return [
        ...unknown.map((key) => noStandIn("pulumi:providers:gcp", key)),
        ...(typeof region === "string" && zonesOf(region) === undefined
          ? [{ property: "region", reason: `invalid region: ${region}` }]
          : []),
      ];
    },
    configure(config) {
      const { project, region } = z
        .object({
          project: z.string({
            error:
              "project: required field is not set: set GOOGLE_PROJECT, or the provider's or the resource's project",
          }),
          region: z.string().optional(),
        })
        .parse(config);
      return new Project(project, region, lab);
    },
  };
}
