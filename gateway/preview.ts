import { defaults } from "../fleet/defaults";
import { outsideOf } from "../fleet/family";
import { homeOf, type Plan, type PlannedRegion } from "../fleet/plan";
import { endsOf } from "../fleet/tunnel-ends";
import type { GatewayFacts } from "./facts";
import type { Release } from "./release";
import type { Ppks } from "./ppk";
import { type Psks, tunnelsWithPsk } from "./psk";
import { renderRelease } from "./render";
import { gatewayView } from "./view";

/**
 * A release as far as a plan alone can tell: what only the clouds and the authority know stands there as addresses of
 * RFC 5737 and RFC 3849, and certificates that are none. For reading, never for a gateway.
 */
export function renderPreview(plan: Plan, gateway: string): Release {
  return renderRelease(
    plan,
    gateway,
    previewFacts(plan, gateway),
    previewPpks(plan, gateway),
    previewPsks(plan, gateway),
  );
}

/** Texts where keys would be: none is made for a preview. */
export function previewPpks(plan: Plan, gateway: string): Ppks {
  const { tunnels, partners } = gatewayView(plan, gateway);
  return Object.fromEntries(
    [...tunnels, ...partners].map(({ tunnel: { id } }) => [
      id,
      Buffer.from(`preview: the key of ${id} comes here`).toString("base64"),
    ]),
  );
}

export function previewPsks(plan: Plan, gateway: string): Psks {
  const { tunnels } = gatewayView(plan, gateway);
  return Object.fromEntries(
    tunnelsWithPsk(tunnels.map(({ tunnel }) => tunnel)).map(({ id }) => [
      id,
      `preview.the.key.of.${id.replaceAll(/[~-]/g, "_")}`,
    ]),
  );
}

export function previewFacts(plan: Plan, gateway: string): GatewayFacts {
  const region = homeOf(plan, gateway);
  const planned = region?.gateways.find(({ id }) => id === gateway);
  const subnet = region?.network.subnets.find(({ name }) => name === planned?.subnet);
  const base = (subnet?.cidr ?? "192.0.2.0/28").replace(/\/\d+$/, "");
  const gatewaysIn = (name: string | undefined) =>
    (region?.gateways ?? []).filter((each) => each.subnet === name).map(({ id }) => id);
  const endpoints = region?.routeService.endpoints ?? [];
  const ids = plan.regions.flatMap((each) =>
    [...new Set([...each.gateways.map(({ id }) => id), ...endsOf(each)])].map((id) => ({
      id,
      outside: region === undefined || region === each ? "ipv4" : outsideOf(region, each),
    })),
  );
  return {
    self: {
      privateAddress: at(base, 4 + Math.max(gatewaysIn(planned?.subnet).indexOf(gateway), 0)),
      publicAddress: publicAddress(ids.findIndex(({ id }) => id === gateway)),
      ...(region?.shared === undefined ? {} : { sharedAddress: at(base, 5) }),
      routerAddress: at(base, 1),
      ...(subnet?.ipv6 === undefined ? {} : { ipv6: placeIn(subnet.ipv6, "a") }),
      ...(subnet?.ipv6Place === undefined
        ? {}
        : { ipv6: placeIn(`2001:db8:${String(subnet.ipv6Place + 1)}::/64`, "a") }),
      system: planned?.system ?? defaults.system,
    },
    endpoints: endpoints.map(({ name, subnet: place }) => {
      const cidr =
        region?.network.subnets.find((candidate) => candidate.name === place)?.cidr ?? "192.0.2.0/28";
      const before = endpoints
        .filter((other) => other.subnet === place)
        .findIndex((other) => other.name === name);
      return { name, address: at(cidr.replace(/\/\d+$/, ""), 4 + gatewaysIn(place).length + before) };
    }),
    ...(region?.routeService.kind === "agent"
      ? {
          agent: {
            cloudRegion: region.cloudRegion,
            routeTables: region.network.existing?.routeTables ?? ["rtb-preview"],
            interfaces: Object.fromEntries(region.gateways.map(({ id }) => [id, `eni-preview-${id}`])),
            ...(region.shared === undefined ? {} : { address: previewAddress(region) }),
          },
        }
      : {}),
    peers: Object.fromEntries(
      ids.map(({ id, outside }, index) => [
        id,
        outside === "ipv6" ? `2001:db8:ffff::${(index + 1).toString(16)}` : publicAddress(index),
      ]),
    ),
    certificate: pem("the gateway's certificate"),
    roots: [pem("the root")],
    intermediates: [pem("the issuing certificate")],
  };
}

function publicAddress(place: number): string {
  return `203.0.${String(113 + Math.floor(place / 250))}.${String(1 + (place % 250))}`;
}

function previewAddress(region: PlannedRegion) {
  const blockOf = (subnet: string) => region.network.subnets.find(({ name }) => name === subnet)?.cidr;
  return {
    allocation: `eipalloc-preview-${region.name}`,
    privateAddresses: Object.fromEntries(
      region.gateways.map(({ id, subnet }) => [
        id,
        at((blockOf(subnet) ?? "192.0.2.0/28").replace(/\/\d+$/, ""), 5),
      ]),
    ),
  };
}

function at(base: string, offset: number): string {
  return base.replace(/\d+$/, (last) => String(Number(last) + offset));
}

function placeIn(subnet: string, host: string): NonNullable<GatewayFacts["self"]["ipv6"]> {
  const [base = "", prefix] = subnet.split("/");
  return { address: `${base}${host}`, prefix: Number(prefix), router: `${base}1` };
}

function pem(what: string): string {
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(`preview: ${what} comes here`).toString("base64")}\n-----END CERTIFICATE-----\n`;
}
