/** Whose VPN gateways a region has: machines of ours, or the cloud's own service. */
export const gatewayKinds = ["self", "managed"] as const;
export type GatewayKind = (typeof gatewayKinds)[number];
