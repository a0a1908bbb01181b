import type { Named } from "./named";

/**
 * A VPN gateway of one network with two instances, each with a public address and an address inside of all of its tunnels, which it
 * speaks BGP from (Azure's virtual network gateway, active-active).
 */
export interface VirtualNetworkGateway extends Named {
  readonly kind: "virtualNetworkGateway";
  /** Its own. */
  readonly subnet: string;
  readonly asn: number;
  /** How many connections its SKU carries. */
  readonly mostConnections: number;
  readonly instances: readonly VirtualNetworkGatewayInstance[];
}

export interface VirtualNetworkGatewayInstance {
  /** Id of a public address, which is nobody else's. */
  readonly publicAddress: string;
  readonly inside: string;
}

/** What a cloud knows of a VPN gateway elsewhere (Azure's local network gateway). */
export interface LocalNetworkGateway extends Named {
  readonly kind: "localNetworkGateway";
  readonly address: string;
  readonly asn: number;
  /** Inside of all tunnels with it. */
  readonly inside: string;
}

/** Tunnels from every instance of the one to the other, with one key (Azure's connection). */
export interface GatewayConnection extends Named {
  readonly kind: "gatewayConnection";
  readonly gateway: string;
  readonly peer: string;
  /** Secret, as a machine's user data is. */
  readonly presharedKey: string;
  /** What the cloud's ends take, in the vendor's words. */
  readonly policy: {
    readonly ikeEncryption: string;
    readonly ikeIntegrity: string;
    readonly dhGroup: string;
    readonly ipsecEncryption: string;
    readonly ipsecIntegrity: string;
    readonly pfsGroup: string;
    readonly saLifeTimeSeconds: number;
  };
  readonly dpdTimeoutSeconds: number;
}
