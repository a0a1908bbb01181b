import { createHash } from "node:crypto";
import { z } from "zod";
import { type Project, selfLink } from "../context";
import { allLabels, description, labels, name } from "../fields";
import { lastOf, placeOf, worldNetwork } from "../link";
import { gcpType } from "../type";

/** Both interfaces have addresses of Google's own, which nobody chooses. */
export const haVpnGateway = gcpType({
  token: "gcp:compute/haVpnGateway:HaVpnGateway",
  inputs: {
    name,
    description,
    region: z.string().optional(),
    network: z.string(),
    gatewayIpVersion: z.literal("IPV4", "the lab has no stand-in for IPv6 outside").default("IPV4"),
    stackType: z.literal("IPV4_ONLY", "the lab has no stand-in for IPv6 inside").default("IPV4_ONLY"),
    labels,
  },
  replacedBy: ["name", "description", "region", "network", "gatewayIpVersion", "stackType"],
  computed: [
    ...["selfLink", "project", "vpnInterfaces", "labelFingerprint"],
    ...["effectiveLabels", "pulumiLabels"],
  ],
  changing: ["effectiveLabels", "pulumiLabels"],
  async create(given, call) {
    const { context } = call;
    const region = context.regionOf(given.region);
    const path = context.regional(region, "vpnGateways", given.name);
    const id = vpnGatewayId(region, given.name);
    const network = worldNetwork(given.network);
    await context.get("network", network);
    const addresses = await context.inTurn("addresses", async () => {
      const before = await context.find("vpnGateway", id);
      const found = before?.addresses ?? (await twoAddresses(context));
      await context.claim(
        { kind: "vpnGateway", id, name: call.name, cloudRegion: region, network, addresses: found },
        call,
        path,
      );
      return found;
    });
    return {
      id: path,
      outputs: {
        ...given,
        ...allLabels(given.labels),
        region,
        project: context.id,
        selfLink: selfLink(path),
        labelFingerprint: "",
        vpnInterfaces: addresses.map((ipAddress, number) => ({ id: number, ipAddress })),
      },
    };
  },
  async read(path, _state, { context }) {
    const found = await context.find("vpnGateway", vpnGatewayId(placeOf(path) ?? "", path));
    return found === undefined
      ? undefined
      : { vpnInterfaces: found.addresses.map((ipAddress, number) => ({ id: number, ipAddress })) };
  },
  async update(_path, given) {
    return Promise.resolve({ ...given, ...allLabels(given.labels) });
  },
  async remove(path, _state, { context }) {
    await context.unmake("vpnGateway", vpnGatewayId(placeOf(path) ?? "", path));
  },
});

async function twoAddresses(context: Project): Promise<readonly string[]> {
  const lab = await context.lab();
  return [await lab.allocateAddress(), await lab.allocateAddress()];
}

/** Unique in its region. A namespace and FRR's path space are called so: no dots, and short. */
export function vpnGatewayId(region: string, link: string): string {
  return `vpn-${createHash("sha256")
    .update(`${region}/${lastOf(link)}`)
    .digest("hex")
    .slice(0, 12)}`;
}
