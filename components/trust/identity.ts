import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { z } from "zod";
import { csrScript, gatewayProgram, hostkeyScript } from "../../gateway/push";
import { defaults } from "../../fleet/defaults";
import { keyAlgorithmNamed, keyAlgorithms } from "../../fleet/key-algorithm";
import { pin } from "../pin";
import { checkCsr } from "./csr";
import { planProfile } from "./profile.plan";

export const KeyAlgorithm = {
  EcdsaP256: "ecdsa-p256",
  Rsa3072: "rsa-3072",
  Rsa4096: "rsa-4096",
} as const;
export type KeyAlgorithm = (typeof KeyAlgorithm)[keyof typeof KeyAlgorithm];

export interface GatewayIdentityArgs {
  /** FQDN in the certificate's subject alternative name, and the IKE identity. */
  identity: string;
  /** A second FQDN of the certificate: the IKE identity of a pair whose address moves, beside each gateway's own. */
  sharedIdentity?: string;
  /** Raise to renew this gateway's key and certificate. */
  keyEpoch: number;
  /** Kind of a key that is made; default `ecdsa-p256`. A key that is there stays until `keyEpoch` is raised. */
  keyAlgorithm?: KeyAlgorithm;
  /** Changes when the machine is a new one, which has no key yet: the instance's id. */
  machine: pulumi.Input<string>;
  /** Where SSH reaches the gateway. */
  address: pulumi.Input<string>;
  /** Who SSH logs in as. */
  sshUser: pulumi.Input<string>;
  /** OpenSSH private key that may push. Secret. */
  pushKey: pulumi.Input<string>;
  /** Public SSH host key that pins the first connection. */
  bootstrapHostKey: pulumi.Input<string>;
  /** PEM of the authority's issuing certificate. */
  issuerCertificate: pulumi.Input<string>;
  /** PEM of its private key. Secret. */
  issuerKey: pulumi.Input<string>;
  /** Lifetime of the certificate, days. */
  leafDays: number;
}

/**
 * A gateway's identity: an SSH host key and an ECDSA or RSA key, both made on the machine, which they never leave, and a
 * certificate for the second. Renewed when the machine or the epoch changes, and by nothing else.
 */
export class GatewayIdentity extends pulumi.ComponentResource {
  /** Public SSH host key made on the machine; pins every connection after the first. */
  readonly hostKey: pulumi.Output<string>;
  /** PEM leaf. */
  readonly certificate: pulumi.Output<string>;

  constructor(name: string, args: GatewayIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:index:GatewayIdentity", name, {}, opts);
    const parent = { parent: this };
    const asked = args.keyAlgorithm ?? defaults.keyAlgorithm;
    if (keyAlgorithmNamed(asked) === undefined)
      throw new pulumi.ResourceError(
        `keyAlgorithm: a gateway makes no key "${String(asked)}". Choose one of ${keyAlgorithms.join(", ")}.`,
        this,
      );
    const { address, sshUser, pushKey } = args;
    const reach = { address, sshUser, pushKey };

    const first = ask(
      `${name}-hostkey`,
      { ...reach, script: hostkeyScript, hostKeys: args.bootstrapHostKey, environment: {} },
      [args.machine],
      parent,
    );
    this.hostKey = stdout(first).apply((printed) => answers.hostKey.parse(printed).hostKey);

    // What was asked for when the key was made: a fleet changes its algorithm one gateway after the other.
    const keyAlgorithm = pin(
      `${name}-key`,
      { algorithm: asked },
      [args.machine, args.keyEpoch],
      parent,
    )("algorithm").apply((word) => {
      const known = keyAlgorithmNamed(word);
      if (known === undefined)
        throw new pulumi.ResourceError(`${name}: the state holds no kind of key.`, this);
      return known;
    });
    const names = [args.identity, ...(args.sharedIdentity === undefined ? [] : [args.sharedIdentity])];
    const request = ask(
      `${name}-csr`,
      {
        ...reach,
        script: csrScript,
        hostKeys: this.hostKey,
        environment: {
          TRUNKLINE_IDENTITY: names.join(","),
          TRUNKLINE_KEY_EPOCH: `${args.keyEpoch}`,
          TRUNKLINE_KEY_ALGORITHM: keyAlgorithm,
        },
      },
      [args.machine, args.keyEpoch, ...names],
      parent,
    );
    const certRequestPem = pulumi.all([stdout(request), keyAlgorithm]).apply(([printed, kind]) => {
      const { csr } = answers.csr.parse(printed);
      const problems = checkCsr(csr, args.identity, kind, args.sharedIdentity);
      if (problems.length === 0) return csr;
      const remedy =
        "Nothing was signed. Look at the gateway before you trust it; a higher key epoch asks it again.";
      throw new pulumi.ResourceError([...problems, remedy].join(" "), this);
    });

    const { allowedUses, validityPeriodHours } = planProfile("leaf", args.leafDays);
    const leaf = new tls.LocallySignedCert(
      `${name}-certificate`,
      {
        certRequestPem,
        caPrivateKeyPem: pulumi.secret(args.issuerKey),
        caCertPem: args.issuerCertificate,
        isCaCertificate: false,
        setSubjectKeyId: true,
        allowedUses: [...allowedUses],
        validityPeriodHours,
      },
      parent,
    );
    this.certificate = pulumi.unsecret(leaf.certPem);
    this.registerOutputs({ hostKey: this.hostKey, certificate: this.certificate });
  }
}

/** Repeats the former answer; the command provider hands it over in this variable. */
const repeatAnswer = 'printf %s "$PULUMI_COMMAND_STDOUT"';

/**
 * Runs a script that asks the gateway something once, and again only when `epoch` changes. Otherwise a newer script,
 * program or address would make the answer, and so the certificate, a new one; and the bootstrap host key works only
 * until the first release. So an update repeats the answer, and what asks anew is a replacement, by the engine's
 * trigger: the provider's own `triggers` would run the update.
 */
function ask(
  name: string,
  { script, address, sshUser, pushKey, hostKeys, environment }: AskArgs,
  epoch: pulumi.Input<string | number>[],
  opts: pulumi.CustomResourceOptions,
): local.Command {
  return new local.Command(
    name,
    {
      create: script,
      update: repeatAnswer,
      stdin: gatewayProgram(),
      environment: {
        TRUNKLINE_ADDRESS: address,
        TRUNKLINE_USER: sshUser,
        TRUNKLINE_PUSH_KEY: pulumi.secret(pushKey),
        TRUNKLINE_HOST_KEYS: hostKeys,
        ...environment,
      },
      logging: "none",
    },
    { ...opts, replacementTrigger: epoch },
  );
}

interface AskArgs {
  readonly script: string;
  readonly address: pulumi.Input<string>;
  readonly sshUser: pulumi.Input<string>;
  readonly pushKey: pulumi.Input<string>;
  readonly hostKeys: pulumi.Input<string>;
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
}

const answers = { hostKey: z.object({ hostKey: z.string() }), csr: z.object({ csr: z.string() }) };

/** What the gateway printed. Public by nature, though asked with a secret key: so it is marked as public again. */
function stdout(command: local.Command): pulumi.Output<unknown> {
  return pulumi.unsecret(command.stdout).apply((text): unknown => JSON.parse(text));
}
