import type { PlannedGateway, PlannedRegion } from "../fleet/plan";
import { systemNamed } from "../fleet/system";
import { type GatewayHandover, type RegionHandover, regionFormat } from "./handover";

/** Who a first connection logs in as; user data admits the push key to it. */
const sshUser = "root";

type ByLetter = Readonly<Record<string, string>>;

/** What a region's components have made, once it is known. */
export interface MadeRegion {
  readonly networkId: string;
  readonly securityGroupId: string;
  readonly instanceIds: ByLetter;
  readonly systems: ByLetter;
  readonly privateAddresses: ByLetter;
  readonly publicAddresses: ByLetter;
  readonly bootstrapHostKeys: ByLetter;
  /** Secret. */
  readonly pushKey: string;
  /** Of the route service's ends, by name. */
  readonly endpointAddresses: Readonly<Record<string, string>>;
}

/**
 * What every cloud hands on of a region.
 * @param way a gateway's router, and IPv6 where it has it
 * @param beside what a cloud hands on besides
 * @throws Error for what the plan has and the cloud has not made
 */
export function handoverOf(
  region: PlannedRegion,
  made: MadeRegion,
  way: (gateway: PlannedGateway) => Pick<GatewayHandover, "routerAddress" | "ipv6">,
  beside: Partial<Pick<RegionHandover, "agent" | "transitGateway" | "shared">> = {},
): RegionHandover {
  const { routeService } = region;
  const of = (values: ByLetter, { id, letter }: PlannedGateway, what: string): string =>
    values[letter] ?? missing(`${what} of ${id}`);
  return {
    format: regionFormat,
    region: region.name,
    cloud: region.cloud,
    cloudRegion: region.cloudRegion,
    networkId: made.networkId,
    securityGroupId: made.securityGroupId,
    routeService: {
      ...("asn" in routeService ? { asn: routeService.asn } : {}),
      endpoints: routeService.endpoints.map(({ name }) => ({
        name,
        address: made.endpointAddresses[name] ?? missing(`address of endpoint "${name}"`),
      })),
    },
    ...beside,
    gateways: region.gateways.map((gateway): GatewayHandover => ({
      id: gateway.id,
      imageEpoch: gateway.imageEpoch,
      instanceId: of(made.instanceIds, gateway, "machine"),
      system: systemNamed(made.systems[gateway.letter]) ?? missing(`system of ${gateway.id}`),
      privateAddress: of(made.privateAddresses, gateway, "private address"),
      publicAddress: of(made.publicAddresses, gateway, "public address"),
      ...way(gateway),
      sshUser,
      pushKey: made.pushKey,
      bootstrapHostKey: of(made.bootstrapHostKeys, gateway, "bootstrap host key"),
    })),
  };
}

/** The plan refers to something that it does not hold: a fault in the plan, not in what the user wrote. */
export function missing(what: string): never {
  throw new Error(`The plan or the cloud names no ${what}. Derive the plan again from the fleet file.`);
}
