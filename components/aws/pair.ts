import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { renderUserData } from "../../gateway/user-data";
import { BgpSession, LivenessDetection } from "../backbone/bgp-session";
import { pin } from "../pin";
import { explain } from "../problem";
import type { ImageQuery } from "./image.plan";
import { routeMovers } from "./instance-rights";
import { type PairPlan, type PlannedMachine, planPair } from "./pair.plan";
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
  /** The gateway's subnet; routed to the internet. */
  subnetId: pulumi.Input<string>;
  /** The subnet's IPv4 block. */
  subnetCidr: string;
  /** Whether the gateway has an IPv6 address in its subnet; default false. */
  ipv6?: boolean;
  /** EC2 instance type; Graviton types get the arm64 image. */
  size: string;
  /** What a machine that is made runs. One that is there keeps its own until `imageEpoch` is raised. */
  system?: GatewaySystem;
  /** Raise to replace this gateway's machine, with the newest image. */
  imageEpoch: number;
}

export interface RouteServerEndpointArgs {
  /** Unique among the endpoints. */
  name: string;
  /** A gateway subnet. */
  subnetId: pulumi.Input<string>;
}

export interface RouteServerArgs {
  /** The cloud's end of every session; differs from the gateways' ASN. */
  asn: number;
  /** One per gateway subnet. */
  endpoints: RouteServerEndpointArgs[];
}

export interface PairRouteTableArgs {
  /** Unique among the tables; part of logical names. */
  name: string;
  /** The route table's id: `rtb-…`. */
  id: pulumi.Input<string>;
}

export interface HaGatewayPairArgs {
  /** The fleet's name, for tags. */
  fleet: string;
  /** The region's name in the fleet, such as `use1`. */
  region: string;
  /** ASN of every gateway of the region. */
  asn: number;
  /** Id of the VPC. */
  networkId: pulumi.Input<string>;
  /** Public addresses can be associated only once the network has its internet gateway. */
  internetGatewayId: pulumi.Input<string>;
  /** The gateways' security group. */
  securityGroupId: pulumi.Input<string>;
  /** Route tables that take the routes to other regions; their other routes stay as they are. */
  routeTables: PairRouteTableArgs[];
  /** In the order in which machines are made and replaced. */
  gateways: PairGatewayArgs[];
  /**
   * The VPC Route Server that follows the gateways. Absent: the gateways themselves move static routes of the tables
   * (`RemoteRoutes`), and have an instance profile that permits it and nothing else, unless `movesRoutes` is false.
   */
  routeServer?: RouteServerArgs;
  /** Without a Route Server: whether the gateways may move routes of the tables. Default true. */
  movesRoutes?: boolean;
  /**
   * Whether two gateways without a Route Server share one further public address, which they move between themselves:
   * peers know that one alone. Nothing of a deployment says who holds it.
   */
  movedAddress?: boolean;
  /** Further tags of every resource. */
  tags?: Record<string, string>;
  /** Whether the public addresses are protected from deletion. Default true. */
  protect?: boolean;
}

/**
 * A region's gateways: machines in zones of their own, each with a fixed public address behind 1:1 NAT, and the VPC
 * Route Server that points the workloads' route table at whichever of them is up. Machines have no instance profile
 * then: a gateway holds no right in the cloud. Without a Route Server they may replace routes of `routeTables`, unless a
 * `TransitGateway` follows them.
 */
export class HaGatewayPair extends pulumi.ComponentResource {
  /** By letter, as all maps here. An id changes when the machine is a new one. */
  readonly instanceIds: pulumi.Output<Record<string, string>>;
  /** What each machine was made with; changes with the machine alone. */
  readonly systems: pulumi.Output<Record<string, string>>;
  readonly privateAddresses: pulumi.Output<Record<string, string>>;
  /** Of the gateways that have one in their network. */
  readonly ipv6Addresses: pulumi.Output<Record<string, string>>;
  readonly publicAddresses: pulumi.Output<Record<string, string>>;
  /** Public SSH host keys that user data carries; they pin the first connection only. */
  readonly bootstrapHostKeys: pulumi.Output<Record<string, string>>;
  /** OpenSSH private key that may push to all gateways of the pair. Secret. */
  readonly pushKey: pulumi.Output<string>;
  /** Network interfaces: `eni-…`. */
  readonly networkInterfaceIds: pulumi.Output<Record<string, string>>;
  /** Addresses of the route server's endpoints by name; none without one. */
  readonly endpointAddresses: pulumi.Output<Record<string, string>>;
  /** Of the address that moves: its id, `eipalloc-…`; undefined without one, as the next two. */
  readonly movedAllocationId: pulumi.Output<string | undefined>;
  readonly movedPublicAddress: pulumi.Output<string | undefined>;
  /** The second private address of each gateway, which it moves to. */
  readonly movedPrivateAddresses: pulumi.Output<Record<string, string> | undefined>;

  constructor(name: string, args: HaGatewayPairArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:aws:HaGatewayPair", name, {}, opts);
    const plan = planPair(args);
    if (!plan.ok) throw new pulumi.ResourceError(explain(plan.problems), this);
    const { machines, sessions } = plan.value;
    const parent = { parent: this };
    const tags = (suffix: string) => ({ tags: tagsFor(args, `${name}-${suffix}`) });
    const inputs = (letter: string) => byKey(args.gateways, "letter", letter);

    // An existing network's id is known once it was looked at: until then, nothing that costs money.
    const known = pulumi.output(args.networkId).apply((): pulumi.Resource[] => []);
    const pushKey = new tls.PrivateKey(`${name}-push`, { algorithm: "ED25519" }, parent);
    const moved = args.movedAddress
      ? new ec2.Eip(
          `${name}-moved-address`,
          { domain: "vpc", ...tags("moved-address") },
          { ...parent, dependsOn: known, protect: args.protect ?? true },
        )
      : undefined;
    const cards = new Map(
      machines.map(({ letter }) => [
        letter,
        new ec2.NetworkInterface(
          `${name}-${letter}-card`,
          {
            subnetId: inputs(letter).subnetId,
            securityGroups: [args.securityGroupId],
            // A gateway forwards packets that are neither from nor to itself.
            sourceDestCheck: false,
            ...(moved === undefined ? {} : { privateIpsCount: 1 }),
            // Routes to an interface take IPv6 only where it has an address of it.
            ...(inputs(letter).ipv6 === true ? { ipv6AddressCount: 1 } : {}),
            description: `${args.fleet} ${args.region}-${letter}`,
            ...tags(`${letter}-card`),
          },
          // Its deletion lets the address go, which cannot be released before (AWS, "Elastic network interfaces").
          { ...parent, ...(moved === undefined ? {} : { dependsOn: moved }) },
        ),
      ]),
    );
    const made = new Map<string, Gateway>();
    let profile: pulumi.Output<string> | undefined;
    for (const machine of machines) {
      const { letter } = machine;
      const { imageEpoch } = inputs(letter);
      const card = cardOf(cards, letter);
      // ECDSA, since it is read by every sshd; the key made on the machine replaces it after the first connection.
      const bootstrap = new tls.PrivateKey(
        `${name}-${letter}-bootstrap`,
        { algorithm: "ECDSA", ecdsaCurve: "P256" },
        parent,
      );
      const address = new ec2.Eip(
        `${name}-${letter}-address`,
        { domain: "vpc", ...tags(`${letter}-address`) },
        { ...parent, dependsOn: known, protect: args.protect ?? true },
      );
      const association = new ec2.EipAssociation(
        `${name}-${letter}-address-card`,
        {
          allocationId: pulumi.all([address.allocationId, args.internetGatewayId]).apply(([id]) => id),
          networkInterfaceId: card.id,
        },
        parent,
      );
      const pinned = pin(
        `${name}-${letter}-boot`,
        {
          ami: imageId(machine.image, parent),
          // Beside its image, so that a release is written for what the machine really runs.
          system: machine.system,
          userData: pulumi
            .all([pushKey.publicKeyOpenssh, bootstrap.privateKeyOpenssh])
            .apply(([pushPublicKey, bootstrapHostKey]) =>
              renderUserData({ pushPublicKey, bootstrapHostKey }),
            ),
        },
        imageEpoch,
        parent,
      );
      if (args.routeServer === undefined && args.movesRoutes !== false)
        profile ??= routeMovers(
          `${name}-movers`,
          {
            cardArn: card.arn,
            tables: args.routeTables.map(({ id }) => id),
            ...(moved === undefined
              ? {}
              : { address: { arn: moved.arn, cardArns: [...cards.values()].map(({ arn }) => arn) } }),
            tags: tagsFor(args, `${name}-movers`),
          },
          this,
        );
      const before =
        machine.after === undefined ? [] : [made.get(machine.after)?.instance].filter((i) => i !== undefined);
      const instance = new ec2.Instance(
        `${name}-${letter}`,
        {
          ...machineInputs(machine),
          ...(profile === undefined ? {} : { iamInstanceProfile: profile }),
          ami: pulumi.unsecret(pinned("ami")),
          userData: pulumi.secret(pinned("userData")),
          primaryNetworkInterface: { networkInterfaceId: card.id },
          ...tags(letter),
        },
        {
          ...parent,
          // A card serves one machine: the old one goes first, and never both of a pair at once.
          deleteBeforeReplace: true,
          replacementTrigger: imageEpoch,
          dependsOn: [association, ...before],
        },
      );
      made.set(letter, { instance, system: pulumi.unsecret(pinned("system")), card, address, bootstrap });
    }

    const { routeServer } = args;
    const endpoints: ReadonlyMap<string, vpc.RouteServerEndpoint> =
      routeServer === undefined
        ? new Map()
        : routeService(name, { ...args, routeServer }, sessions, made, known, parent);

    const each = (pick: (gateway: Gateway) => pulumi.Output<string>) =>
      pulumi.output(Object.fromEntries([...made].map(([letter, gateway]) => [letter, pick(gateway)])));
    this.instanceIds = each(({ instance }) => instance.id);
    this.systems = each(({ system }) => system);
    this.privateAddresses = each(({ card }) => card.privateIp);
    this.ipv6Addresses = pulumi.output(
      Object.fromEntries(
        args.gateways
          .filter(({ ipv6 }) => ipv6 === true)
          .map(({ letter }) => [letter, cardOf(cards, letter).ipv6Addresses.apply(([first = ""]) => first)]),
      ),
    );
    this.networkInterfaceIds = each(({ card }) => card.id);
    this.publicAddresses = each(({ address }) => address.publicIp);
    this.bootstrapHostKeys = each(({ bootstrap }) => bootstrap.publicKeyOpenssh.apply((key) => key.trim()));
    this.pushKey = pulumi.secret(pushKey.privateKeyOpenssh);
    this.endpointAddresses = pulumi.output(
      Object.fromEntries([...endpoints].map(([endpoint, resource]) => [endpoint, resource.eniAddress])),
    );
    this.movedAllocationId = pulumi.output(moved?.allocationId);
    this.movedPublicAddress = pulumi.output(moved?.publicIp);
    this.movedPrivateAddresses = pulumi.output(
      moved === undefined
        ? undefined
        : Object.fromEntries([...cards].map(([letter, card]) => [letter, second(card)])),
    );
    this.registerOutputs({
      instanceIds: this.instanceIds,
      systems: this.systems,
      privateAddresses: this.privateAddresses,
      ipv6Addresses: this.ipv6Addresses,
      publicAddresses: this.publicAddresses,
      bootstrapHostKeys: this.bootstrapHostKeys,
      pushKey: this.pushKey,
      networkInterfaceIds: this.networkInterfaceIds,
      endpointAddresses: this.endpointAddresses,
      movedAllocationId: this.movedAllocationId,
      movedPublicAddress: this.movedPublicAddress,
      movedPrivateAddresses: this.movedPrivateAddresses,
    });
  }
}

/** The private address that a card has besides its primary one. */
function second({ privateIp, privateIps }: ec2.NetworkInterface): pulumi.Output<string> {
  return pulumi.all([privateIp, privateIps]).apply(([first, all]) => {
    const found = all.find((address) => address !== first);
    // Known once it is there: a preview of a card that is to have one shows the state of before.
    return found ?? "";
  });
}

function cardOf(cards: ReadonlyMap<string, ec2.NetworkInterface>, letter: string): ec2.NetworkInterface {
  const found = cards.get(letter);
  if (found === undefined) throw new Error(`gateway ${letter} has no network interface`);
  return found;
}

/** The route server, its ends in the gateways' subnets, and every gateway's session with each of them. */
function routeService(
  name: string,
  { routeServer, ...args }: HaGatewayPairArgs & { readonly routeServer: RouteServerArgs },
  sessions: PairPlan["sessions"],
  made: ReadonlyMap<string, Gateway>,
  known: pulumi.Output<pulumi.Resource[]>,
  parent: { readonly parent: pulumi.Resource },
): ReadonlyMap<string, vpc.RouteServerEndpoint> {
  const tags = (suffix: string) => ({ tags: tagsFor(args, `${name}-${suffix}`) });
  const server = new vpc.RouteServer(
    `${name}-routes`,
    // Routes of a pair that is gone must go, or workloads would send into nothing for good.
    { amazonSideAsn: routeServer.asn, persistRoutes: "disable", ...tags("routes") },
    { ...parent, dependsOn: known },
  );
  const routeServerId = server.routeServerId;
  const attached = new vpc.RouteServerVpcAssociation(
    `${name}-routes-network`,
    { routeServerId, vpcId: args.networkId },
    parent,
  );
  const dependsOn = [attached];
  for (const table of args.routeTables)
    new vpc.RouteServerPropagation(
      `${name}-routes-${table.name}`,
      { routeServerId, routeTableId: table.id },
      { ...parent, dependsOn },
    );
  const endpoints = new Map(
    routeServer.endpoints.map((endpoint) => [
      endpoint.name,
      new vpc.RouteServerEndpoint(
        `${name}-${endpoint.name}`,
        { routeServerId, subnetId: endpoint.subnetId, ...tags(endpoint.name) },
        { ...parent, dependsOn },
      ),
    ]),
  );
  for (const session of sessions) {
    const endpoint = endpoints.get(session.endpoint);
    const gateway = made.get(session.letter);
    if (endpoint === undefined || gateway === undefined) continue;
    new BgpSession(
      `${name}-${session.name}`,
      {
        peerAddress: gateway.card.privateIp,
        peerAsn: args.asn,
        livenessDetection: LivenessDetection.Bfd,
        routeServer: { endpointId: endpoint.routeServerEndpointId, ...tags(session.name) },
      },
      parent,
    );
  }
  return endpoints;
}

interface Gateway {
  readonly instance: ec2.Instance;
  readonly system: pulumi.Output<string>;
  readonly card: ec2.NetworkInterface;
  readonly address: ec2.Eip;
  readonly bootstrap: tls.PrivateKey;
}

function machineInputs({ size }: PlannedMachine): ec2.InstanceArgs {
  return {
    instanceType: size,
    // IMDSv2 only, and not for packets that the gateway forwards (hop limit 1).
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
    // Private keys are made on this disk and never leave it.
    rootBlockDevice: { encrypted: true, volumeType: "gp3", volumeSize: 16, deleteOnTermination: true },
  };
}

/** The newest official image; pinned per epoch by the caller. */
function imageId(query: ImageQuery, opts: { readonly parent: pulumi.Resource }): pulumi.Output<string> {
  return ec2.getAmiOutput(
    {
      owners: [query.owner],
      mostRecent: true,
      filters: [
        { name: "name", values: [query.name] },
        { name: "architecture", values: [query.architecture] },
        { name: "virtualization-type", values: ["hvm"] },
      ],
    },
    opts,
  ).id;
}

function byKey<K extends string, T extends Record<K, string>>(items: readonly T[], key: K, value: string): T {
  const found = items.find((item) => item[key] === value);
  if (found === undefined) throw new Error(`There is no ${key} "${value}".`);
  return found;
}
