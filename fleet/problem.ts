/**
 * A problem that Trunkline found in what it was given, before anything was built.
 * The code is stable: documentation, tests and waivers refer to it by name.
 */
export interface Problem {
  /** A word in CamelCase, registered in `problemCodes`. */
  readonly code: ProblemCode;
  readonly severity: "error" | "warning";
  /** Where in the fleet file, or absent when the problem belongs to no line of it. */
  readonly at?: Position;
  /** Path of the value in the file, such as `regions.use1.cidr`. */
  readonly path: string;
  /** What is wrong, one sentence. */
  readonly message: string;
  /** What to do about it, one sentence. */
  readonly remedy: string;
}

/** Line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A value, or every problem that kept it from being made; warnings may stand beside a value. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Every code, with one sentence for the error reference. A test keeps `docs/errors.md` complete. */
export const problemCodes = {
  NotText: "The file is not UTF-8 text.",
  TooLarge: "The file is larger than a fleet file may be.",
  NotYaml: "The file is not YAML 1.2.",
  DuplicateKey: "A key stands twice in one mapping.",
  AliasBomb: "Aliases of the file unfold to more values than a fleet file may have.",
  NotAFleet: "The file is YAML, but not a mapping with `fleet` and `regions`.",
  MissingKey: "A key that must be there is absent.",
  UnknownKey: "A key that Trunkline does not know.",
  NotYetSupported: "The field is part of the design, but this version does not build it yet.",
  WrongType: "A value is of another type than the key takes.",
  WrongValue: "A value is none of those that the key takes.",
  NameInvalid: "A name breaks the rules of DNS labels or of Linux interface names.",
  RegionUnknown: "The cloud has no region of that name.",
  CidrInvalid: "A value is no network in CIDR notation of its family.",
  CidrHostBits: "A network has bits set beyond its prefix length.",
  CidrSize: "A network is larger or smaller than the cloud takes.",
  CidrReserved: "A network lies in a range that cannot be routed between sites.",
  CidrNotPrivate:
    "The cloud's route service speaks from private addresses alone, and gateways would have others.",
  CidrOverlap: "Two networks of the fleet overlap.",
  Ipv6Unsupported: "IPv6 stands beside a choice of the region that it is not built for.",
  OutsideUnsupported:
    "IPv6 outside addresses stand beside a choice of the region that gives its gateways none.",
  OutsideMtu: "Packets between regions over IPv6 would leave too little room for those inside.",
  IdInvalid: "An id of what a user has in the cloud is not of the cloud's form.",
  IdElsewhere: "An id is of another network, or of another owner, than what stands beside it.",
  IdDuplicate: "One id stands for two things.",
  SubnetOutside: "A gateway's subnet lies outside of its region's networks.",
  AsnInvalid: "An ASN is not private, or reserved.",
  AsnConflict: "Two routers of the fleet have the same ASN.",
  HubUnknown: "A hub is no region of the fleet.",
  LinkUnknown: "A link names a region that the fleet does not have, or itself.",
  LinkDuplicate: "A link stands twice.",
  CanaryUnknown: "A canary is no region of the fleet.",
  SoakWithoutWaves: "A soak stands where a rollout has one wave, and nothing to wait for.",
  GateTwice: "A gate stands twice, and the second time would show nothing new.",
  CommandLine: "A gate's command is a line for a shell, and no shell reads it.",
  KeyConflict: "Two keys stand beside each other of which one excludes the other.",
  TopologyConflict: "Keys of two topologies stand in one file.",
  ProposalInvalid: "A proposal is not in strongSwan's words, or names no transform or two for one role.",
  ProposalWeak: "A proposal uses an algorithm that is weak or does not authenticate.",
  ProposalPolicy: "A proposal uses an algorithm that the fleet's policy does not take.",
  NoCommonProposal: "Two ends of a tunnel take no proposal in common that the policy takes.",
  KeyWeak: "A gateway's key would be weaker than what counts as strong today.",
  OptionUnknown:
    "A gateway's system has a version of a daemon that does not know what its release would say.",
  LifetimeImpossible: "Lifetimes contradict each other or lie outside of what works.",
  ManagedOption: "A region with a managed gateway has a key that is of gateways of one's own.",
  ManagedSize: "A managed gateway would be of a size that its tunnels, or BGP, cannot be had with.",
  ManagedPostQuantum:
    "A link with a managed gateway is to be protected against quantum computers, which the gateway cannot.",
  InsideCidrConflict: "Two links of one region have the same network inside of tunnels to a managed gateway.",
  InsideCidrOutside: "A network inside of tunnels is none that the cloud's managed gateway takes.",
  InsideCidrPool:
    "A region is linked with more managed gateways than the cloud has networks inside of tunnels for.",
  ManagedConnectionQuota: "A cloud region needs more managed VPN connections than a fresh account has.",
  ManagedConnectionsExceeded: "A managed gateway is linked with more gateways than it takes.",
  ManagedPeerOfItsCloud:
    "A managed gateway is linked with machines of its own cloud, whose pages disagree on whether it takes them.",
  InterfaceConflict: "Two tunnels of one gateway derive the same interface id.",
  AddressConflict: "Two tunnels derive the same inside addresses.",
  RouterIdConflict: "Two gateways derive the same BGP identifier.",
  Unreachable: "Two regions cannot reach each other over the planned sessions and filters.",
  UnreachableAfterLoss: "Two regions lose each other when one gateway is lost.",
  NoStandby: "An active-standby region has one gateway, and none that stands by.",
  MovedAddressMode: "A moved address beside a mode, or routes, with which no gateway moves it.",
  MovedAddressPair: "A moved address in a region that does not have two gateways.",
  SingleGateway: "A region has one gateway, and goes with it.",
  TransitGatewayRoutesExceeded:
    "A region's gateways would tell its transit gateway more routes than it takes.",
  TransitGatewayQuota: "A cloud region needs more transit gateways than a fresh account has.",
  RouteServerRoutesExceeded: "A region would hand its VPC Route Server more routes than it takes.",
  RouteServerCoversOthers:
    "A region hands its VPC Route Server prefixes with addresses that are of no region.",
  AzureRouteServerRoutesExceeded: "A region would hand its Azure Route Server more routes than it takes.",
  AzureRouteServerCoversOthers:
    "A region hands its Azure Route Server prefixes with addresses that are of no region.",
  AzureVpnRoutesExceeded: "A region would tell its Azure VPN gateway more routes than it takes.",
  CloudRouterRoutesExceeded: "A region would hand its Cloud Router more routes than its network takes.",
  CloudRouterCoversOthers: "A region hands its Cloud Router prefixes with addresses that are of no region.",
  RouteTableRoutesExceeded: "A region's route tables would need more static routes than one takes.",
  RouteTableCoversOthers: "A region's route tables send addresses that are of no region to its gateways.",
  AgentAlone: "A region with `routes: agent` has one gateway, and none that could move the routes.",
  ElasticIpQuota: "A cloud region needs more fixed public addresses than a fresh account has.",
  NetworkQuota: "A fleet needs more networks than a fresh account has.",
  TagInvalid: "A tag breaks the cloud's rules.",
  TooManyRegions: "The fleet has more regions than Trunkline plans.",
} as const satisfies Record<string, string>;

export type ProblemCode = keyof typeof problemCodes;

/** By place in the file, then by code: the order in which a person mends them. */
export function byPlace(problems: readonly Problem[]): Problem[] {
  return [...problems].sort(
    (one, other) =>
      (one.at?.line ?? 0) - (other.at?.line ?? 0) ||
      (one.at?.column ?? 0) - (other.at?.column ?? 0) ||
      (one.code < other.code ? -1 : one.code > other.code ? 1 : 0),
  );
}

/** `FILE:LINE:COLUMN` or the file alone, for a message of one line. */
export function formatPosition({ file, line, column }: Position): string {
  return `${file}:${String(line)}:${String(column)}`;
}

/** One problem as text: code, place, path; what is wrong; what to do. */
export function formatProblem({ code, severity, at, path, message, remedy }: Problem): string {
  const head = [at === undefined ? undefined : formatPosition(at), severity, code, path];
  return `${head.filter((word) => word !== undefined && word !== "").join("  ")}\n  ${message}\n  ${remedy}`;
}
