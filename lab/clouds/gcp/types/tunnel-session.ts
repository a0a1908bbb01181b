import { z } from "zod";
import { overlap, within } from "../../../world/address";
import type { TunnelEndpoint } from "../../../world/model";
import { Refusal } from "../../provider/refusal";
import type { Call } from "../../provider/resource";
import type { Project } from "../context";
import { interfaceId, worldId } from "../link";

/**
 * An address inside of a tunnel with its network: RFC 3927's, a /30 as Google has it, and not the metadata server's.
 * @see Google Cloud, "Create an HA VPN gateway to a peer VPN gateway"; "About VM metadata"
 */
export const insideRange = z
  .string()
  .refine(isLinkLocal, "must be a /30 of the RFC 3927 link-local IP space, 169.254.0.0/16")
  .refine(
    (range) => !isLinkLocal(range) || !overlap(range, "169.254.169.252/30"),
    "169.254.169.254 is the metadata server's",
  )
  .refine(
    (range) => !isLinkLocal(range) || [1, 2].includes(hostOf(range)),
    "must be one of the two addresses of the /30",
  );

function isLinkLocal(range: string): boolean {
  const [address = "", prefix] = range.split("/");
  return prefix === "30" && z.ipv4().safeParse(address).success && within(address, "169.254.0.0/16");
}

/** Its place in the /30. */
function hostOf(range: string): number {
  return Number(range.split("/")[0]?.split(".").at(-1)) % 4;
}

export async function makeTunnelEndpoint(
  region: string,
  {
    name,
    router,
    vpnTunnel,
    ipRange,
  }: { readonly name: string; readonly router: string; readonly vpnTunnel: string; readonly ipRange: string },
  call: Call<Project>,
): Promise<void> {
  const { context } = call;
  const routeService = worldId("router", region, router);
  const tunnel = worldId("tunnel", region, vpnTunnel);
  await context.get("routeService", routeService);
  await context.get("gatewayTunnel", tunnel);
  await context.claim(
    {
      kind: "tunnelEndpoint",
      id: interfaceId(region, router, name),
      name: call.name,
      routeService,
      tunnel,
      inside: ipRange,
    },
    call,
    name,
  );
}

/** @returns the router's own address */
export async function makeTunnelPeer(
  endpoint: TunnelEndpoint,
  id: string,
  given: { readonly name: string; readonly peerIpAddress: string; readonly peerAsn: number },
  call: Call<Project>,
): Promise<string> {
  const { context } = call;
  const { asn } = await context.get("routeService", endpoint.routeService);
  if (asn === given.peerAsn)
    throw new Refusal("invalid", "Peer ASN must be different from the local ASN of the router.");
  if (!within(given.peerIpAddress, endpoint.inside))
    throw new Refusal(
      "invalid",
      `Invalid value for field 'resource.bgpPeers[].peerIpAddress': '${given.peerIpAddress}'. It must be within the interface's range.`,
    );
  await context.claim(
    {
      kind: "tunnelPeer",
      id,
      name: call.name,
      endpoint: endpoint.id,
      address: given.peerIpAddress,
      asn: given.peerAsn,
    },
    call,
    given.name,
  );
  return endpoint.inside.split("/")[0] ?? "";
}
