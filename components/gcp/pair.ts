import * as compute from "@pulumi/gcp/compute";
import * as networkconnectivity from "@pulumi/gcp/networkconnectivity";
import * as serviceaccount from "@pulumi/gcp/serviceaccount";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { renderUserData } from "../../gateway/user-data";
import { pin } from "../pin";
import { explain } from "../problem";
import type { ImageQuery } from "./image.plan";
import { limits } from "./limits";
import { resourceName } from "../resource-name";
import { accountId } from "./name";
import { type PairPlan, type PlannedMachine, planPair } from "./pair.plan";
import { labelsFor } from "./tags";

export const GatewaySystem = {
  Debian13: "debian-13",
  Debian12: "debian-12",
  Ubuntu2404: "ubuntu-24.04",
} as const;
export type GatewaySystem = (typeof GatewaySystem)[keyof typeof GatewaySystem];

export interface PairGatewayArgs {
  /** `a`, `b`, …; the gateway's id is the region's name, a dash and this. */
  letter: string;
  /** Letter of its zone: `b` of `europe-west1-b`. */
  zone: string;
  /** Machine type of Compute Engine; Arm types get the arm64 image. */
  size: string;
  /** What a machine that is made runs. One that is there keeps its own until `imageEpoch` is raised. */
  system?: GatewaySystem;
  /** Raise to replace this gateway's machine, with the newest image. */
  imageEpoch: number;
}

export interface RouterInterfaceArgs {
  /** Unique among the interfaces; part of its name in the project. */
  name: string;
}

export interface CloudRouterArgs {
  /** The cloud's end of every session: a private one, and not the gateways'. */
  asn: number;
  /** Two, redundant: each gateway peers with both. */
  interfaces: RouterInterfaceArgs[];
}

export interface HaGatewayPairArgs {
  /** The fleet's name: the beginning of names in the project. */
  fleet: string;
  /** The region's name in the fleet, such as `euw1`. */
  region: string;
  /** Google's own name of the region, such as `europe-west1`. */
  cloudRegion: string;
  /** ASN of every gateway of the region. */
  asn: number;
  /** Id of the VPC network. */
  networkId: pulumi.Input<string>;
  /** The gateways' subnet, in which the Cloud Router has its interfaces, too. */
  subnetId: pulumi.Input<string>;
  /** The network tag that firewall rules find gateways by. */
  gatewayTag: pulumi.Input<string>;
  /** In the order in which machines are made and replaced. */
  gateways: PairGatewayArgs[];
  /** The Cloud Router that follows the gateways. */
  router: CloudRouterArgs;
  /** Labels of what takes labels. */
  tags?: Record<string, string>;
  /** Whether the public addresses are protected from deletion. Default true. */
  protect?: boolean;
}

/**
 * A region's gateways: machines in zones of their own that forward packets, each with a fixed address within the network and
 * a fixed public one behind 1:1 NAT; a router appliance spoke of Network Connectivity Center, and the Cloud Router that they
 * speak BGP with, so that the network's routes follow whichever of them is up. Their service account has no role anywhere:
 * a gateway holds no right in the cloud.
 */
export class HaGatewayPair extends pulumi.ComponentResource {
  /** By letter, as all maps here. An id changes when the machine is a new one. */
  readonly instanceIds: pulumi.Output<Record<string, string>>;
  /** What each machine was made with; changes with the machine alone. */
  readonly systems: pulumi.Output<Record<string, string>>;
  readonly privateAddresses: pulumi.Output<Record<string, string>>;
  readonly publicAddresses: pulumi.Output<Record<string, string>>;
  /** Public SSH host keys that user data carries; they pin the first connection only. */
  readonly bootstrapHostKeys: pulumi.Output<Record<string, string>>;
  /** OpenSSH private key that may push to all gateways of the pair. Secret. */
  readonly pushKey: pulumi.Output<string>;
  /** Addresses of the Cloud Router's interfaces by name. */
  readonly interfaceAddresses: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: HaGatewayPairArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:gcp:HaGatewayPair", name, {}, opts);
    const plan = planPair(args);
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const parent = { parent: this };

    const pushKey = new tls.PrivateKey(`${name}-push`, { algorithm: "ED25519" }, parent);
    const account = new serviceaccount.Account(
      `${name}-account`,
      {
        accountId: accountId(args),
        displayName: `Gateways of ${args.fleet} in ${args.region}`,
        description: "Has no role: gateways hold no right in the cloud.",
      },
      parent,
    );
    const made = new Map<string, Gateway>();
    for (const machine of plan.value.machines)
      made.set(machine.letter, gateway(name, args, machine, { pushKey, account, made }, this));
    const interfaces = cloudRouter(name, args, plan.value, made, this);

    const each = (pick: (made: Gateway) => pulumi.Output<string>) =>
      pulumi.output(Object.fromEntries([...made].map(([letter, gateway]) => [letter, pick(gateway)])));
    this.instanceIds = each(({ instance }) => instance.instanceId);
    this.systems = each(({ system }) => system);
    this.privateAddresses = each(({ inside }) => inside.address);
    this.publicAddresses = each(({ outside }) => outside.address);
    this.bootstrapHostKeys = each(({ bootstrap }) => bootstrap.publicKeyOpenssh.apply((key) => key.trim()));
    this.pushKey = pulumi.secret(pushKey.privateKeyOpenssh);
    this.interfaceAddresses = pulumi.output(Object.fromEntries(interfaces));
    this.registerOutputs({
      instanceIds: this.instanceIds,
      systems: this.systems,
      privateAddresses: this.privateAddresses,
      publicAddresses: this.publicAddresses,
      bootstrapHostKeys: this.bootstrapHostKeys,
      pushKey: this.pushKey,
      interfaceAddresses: this.interfaceAddresses,
    });
  }
}

interface Gateway {
  readonly instance: compute.Instance;
  readonly system: pulumi.Output<string>;
  readonly inside: compute.Address;
  readonly outside: compute.Address;
  readonly bootstrap: tls.PrivateKey;
}

interface Shared {
  readonly pushKey: tls.PrivateKey;
  readonly account: serviceaccount.Account;
  readonly made: ReadonlyMap<string, Gateway>;
}

function gateway(
  name: string,
  args: HaGatewayPairArgs,
  machine: PlannedMachine,
  { pushKey, account, made }: Shared,
  self: pulumi.Resource,
): Gateway {
  const { letter } = machine;
  const parent = { parent: self };
  const imageEpoch = args.gateways.find((one) => one.letter === letter)?.imageEpoch ?? 1;
  // ECDSA, since it is read by every sshd; the key made on the machine replaces it after the first connection.
  const bootstrap = new tls.PrivateKey(
    `${name}-${letter}-bootstrap`,
    { algorithm: "ECDSA", ecdsaCurve: "P256" },
    parent,
  );
  const inside = insideAddress(`${name}-${letter}-inside`, args, `${letter}-inside`, self);
  const outside = new compute.Address(
    `${name}-${letter}-address`,
    {
      name: resourceName(args, `${letter}-address`),
      region: args.cloudRegion,
      addressType: "EXTERNAL",
      networkTier: "PREMIUM",
      labels: labelsFor(args),
    },
    { ...parent, protect: args.protect ?? true },
  );
  const pinned = pin(
    `${name}-${letter}-boot`,
    {
      image: imageLink(machine.image, parent),
      // Beside its image, so that a release is written for what the machine really runs.
      system: machine.system,
      userData: pulumi
        .all([pushKey.publicKeyOpenssh, bootstrap.privateKeyOpenssh])
        .apply(([pushPublicKey, bootstrapHostKey]) => renderUserData({ pushPublicKey, bootstrapHostKey })),
    },
    imageEpoch,
    parent,
  );
  const before =
    machine.after === undefined ? [] : [made.get(machine.after)?.instance].filter((i) => i !== undefined);
  const instance = new compute.Instance(
    `${name}-${letter}`,
    {
      name: resourceName(args, `pair-${letter}`),
      description: `${args.fleet} ${args.region}-${letter}`,
      zone: machine.zone,
      machineType: machine.size,
      // A gateway forwards packets that are neither from nor to itself.
      canIpForward: true,
      tags: [args.gatewayTag],
      labels: labelsFor(args),
      // Private keys are made on this disk and never leave it; Google encrypts every disk.
      bootDisk: {
        autoDelete: true,
        initializeParams: { image: pulumi.unsecret(pinned("image")), size: 16, type: "pd-balanced" },
      },
      networkInterfaces: [
        {
          subnetwork: args.subnetId,
          networkIp: inside.address,
          accessConfigs: [{ natIp: outside.address, networkTier: "PREMIUM" }],
        },
      ],
      // No access scope, of an account without a role.
      serviceAccount: { email: account.email, scopes: [] },
      metadata: {
        // Keys of the project, and of who logs in there, open no gateway.
        "block-project-ssh-keys": "TRUE",
        "enable-oslogin": "FALSE",
        "serial-port-enable": "FALSE",
        // It runs at every boot, which it may.
        "startup-script": pulumi.secret(pinned("userData")),
      },
      shieldedInstanceConfig: {
        enableSecureBoot: true,
        enableVtpm: true,
        enableIntegrityMonitoring: true,
      },
    },
    {
      ...parent,
      // An address serves one machine: the old one goes first, and never both of a pair at once.
      deleteBeforeReplace: true,
      replacementTrigger: imageEpoch,
      dependsOn: before,
    },
  );
  return { instance, system: pulumi.unsecret(pinned("system")), inside, outside, bootstrap };
}

/** The spoke that makes the machines router appliances, the Cloud Router, and every gateway's session with each interface. */
function cloudRouter(
  name: string,
  args: HaGatewayPairArgs,
  { sessions }: PairPlan,
  made: ReadonlyMap<string, Gateway>,
  self: pulumi.Resource,
): Map<string, pulumi.Output<string>> {
  const parent = { parent: self };
  const { router: wanted, cloudRegion } = args;
  const hub = new networkconnectivity.Hub(
    `${name}-hub`,
    { name: resourceName(args, "hub"), labels: labelsFor(args) },
    parent,
  );
  const spoke = new networkconnectivity.Spoke(
    `${name}-spoke`,
    {
      name: resourceName(args, "spoke"),
      location: cloudRegion,
      hub: hub.id,
      labels: labelsFor(args),
      linkedRouterApplianceInstances: {
        instances: [...made.values()].map(({ instance, inside }) => ({
          virtualMachine: instance.selfLink,
          ipAddress: inside.address,
        })),
        // Google's network carries nothing between sites: tunnels do.
        siteToSiteDataTransfer: false,
      },
    },
    parent,
  );
  const router = new compute.Router(
    `${name}-router`,
    {
      name: resourceName(args, "router"),
      region: cloudRegion,
      network: args.networkId,
      bgp: { asn: wanted.asn, keepaliveInterval: limits.keepaliveSeconds },
    },
    parent,
  );
  const [main, redundant] = wanted.interfaces;
  const interfaces = new Map<string, compute.RouterInterface>();
  const addresses = new Map<string, pulumi.Output<string>>();
  // The one that another names as redundant comes first.
  for (const { name: label } of [redundant, main].filter((one) => one !== undefined)) {
    const address = insideAddress(`${name}-${label}-address`, args, label, self).address;
    const partner = label === main?.name ? interfaces.get(redundant?.name ?? "") : undefined;
    addresses.set(label, address);
    interfaces.set(
      label,
      new compute.RouterInterface(
        `${name}-${label}`,
        {
          name: label,
          router: router.name,
          region: cloudRegion,
          subnetwork: args.subnetId,
          privateIpAddress: address,
          ...(partner === undefined ? {} : { redundantInterface: partner.name }),
        },
        parent,
      ),
    );
  }
  for (const session of sessions) {
    const [foot, gateway] = [interfaces.get(session.interface), made.get(session.letter)];
    if (foot === undefined || gateway === undefined) continue;
    new compute.RouterPeer(
      `${name}-${session.name}`,
      {
        name: session.name,
        router: router.name,
        region: cloudRegion,
        interface: foot.name,
        peerIpAddress: gateway.inside.address,
        peerAsn: args.asn,
        routerApplianceInstance: gateway.instance.selfLink,
      },
      // Only an instance of a spoke may be a peer.
      { ...parent, dependsOn: [spoke, ...interfaces.values()] },
    );
  }
  return addresses;
}

/** An address of the gateways' subnet that stays whatever becomes of who has it. */
function insideAddress(
  name: string,
  args: HaGatewayPairArgs,
  suffix: string,
  parent: pulumi.Resource,
): compute.Address {
  return new compute.Address(
    name,
    {
      name: resourceName(args, suffix),
      region: args.cloudRegion,
      addressType: "INTERNAL",
      purpose: "GCE_ENDPOINT",
      subnetwork: args.subnetId,
      labels: labelsFor(args),
    },
    { parent },
  );
}

/** The newest official image; pinned per epoch by the caller. */
function imageLink(
  { project, family }: ImageQuery,
  opts: { readonly parent: pulumi.Resource },
): pulumi.Output<string> {
  return compute.getImageOutput({ project, family }, opts).selfLink;
}
