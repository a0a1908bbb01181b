import * as compute from "@pulumi/azure-native/compute";
import * as azureNetwork from "@pulumi/azure-native/network";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { renderUserData } from "../../gateway/user-data";
import { pin } from "../pin";
import { explain } from "../problem";
import { resourceName } from "../resource-name";
import { type PlannedMachine, planPair } from "./pair.plan";
import { routeServer } from "./route-server";
import { tagsFor } from "./tags";

export const GatewaySystem = {
  Debian13: "debian-13",
  Debian12: "debian-12",
  Ubuntu2404: "ubuntu-24.04",
} as const;
export type GatewaySystem = (typeof GatewaySystem)[keyof typeof GatewaySystem];

export interface PairGatewayArgs {
  /** `a`, `b`, …; the gateway's id is the region's name, a dash and this. */
  letter: string;
  /** Number of its availability zone. */
  zone: string;
  /** Size of the virtual machine; Arm sizes get the arm64 image. */
  size: string;
  /** IPv4 address of the gateways' subnet, none of its first four and not its last. */
  privateAddress: string;
  /** What a machine that is made runs. One that is there keeps its own until `imageEpoch` is raised. */
  system?: GatewaySystem;
  /** Raise to replace this gateway's machine, with the newest image. */
  imageEpoch: number;
}

export interface RouteServerInstanceArgs {
  /** Unique among the instances; what `instanceAddresses` knows it by. */
  name: string;
}

export interface RouteServerArgs {
  /** Id of the subnet `RouteServerSubnet`. */
  subnetId: pulumi.Input<string>;
  /** Two: each gateway peers with both. */
  instances: RouteServerInstanceArgs[];
}

export interface HaGatewayPairArgs {
  /** The fleet's name: the beginning of names in the subscription. */
  fleet: string;
  /** The region's name in the fleet, such as `weu`. */
  region: string;
  /** Azure's own name of the region, such as `westeurope`. */
  cloudRegion: string;
  /** What gateways call themselves towards the Route Server: 16 bits, and none that Azure keeps. */
  asn: number;
  /** Where all of it is made. */
  resourceGroupName: pulumi.Input<string>;
  /** Id of the gateways' subnet. */
  subnetId: pulumi.Input<string>;
  /** Id of the gateways' network security group. */
  securityGroupId: pulumi.Input<string>;
  /** In the order in which machines are made and replaced. */
  gateways: PairGatewayArgs[];
  /** The Route Server that follows the gateways. */
  routeServer: RouteServerArgs;
  /** Tags of what takes tags. */
  tags?: Record<string, string>;
  /** Whether the public addresses are protected from deletion. Default true. */
  protect?: boolean;
}

/**
 * A region's gateways: machines in zones of their own that forward packets, each with a fixed address within the network and
 * a fixed public one behind 1:1 NAT; and the Route Server that they speak BGP with, so that the network's routes follow
 * whichever of them is up. They have no identity: a gateway holds no right in the cloud.
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
  /** Addresses of the Route Server's instances by name. */
  readonly instanceAddresses: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: HaGatewayPairArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:azure:HaGatewayPair", name, {}, opts);
    const plan = planPair(args);
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);

    const pushKey = new tls.PrivateKey(`${name}-push`, { algorithm: "ED25519" }, { parent: this });
    const made = new Map<string, Gateway>();
    for (const machine of plan.value)
      made.set(machine.letter, gateway(name, args, machine, { pushKey, made }, this));
    const instanceAddresses = routeServer(
      name,
      args,
      [...made].map(([letter, { networkInterface }]) => ({
        letter,
        privateAddress: plan.value.find((one) => one.letter === letter)?.privateAddress ?? "",
        networkInterface,
      })),
      this,
    );

    const each = (pick: (made: Gateway) => pulumi.Input<string>) =>
      pulumi.output(Object.fromEntries([...made].map(([letter, gateway]) => [letter, pick(gateway)])));
    this.instanceIds = each(({ machine }) => machine.vmId);
    this.systems = each(({ system }) => system);
    this.privateAddresses = each(({ privateAddress }) => privateAddress);
    this.publicAddresses = each(({ outside }) => outside.ipAddress.apply(given));
    this.bootstrapHostKeys = each(({ bootstrap }) => bootstrap.publicKeyOpenssh.apply((key) => key.trim()));
    this.pushKey = pulumi.secret(pushKey.privateKeyOpenssh);
    this.instanceAddresses = instanceAddresses;
    this.registerOutputs({
      instanceIds: this.instanceIds,
      systems: this.systems,
      privateAddresses: this.privateAddresses,
      publicAddresses: this.publicAddresses,
      bootstrapHostKeys: this.bootstrapHostKeys,
      pushKey: this.pushKey,
      instanceAddresses: this.instanceAddresses,
    });
  }
}

interface Gateway {
  readonly machine: compute.VirtualMachine;
  readonly system: pulumi.Output<string>;
  readonly privateAddress: string;
  readonly networkInterface: azureNetwork.NetworkInterface;
  readonly outside: azureNetwork.PublicIPAddress;
  readonly bootstrap: tls.PrivateKey;
}

interface Shared {
  readonly pushKey: tls.PrivateKey;
  readonly made: ReadonlyMap<string, Gateway>;
}

/** Who Azure makes beside root, with the key that may push; it asks for somebody, and takes no root. */
const admin = "trunkline";

function gateway(
  name: string,
  args: HaGatewayPairArgs,
  planned: PlannedMachine,
  { pushKey, made }: Shared,
  self: pulumi.Resource,
): Gateway {
  const { letter, privateAddress } = planned;
  const parent = { parent: self };
  const common = {
    resourceGroupName: args.resourceGroupName,
    location: args.cloudRegion,
    tags: tagsFor(args),
  };
  const imageEpoch = args.gateways.find((one) => one.letter === letter)?.imageEpoch ?? 1;
  // ECDSA, since it is read by every sshd; the key made on the machine replaces it after the first connection.
  const bootstrap = new tls.PrivateKey(
    `${name}-${letter}-bootstrap`,
    { algorithm: "ECDSA", ecdsaCurve: "P256" },
    parent,
  );
  const outside = new azureNetwork.PublicIPAddress(
    `${name}-${letter}-address`,
    {
      ...common,
      publicIpAddressName: resourceName(args, `${letter}-address`),
      sku: { name: "Standard", tier: "Regional" },
      publicIPAllocationMethod: "Static",
      publicIPAddressVersion: "IPv4",
      // In the machine's zone alone: it serves no other.
      zones: [planned.zone],
    },
    { ...parent, protect: args.protect ?? true },
  );
  const networkInterface = new azureNetwork.NetworkInterface(
    `${name}-${letter}-interface`,
    {
      ...common,
      networkInterfaceName: resourceName(args, `${letter}-interface`),
      // A gateway forwards packets that are neither from nor to itself.
      enableIPForwarding: true,
      enableAcceleratedNetworking: true,
      networkSecurityGroup: { id: args.securityGroupId },
      ipConfigurations: [
        {
          name: "inside",
          primary: true,
          subnet: { id: args.subnetId },
          privateIPAddress: privateAddress,
          privateIPAllocationMethod: "Static",
          privateIPAddressVersion: "IPv4",
          publicIPAddress: { id: outside.id },
        },
      ],
    },
    parent,
  );
  const { publisher, offer, sku } = planned.image;
  const pinned = pin(
    `${name}-${letter}-boot`,
    {
      publisher,
      offer,
      sku,
      // Beside its image, so that a release is written for what the machine really runs.
      system: planned.system,
      userData: pulumi
        .all([pushKey.publicKeyOpenssh, bootstrap.privateKeyOpenssh])
        .apply(([pushPublicKey, bootstrapHostKey]) => renderUserData({ pushPublicKey, bootstrapHostKey })),
    },
    imageEpoch,
    parent,
  );
  const image = (part: "publisher" | "offer" | "sku") => pulumi.unsecret(pinned(part));
  const before =
    planned.after === undefined ? [] : [made.get(planned.after)?.machine].filter((one) => one !== undefined);
  const machine = new compute.VirtualMachine(
    `${name}-${letter}`,
    {
      ...common,
      vmName: resourceName(args, letter),
      zones: [planned.zone],
      hardwareProfile: { vmSize: planned.size },
      networkProfile: {
        networkInterfaces: [{ id: networkInterface.id, primary: true, deleteOption: "Detach" }],
      },
      osProfile: {
        computerName: resourceName(args, letter),
        adminUsername: admin,
        customData: pulumi.secret(pinned("userData").apply((text) => Buffer.from(text).toString("base64"))),
        // What runs in it comes from releases alone.
        allowExtensionOperations: false,
        linuxConfiguration: {
          disablePasswordAuthentication: true,
          ssh: {
            publicKeys: [
              {
                path: `/home/${admin}/.ssh/authorized_keys`,
                keyData: pulumi.unsecret(pushKey.publicKeyOpenssh).apply((key) => key.trim()),
              },
            ],
          },
        },
      },
      storageProfile: {
        imageReference: {
          publisher: image("publisher"),
          offer: image("offer"),
          sku: image("sku"),
          version: planned.image.version,
        },
        // Private keys are made on this disk and never leave it; Azure encrypts every disk.
        osDisk: {
          name: resourceName(args, `${letter}-disk`),
          createOption: "FromImage",
          deleteOption: "Delete",
          diskSizeGB: 32,
          managedDisk: { storageAccountType: "StandardSSD_LRS" },
        },
      },
      ...(planned.trustedLaunch
        ? {
            securityProfile: {
              securityType: "TrustedLaunch",
              uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
            },
          }
        : {}),
    },
    {
      ...parent,
      // An interface serves one machine: the old one goes first, and never both of a pair at once.
      deleteBeforeReplace: true,
      replacementTrigger: imageEpoch,
      dependsOn: before,
    },
  );
  return {
    machine,
    system: pulumi.unsecret(pinned("system")),
    privateAddress,
    networkInterface,
    outside,
    bootstrap,
  };
}

/** A Standard address is there as soon as its resource is. */
function given(address: string | undefined): string {
  if (address === undefined) throw new Error("Azure has made a public address and says not which.");
  return address;
}
