import { z } from "zod";
import { objectOf } from "../../../world/world";
import { selfLink } from "../context";
import { allLabels, description, labels, name } from "../fields";
import { placeOf, worldId } from "../link";
import { gcpType } from "../type";
import { externalId } from "./external-vpn-gateway";
import { vpnGatewayId } from "./ha-vpn-gateway";

/**
 * What a tunnel is told to take: every list is needed, since Google takes all that it has of one that is left out, and that has no
 * stand-in. Its words know upper and lower case.
 * @see Google Cloud, "Supported IKE ciphers", Proposals that use AEAD
 */
const encryptions = z.array(z.enum(["AES-GCM-16-128", "AES-GCM-16-192", "AES-GCM-16-256"])).min(1);
const prves = z.array(z.enum(["PRF-HMAC-SHA2-256", "PRF-HMAC-SHA2-384", "PRF-HMAC-SHA2-512"])).min(1);
const groups = z
  .array(
    z.enum(["Group-14", "Group-15", "Group-16", "Group-18", "Group-19", "Group-20", "Group-21", "Group-31"]),
  )
  .min(1);

/** From one interface of an HA VPN gateway to one of an external VPN gateway. Nothing of it can be changed but its labels. */
export const vpnTunnel = gcpType({
  token: "gcp:compute/vPNTunnel:VPNTunnel",
  inputs: {
    name,
    description,
    region: z.string().optional(),
    vpnGateway: z.string({ error: "the lab has no stand-in for Classic VPN" }),
    vpnGatewayInterface: z.int().min(0).max(1),
    peerExternalGateway: z.string({ error: "the lab has no stand-in for another peer" }),
    peerExternalGatewayInterface: z.int().min(0).max(3),
    // Google Cloud, "HA VPN": dynamic routing alone.
    router: z.string({ error: "HA VPN tunnels need a Cloud Router" }),
    ikeVersion: z.literal(2, "the lab has no stand-in for IKEv1").default(2),
    cipherSuite: z.strictObject({
      phase1: z.strictObject({ encryptions, prves, dhs: groups }),
      // Google Cloud, "Supported IKE ciphers": PFS is required.
      phase2: z.strictObject({ encryptions, pfs: groups }),
    }),
    sharedSecret: z.string().min(1),
    labels,
  },
  replacedBy: [
    ...([
      "name",
      "description",
      "region",
      "vpnGateway",
      "vpnGatewayInterface",
      "peerExternalGateway",
    ] as const),
    ...(["peerExternalGatewayInterface", "router", "ikeVersion", "cipherSuite", "sharedSecret"] as const),
  ],
  computed: [
    ...["selfLink", "project", "peerIp", "detailedStatus", "sharedSecretHash", "tunnelId"],
    ...["localTrafficSelectors", "remoteTrafficSelectors", "creationTimestamp"],
    ...["labelFingerprint", "effectiveLabels", "pulumiLabels"],
  ],
  changing: ["effectiveLabels", "pulumiLabels"],
  async create(given, call) {
    const { context } = call;
    const region = context.regionOf(given.region);
    const path = context.regional(region, "vpnTunnels", given.name);
    const vpnGateway = vpnGatewayId(placeOf(given.vpnGateway) ?? region, given.vpnGateway);
    const peer = externalId(given.peerExternalGateway);
    const routeService = worldId("router", region, given.router);
    await context.get("vpnGateway", vpnGateway);
    await context.get("peerVpnGateway", peer);
    await context.get("routeService", routeService);
    const { phase1, phase2 } = given.cipherSuite;
    await context.claim(
      {
        kind: "gatewayTunnel",
        id: worldId("tunnel", region, given.name),
        name: call.name,
        vpnGateway,
        interface: given.vpnGatewayInterface,
        peer,
        peerInterface: given.peerExternalGatewayInterface,
        routeService,
        presharedKey: given.sharedSecret,
        ike: { encryption: phase1.encryptions, prf: phase1.prves, groups: phase1.dhs },
        esp: { encryption: phase2.encryptions, groups: phase2.pfs },
      },
      call,
      path,
    );
    const { addresses = [] } = objectOf(await context.world(), "peerVpnGateway", peer) ?? {};
    return {
      id: path,
      outputs: {
        ...given,
        ...allLabels(given.labels),
        region,
        project: context.id,
        selfLink: selfLink(path),
        peerIp: addresses[given.peerExternalGatewayInterface],
        detailedStatus: "",
        sharedSecretHash: "",
        tunnelId: "1",
        localTrafficSelectors: ["0.0.0.0/0"],
        remoteTrafficSelectors: ["0.0.0.0/0"],
        creationTimestamp: "2026-01-01T00:00:00.000-00:00",
        labelFingerprint: "",
      },
    };
  },
  // Google tells nobody a key that it was told.
  async read(path, _state, { context }) {
    const found = await context.find("gatewayTunnel", worldId("tunnel", placeOf(path) ?? "", path));
    return found === undefined
      ? undefined
      : { vpnGatewayInterface: found.interface, peerExternalGatewayInterface: found.peerInterface };
  },
  async update(_path, given) {
    return Promise.resolve({ ...given, ...allLabels(given.labels) });
  },
  async remove(path, _state, { context }) {
    await context.unmake("gatewayTunnel", worldId("tunnel", placeOf(path) ?? "", path));
  },
});
