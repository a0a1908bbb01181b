import type { InWorld } from "./in-world";

/** Of a network that comes with them, by its id in the world: its way to the internet, and its one table of routes. */
export function waysOf(network: string): { readonly gateway: string; readonly table: string } {
  return { gateway: `internet.${network}`, table: `routes.${network}` };
}

/** @param name the network's own */
export async function makeWays(context: InWorld, network: string, name: string): Promise<void> {
  const { gateway, table } = waysOf(network);
  await context.make({ kind: "internetGateway", id: gateway, name, network });
  const routes = await context.find("routeTable", table);
  await context.make(
    routes ?? {
      kind: "routeTable",
      id: table,
      name,
      network,
      routes: [{ cidr: "0.0.0.0/0", target: { internetGateway: gateway } }],
      propagatedFrom: [],
    },
  );
}

export async function unmakeWays(context: InWorld, network: string): Promise<void> {
  const { gateway, table } = waysOf(network);
  await context.unmake("routeTable", table);
  await context.unmake("internetGateway", gateway);
}
