import { crc32 } from "node:zlib";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Route } from "../../../world/model";
import { Refusal } from "../../provider/refusal";
import { cidr } from "../address";
import { awsType } from "../type";

export const route = awsType({
  token: "aws:ec2/route:Route",
  inputs: {
    routeTableId: z.string(),
    destinationCidrBlock: cidr,
    gatewayId: z.string().regex(/^igw-/, "only internet gateways have a stand-in").optional(),
    networkInterfaceId: z.string().optional(),
    transitGatewayId: z.string().optional(),
  },
  replacedBy: ["routeTableId", "destinationCidrBlock"],
  computed: ["origin", "state"],
  check(given) {
    const targets = [given.gatewayId, given.networkInterfaceId, given.transitGatewayId].filter(
      (target) => target !== undefined,
    );
    return targets.length === 1
      ? []
      : [
          {
            property: "",
            reason: "a route has exactly one target: gatewayId, networkInterfaceId or transitGatewayId",
          },
        ];
  },
  async create(given, { context }) {
    const { routeTableId, destinationCidrBlock } = given;
    const target = targetOf(given);
    await context.change("routeTable", routeTableId, (table) => {
      const before = table.routes.find((other) => other.cidr === destinationCidrBlock);
      if (before === undefined)
        return { ...table, routes: [...table.routes, { cidr: destinationCidrBlock, target }] };
      if (isDeepStrictEqual(before.target, target)) return table;
      throw new Refusal(
        "RouteAlreadyExists",
        `The route identified by ${destinationCidrBlock} already exists.`,
      );
    });
    // The provider's own id (terraform-provider-aws, `routeCreateID`: CRC-32 of the destination).
    const id = `r-${routeTableId}${String(crc32(destinationCidrBlock))}`;
    return { id, outputs: { origin: "CreateRoute", state: "active" } };
  },
  async read(_id, state, { context }) {
    const { routeTableId, destinationCidrBlock } = stateSchema.parse(state);
    const table = await context.find("routeTable", routeTableId);
    const found = table?.routes.find((other) => other.cidr === destinationCidrBlock);
    if (found === undefined) return undefined;
    const { target } = found;
    const none = { networkInterfaceId: undefined, gatewayId: undefined, transitGatewayId: undefined };
    if ("interface" in target) return { ...none, networkInterfaceId: target.interface };
    return "transitGateway" in target
      ? { ...none, transitGatewayId: target.transitGateway }
      : { ...none, gatewayId: target.internetGateway };
  },
  async update(_id, given, _state, { context }) {
    await context.change("routeTable", given.routeTableId, (table) => ({
      ...table,
      routes: table.routes.map((other) =>
        other.cidr === given.destinationCidrBlock ? { ...other, target: targetOf(given) } : other,
      ),
    }));
    return {};
  },
  remove(_id, state, { context }) {
    const { routeTableId, destinationCidrBlock } = stateSchema.parse(state);
    return context.changeIfThere("routeTable", routeTableId, (table) => ({
      ...table,
      routes: table.routes.filter((other) => other.cidr !== destinationCidrBlock),
    }));
  },
});

const stateSchema = z.object({ routeTableId: z.string(), destinationCidrBlock: z.string() });

function targetOf(given: {
  readonly gatewayId?: string | undefined;
  readonly networkInterfaceId?: string | undefined;
  readonly transitGatewayId?: string | undefined;
}): Route["target"] {
  if (given.transitGatewayId !== undefined) return { transitGateway: given.transitGatewayId };
  if (given.gatewayId !== undefined) return { internetGateway: given.gatewayId };
  return { interface: given.networkInterfaceId ?? "" };
}
