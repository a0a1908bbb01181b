import * as pulumi from "@pulumi/pulumi";
import { type Family, outsideOf } from "../../fleet/family";
import type { Plan, PlannedRegion } from "../../fleet/plan";
import { endsOf } from "../../fleet/tunnel-ends";
import { derivePpks, regionsWithSeed } from "../../gateway/ppk";
import { derivePsks } from "../../gateway/psk";
import { bundleOf, renderRelease } from "../../gateway/render";
import { gatewayView } from "../../gateway/view";
import {
  type FabricHandover,
  fabricFormat,
  type GatewayHandover,
  type GatewayTrust,
  type RegionHandover,
  type TrustHandover,
  trustFormat,
} from "../handover";
import { CertificateAuthority } from "../trust/authority";
import { GatewayIdentity } from "../trust/identity";
import { ppkSeed } from "../trust/ppk-seed";
import { factsFor, neighbourRegions, peersOf, routesPart } from "./facts.plan";
import { connectionsOf, managedPeers } from "./managed";
import { GatewayRelease } from "./release";
import { openCloud } from "./sdk";

/**
 * The layers as functions, shared by `VpnBackbone` (one program) and the stacks (one program each): the same
 * components with the same logical names, fed from outputs there and from hand-overs here.
 */
export interface LayerOptions {
  /** Parent of the layer's components; absent in a stack of its own. */
  readonly parent?: pulumi.Resource;
  /** Whether addresses, networks and the authority are protected from deletion. */
  readonly protect: boolean;
}

/** The provider of one region, shared by its layers where they share a program. */
export function regionProvider(plan: Plan, region: PlannedRegion, { parent }: Pick<LayerOptions, "parent">) {
  return openCloud(region.cloud).provider(`${plan.fleet}-${region.name}-cloud`, region, under(parent));
}

/** Network, machines, addresses and route service. */
export function regionLayer(
  plan: Plan,
  region: PlannedRegion,
  provider: pulumi.ProviderResource,
  { parent, protect }: LayerOptions,
): pulumi.Output<RegionHandover> {
  const name = `${plan.fleet}-${region.name}`;
  return openCloud(region.cloud).region(
    name,
    { fleet: plan.fleet, region, protect },
    { ...under(parent), provider },
  );
}

/** The authority, every gateway's certificate, and what post-quantum preshared keys are derived of. */
export function trustLayer(
  plan: Plan,
  regions: ReadonlyMap<string, pulumi.Input<RegionHandover>>,
  { parent, protect }: LayerOptions,
): pulumi.Output<TrustHandover> {
  const { rootDays, intermediateDays, leafDays } = plan.trust;
  const opts = under(parent);
  const authority = new CertificateAuthority(
    `${plan.fleet}-authority`,
    { fleet: plan.fleet, rootDays, intermediateDays, protect },
    opts,
  );
  const gateways = plan.regions.flatMap((region) => {
    const handover = pulumi.output(given(regions, region.name));
    return region.gateways.map(({ id, identity, keyAlgorithm, keyEpoch }): pulumi.Output<GatewayTrust> => {
      const gateway = handover.apply((made) => gatewayOf(made, id));
      const { address, machine, sshUser, pushKey } = reach(gateway);
      const { certificate, hostKey } = new GatewayIdentity(
        `${plan.fleet}-${id}-identity`,
        {
          identity,
          ...(region.shared === undefined ? {} : { sharedIdentity: region.shared.identity }),
          keyEpoch,
          keyAlgorithm,
          machine,
          address,
          sshUser,
          pushKey,
          bootstrapHostKey: pulumi.unsecret(gateway.bootstrapHostKey),
          issuerCertificate: authority.issuerCertificate,
          issuerKey: authority.issuerKey,
          leafDays,
        },
        opts,
      );
      return pulumi.output({ id, keyEpoch, certificate, hostKey });
    });
  });
  const seeds = regionsWithSeed(plan).map((region) =>
    ppkSeed(`${plan.fleet}-${region}`, opts).apply((seed) => [region, seed] as const),
  );
  return pulumi
    .all([authority.roots, authority.intermediates, pulumi.all(gateways), pulumi.all(seeds)])
    .apply(([roots, intermediates, made, named]): TrustHandover => ({
      format: trustFormat,
      fleet: plan.fleet,
      roots,
      intermediates,
      gateways: made,
      ...(named.length === 0 ? {} : { ppkSeeds: Object.fromEntries(named) }),
    }));
}

/**
 * Firewall rules towards peers, then each gateway's release: the next gateway's only after this one's is healthy. Of a managed
 * gateway its connections, in place of both.
 */
export function fabricLayer(
  plan: Plan,
  region: PlannedRegion,
  provider: pulumi.ProviderResource,
  inputs: {
    /** Of the region itself and of every neighbour. */
    readonly regions: ReadonlyMap<string, pulumi.Input<RegionHandover>>;
    readonly trust: pulumi.Input<TrustHandover>;
    /** Of the managed gateways that the region has links with (`managedNeighbours`). */
    readonly fabrics: readonly pulumi.Input<FabricHandover>[];
  },
  { parent }: LayerOptions,
): pulumi.Output<FabricHandover> {
  const name = `${plan.fleet}-${region.name}`;
  const opts = under(parent);
  const own = pulumi.output(given(inputs.regions, region.name));
  if (region.managed !== undefined) return managedFabric(plan, region, inputs, own, { ...opts, provider });
  const fabrics = pulumi.all([...inputs.fabrics]);
  const neighbours = neighbourRegions(plan, region.name);
  const handovers = [region, ...neighbours].map(({ name }) => given(inputs.regions, name));

  const rules = openCloud(region.cloud).admitPeers(
    name,
    {
      fleet: plan.fleet,
      region,
      networkId: pulumi.unsecret(own.networkId),
      securityGroupId: pulumi.unsecret(own.apply((made) => routesPart(region.name, made.securityGroupId))),
      peers: [
        ...managedPeers(plan, region.name, fabrics),
        ...neighbours
          .filter(({ managed }) => managed === undefined)
          .flatMap((peer) => {
            const made = pulumi.output(given(inputs.regions, peer.name));
            const outside = outsideOf(region, peer);
            return endsOf(peer).map((gateway) => ({
              gateway,
              outside,
              address: pulumi.unsecret(made.apply((handover) => addressOf(peer, handover, gateway, outside))),
            }));
          }),
      ],
    },
    { ...opts, provider },
  );

  const routes = remoteRoutes(name, region, own, { ...opts, provider });
  const releases: { gateway: string; release: GatewayRelease }[] = [];
  for (const { id } of region.gateways) {
    const view = gatewayView(plan, id);
    const tunnels = [...view.tunnels, ...view.partners].map(({ tunnel }) => tunnel);
    const release = pulumi
      .all([pulumi.all(handovers), inputs.trust, fabrics])
      .apply(([regions, trust, managed]) =>
        renderRelease(
          plan,
          id,
          factsFor(plan, id, regions, trust, managed),
          derivePpks(plan.fleet, tunnels, trust.ppkSeeds ?? {}),
          derivePsks(plan.fleet, tunnels, trust.ppkSeeds ?? {}),
        ),
      );
    // No private key is among the facts, so that a release can be shown and compared; with a PPK or PSK its content is a secret.
    const bundle = release.apply(bundleOf);
    const gateway = own.apply((made) => gatewayOf(made, id));
    const { address, machine, sshUser, pushKey } = reach(gateway);
    const before = releases.at(-1)?.release;
    releases.push({
      gateway: id,
      release: new GatewayRelease(
        `${plan.fleet}-${id}-release`,
        {
          hash: pulumi.unsecret(release.hash),
          bundle: tunnels.some(({ ppk, managed }) => ppk !== undefined || managed !== undefined)
            ? pulumi.secret(bundle)
            : pulumi.unsecret(bundle),
          machine,
          address,
          sshUser,
          pushKey,
          hostKey: pulumi.unsecret(pulumi.output(inputs.trust).apply((trust) => trustOf(trust, id).hostKey)),
        },
        { ...opts, dependsOn: [rules, ...routes, ...(before === undefined ? [] : [before])] },
      ),
    });
  }
  return pulumi
    .all(releases.map(({ gateway, release }) => pulumi.output({ gateway, hash: release.hash })))
    .apply((made): FabricHandover => ({ format: fabricFormat, region: region.name, releases: made }));
}

/** Before the releases: a gateway that starts to move routes finds them, and what a drain moves has a way already. */
function remoteRoutes(
  name: string,
  region: PlannedRegion,
  own: pulumi.Output<RegionHandover>,
  opts: pulumi.ComponentResourceOptions,
): pulumi.Resource[] {
  const { routeService, gateways } = region;
  const [first] = gateways;
  const cloud = openCloud(region.cloud);
  const tables = cloud.routeTables(region);
  // What a network learns by BGP alone has no table to write to.
  if (routeService.kind === "service" || tables.length === 0) return [];
  const of = (pick: (made: RegionHandover) => string | undefined) =>
    pulumi.unsecret(own.apply((made) => routesPart(region.name, pick(made))));
  return [
    cloud.remoteRoutes(
      name,
      {
        tables,
        prefixes: routeService.announced,
        tableId: (table) => of(({ agent, transitGateway }) => (agent ?? transitGateway)?.routeTables[table]),
        target:
          routeService.kind === "agent"
            ? { networkInterfaceId: of(({ agent }) => agent?.interfaces[first?.id ?? ""]) }
            : { transitGatewayId: of(({ transitGateway }) => transitGateway?.id) },
      },
      opts,
    ),
  ];
}

/** A managed gateway's connections, and the network's routes that lead to it. */
function managedFabric(
  plan: Plan,
  region: PlannedRegion,
  inputs: Parameters<typeof fabricLayer>[3],
  own: pulumi.Output<RegionHandover>,
  opts: pulumi.ComponentResourceOptions,
): pulumi.Output<FabricHandover> {
  const routes = remoteRoutes(`${plan.fleet}-${region.name}`, region, own, opts);
  const addresses = connectionsOf(
    plan,
    region,
    inputs,
    (peer, gateway) =>
      pulumi.output(given(inputs.regions, peer)).apply((made) => gatewayOf(made, gateway).publicAddress),
    opts,
  );
  // Whoever waits for the fabric waits for the routes, too.
  return pulumi
    .all([addresses, pulumi.all(routes.map(({ urn }) => urn))])
    .apply(([managedAddresses]): FabricHandover => ({
      format: fabricFormat,
      region: region.name,
      releases: [],
      managedAddresses,
    }));
}

function reach(gateway: pulumi.Output<GatewayHandover>) {
  return {
    address: pulumi.unsecret(gateway.publicAddress),
    machine: pulumi.unsecret(gateway.instanceId),
    sshUser: pulumi.unsecret(gateway.sshUser),
    pushKey: pulumi.secret(gateway.pushKey),
  };
}

function gatewayOf({ region, gateways }: RegionHandover, id: string): GatewayHandover {
  const found = gateways.find((gateway) => gateway.id === id);
  if (found === undefined)
    throw new Error(
      `Region ${region} has handed on no gateway ${id}. Bring the region's stack up with this fleet file first.`,
    );
  return found;
}

function addressOf(region: PlannedRegion, handover: RegionHandover, end: string, outside: Family): string {
  const found = peersOf(region, handover, outside).find((peer) => peer.end === end);
  return found?.address ?? gatewayOf(handover, end).publicAddress;
}

function trustOf({ gateways }: TrustHandover, id: string): GatewayTrust {
  const found = gateways.find((gateway) => gateway.id === id);
  if (found === undefined)
    throw new Error(
      `Trust has handed on no certificate for ${id}. Bring the trust stack up with this fleet file first.`,
    );
  return found;
}

function given<T>(values: ReadonlyMap<string, T>, name: string): T {
  const value = values.get(name);
  if (value === undefined)
    throw new Error(`The hand-over of region ${name} was not given to a layer that reads it.`);
  return value;
}

function under(parent: pulumi.Resource | undefined): { readonly parent?: pulumi.Resource } {
  return parent === undefined ? {} : { parent };
}
