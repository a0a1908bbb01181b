import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { ensureScript } from "../../gateway/push";

export interface GatewayReleaseArgs {
  /** Lower-case hex SHA-256 of the release's manifest: its name. */
  hash: pulumi.Input<string>;
  /** The release as it is pushed: `bundleOf`. Secret where the release has a post-quantum preshared key. */
  bundle: pulumi.Input<string>;
  /** Changes when the machine is a new one, which has no release yet: the instance's id. */
  machine: pulumi.Input<string>;
  /** Where SSH reaches the gateway. */
  address: pulumi.Input<string>;
  /** Who SSH logs in as. */
  sshUser: pulumi.Input<string>;
  /** OpenSSH private key that may push. Secret. */
  pushKey: pulumi.Input<string>;
  /** Public SSH host key made on the machine. */
  hostKey: pulumi.Input<string>;
}

/**
 * One gateway runs one release. A single resource on purpose: it stages, applies, proves the path over a new
 * connection and confirms; whatever fails on the way, the gateway returns to its former release and the resource
 * keeps its former state, so that state and host agree and the next `up` tries again.
 */
export class GatewayRelease extends pulumi.ComponentResource {
  /** The release that the gateway runs, once it is confirmed. */
  readonly hash: pulumi.Output<string>;

  constructor(name: string, args: GatewayReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:index:GatewayRelease", name, {}, opts);
    const ensured = new local.Command(
      `${name}-ensure`,
      {
        create: ensureScript,
        stdin: args.bundle,
        environment: {
          TRUNKLINE_ADDRESS: args.address,
          TRUNKLINE_USER: args.sshUser,
          TRUNKLINE_PUSH_KEY: pulumi.secret(args.pushKey),
          TRUNKLINE_HOST_KEYS: args.hostKey,
          TRUNKLINE_RELEASE: args.hash,
        },
        triggers: [args.machine],
        addPreviousOutputInEnv: false,
        logging: "none",
      },
      { parent: this, dependsOn: opts?.dependsOn ?? [] },
    );
    // After the command, so that whoever waits for the hash waits for a confirmed release.
    this.hash = pulumi.all([args.hash, ensured.id]).apply(([hash]) => hash);
    this.registerOutputs({ hash: this.hash });
  }
}
