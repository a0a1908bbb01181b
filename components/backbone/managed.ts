import * as pulumi from "@pulumi/pulumi";
import type { ManagedRules } from "../../fleet/cloud";
import { rulesOf } from "../../fleet/clouds";
import type { Plan, PlannedLink, PlannedRegion } from "../../fleet/plan";
import { derivePsks } from "../../gateway/psk";
import type { FabricHandover, RegionHandover, TrustHandover } from "../handover";
import type { CloudPeers } from "./cloud";
import { managedAddress, neighbourRegions } from "./facts.plan";
import { openCloud } from "./sdk";

type Handovers = ReadonlyMap<string, pulumi.Input<RegionHandover>>;

/** Links between a region and the managed gateways of others. */
function managedLinks({ links, regions }: Plan, region: string): readonly PlannedLink[] {
  const managed = new Set(
    regions.filter((other) => other.managed !== undefined && other.name !== region).map(({ name }) => name),
  );
  return links.filter(({ ends }) => ends.includes(region) && ends.some((end) => managed.has(end)));
}

/**
 * The managed ends of a region's tunnels as peers of its gateways, each address once: where a cloud has one for each end, all
 * gateways here call the same.
 * @param fabrics of the managed gateways that the region has links with
 */
export function managedPeers(
  plan: Plan,
  region: string,
  fabrics: pulumi.Output<FabricHandover[]>,
): CloudPeers["peers"] {
  const peers = managedLinks(plan, region)
    .flatMap(({ tunnels }) => tunnels)
    .flatMap(({ id, ends, managed }) => {
      const end = managed === undefined ? undefined : ends[managed.end];
      if (managed === undefined || end === undefined) return [];
      const shared = addressesOf(plan, end.region) === "end";
      const gateway = shared ? end.gateway : `${end.gateway}-${managed.connection}`;
      const address = pulumi.unsecret(fabrics.apply((all) => managedAddress(all, end.region, id)));
      return [[gateway, { gateway, outside: "ipv4" as const, address }] as const];
    });
  return [...new Map(peers).values()];
}

function addressesOf({ regions }: Plan, name: string): ManagedRules["addresses"] | undefined {
  const region = regions.find((one) => one.name === name);
  return region === undefined ? undefined : rulesOf(region.cloud).managed?.addresses;
}

/** Names of the managed regions that a region has links with, sorted: their fabric comes up before its own. */
export function managedNeighbours(plan: Plan, region: string): string[] {
  return neighbourRegions(plan, region)
    .filter(({ managed }) => managed !== undefined)
    .map(({ name }) => name);
}

/**
 * A managed gateway's connections, one for each gateway of ours that it is linked with.
 * @param addressOf public address of a gateway of ours
 * @returns the public address of the managed end of each tunnel, by the tunnel's id
 */
export function connectionsOf(
  plan: Plan,
  region: PlannedRegion,
  { regions, trust }: { readonly regions: Handovers; readonly trust: pulumi.Input<TrustHandover> },
  addressOf: (region: string, gateway: string) => pulumi.Output<string>,
  opts: pulumi.ComponentResourceOptions,
): pulumi.Output<Readonly<Record<string, string>>> {
  const cloud = openCloud(region.cloud);
  const { connectManaged } = cloud;
  if (connectManaged === undefined)
    throw new Error(
      `Region ${region.name} is to have a managed gateway, which is not built for ${region.cloud}.`,
    );
  const handover = regions.get(region.name);
  if (handover === undefined)
    throw new Error(`The hand-over of region ${region.name} was not given to a layer that reads it.`);
  const own = pulumi.output(handover);
  const tunnels = plan.links
    .filter(({ ends }) => ends.includes(region.name))
    .flatMap((link) => link.tunnels)
    .flatMap((tunnel) => (tunnel.managed === undefined ? [] : [{ tunnel, told: tunnel.managed }]));
  const psks = pulumi.secret(
    pulumi.output(trust).apply(({ ppkSeeds = {} }) =>
      derivePsks(
        plan.fleet,
        tunnels.map(({ tunnel }) => tunnel),
        ppkSeeds,
      ),
    ),
  );
  const made = [...new Set(tunnels.map(({ told }) => told.connection))].map((gateway) => {
    const ofConnection = tunnels
      .filter(({ told }) => told.connection === gateway)
      .sort((one, other) => one.told.number - other.told.number);
    const peer = ofConnection.flatMap(({ tunnel: { ends } }) => ends).find((end) => end.gateway === gateway);
    if (peer === undefined) throw new Error(`The plan names no end of ${gateway}.`);
    const addresses = connectManaged(
      `${plan.fleet}-${region.name}-${gateway}`,
      {
        fleet: plan.fleet,
        region,
        own,
        peer: gateway,
        peerAddress: pulumi.unsecret(addressOf(peer.region, gateway)),
        peerAsn: peer.asn,
        tunnels: ofConnection.map(({ tunnel, told }) => ({
          tunnel,
          told,
          presharedKey: psks.apply((keys) => keys[tunnel.id] ?? ""),
        })),
      },
      opts,
    );
    return addresses.apply((all) =>
      ofConnection.map(({ tunnel }, index): [string, string] => [tunnel.id, all[index] ?? ""]),
    );
  });
  return pulumi.all(made).apply((entries) => Object.fromEntries(entries.flat()));
}
