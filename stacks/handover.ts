/**
 * What one layer hands on to the next: one versioned, typed, required object per stack, in its output `handover`.
 * Read with `requireOutput` and checked by the schemas beside these types: an absent or older object is an error with
 * the stack's name, never `undefined` in a green preview.
 */
export interface RegionHandover {
  readonly format: "trunkline.region/1";
  readonly region: string;
  readonly cloud: "aws";
  readonly cloudRegion: string;
  readonly networkId: string;
  readonly securityGroupId: string;
  readonly routeService: {
    readonly asn: number;
    /** Endpoint name of the plan, and its address in the gateway subnet. */
    readonly endpoints: readonly { readonly name: string; readonly address: string }[];
  };
  readonly gateways: readonly GatewayHandover[];
}

export interface GatewayHandover {
  /** Gateway id, such as `use1-a`. */
  readonly id: string;
  readonly instanceId: string;
  readonly privateAddress: string;
  /** The fixed public address behind 1:1 NAT. */
  readonly publicAddress: string;
  /** First address of the gateway's subnet: the cloud's router. */
  readonly routerAddress: string;
  readonly sshUser: string;
  /** OpenSSH private key that may push. Secret. */
  readonly pushKey: string;
  /** Public SSH host key that user data carried, `ssh-ed25519 AAAA…`; pins the first connection only. */
  readonly bootstrapHostKey: string;
}

export interface TrustHandover {
  readonly format: "trunkline.trust/1";
  readonly fleet: string;
  /** PEM, one certificate each: strongSwan loads only the first of a file. */
  readonly roots: readonly string[];
  readonly intermediates: readonly string[];
  readonly gateways: readonly {
    readonly id: string;
    readonly keyEpoch: number;
    /** PEM leaf. */
    readonly certificate: string;
    /** Public SSH host key made on the machine; pins every connection after the first. */
    readonly hostKey: string;
  }[];
}

/** What a fabric stack ends with. */
export interface FabricHandover {
  readonly format: "trunkline.fabric/1";
  readonly region: string;
  readonly releases: readonly { readonly gateway: string; readonly hash: string }[];
}
