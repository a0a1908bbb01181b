import { crc32 } from "node:zlib";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Route } from "../../../world/model";
import { Refusal } from "../../provider/refusal";
import { cidr, cidr6 } from "../address";
import { awsType } from "../type";

export const route = awsType({
  token: "aws:ec2/route:Route",
  inputs: {
    routeTableId: z.string(),
    destinationCidrBlock: cidr.optional(),
    destinationIpv6CidrBlock: cidr6.optional(),
    gatewayId: z.string().regex(/^igw-/, "only internet gateways have a stand-in").optional(),
    networkInterfaceId: z.string().optional(),
    transitGatewayId: z.string().optional(),
  },
  replacedBy: ["routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock"],
  computed: ["origin", "state"],
  check(given) {
    const targets = [given.gatewayId, given.networkInterfaceId, given.transitGatewayId].filter(
      (target) => target !== undefined,
    );
    const one = (given.destinationCidrBlock === undefined) !== (given.destinationIpv6CidrBlock === undefined);
    return [
      ...(targets.length === 1
        ? []
        : [
            {
              property: "",
              reason: "a route has exactly one target: gatewayId, networkInterfaceId or transitGatewayId",
            },
          ]),
      ...(one
        ? []
        : [
            {
              property: "",
              reason: "exactly one of destinationCidrBlock and destinationIpv6CidrBlock is needed",
            },
          ]),
    ];
  },
  async create(given, { context }) {
    const { routeTableId } = given;
    const destination = destinationOf(given);
    const target = targetOf(given);
    await context.change("routeTable", routeTableId, (table) => {
      const before = table.routes.find((other) => other.cidr === destination);
      if (before === undefined) return { ...table, routes: [...table.routes, { cidr: destination, target }] };
      if (isDeepStrictEqual(before.target, target)) return table;
      throw new Refusal("RouteAlreadyExists", `The route identified by ${destination} already exists.`);
    });
    // The provider's own id (terraform-provider-aws, `routeCreateID`: CRC-32 of the destination).
    const id = `r-${routeTableId}${String(crc32(destination))}`;
    return { id, outputs: { origin: "CreateRoute", state: "active" } };
  },
  async read(_id, state, { context }) {
    const { routeTableId, ...route } = stateSchema.parse(state);
    const table = await context.find("routeTable", routeTableId);
    const found = table?.routes.find((other) => other.cidr === destinationOf(route));
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
        other.cidr === destinationOf(given) ? { ...other, target: targetOf(given) } : other,
      ),
    }));
    return {};
  },
  remove(_id, state, { context }) {
    const { routeTableId, ...route } = stateSchema.parse(state);
    return context.changeIfThere("routeTable", routeTableId, (table) => ({
      ...table,
      routes: table.routes.filter((other) => other.cidr !== destinationOf(route)),
    }));
  },
});

const stateSchema = z.object({
  routeTableId: z.string(),
  destinationCidrBlock: z.string().optional(),
  destinationIpv6CidrBlock: z.string().optional(),
});

function destinationOf(given: {
  readonly destinationCidrBlock?: string | undefined;
  readonly destinationIpv6CidrBlock?: string | undefined;
}): string {
  return given.destinationCidrBlock ?? given.destinationIpv6CidrBlock ?? "";
}

function targetOf(given: {
  readonly gatewayId?: string | undefined;
  readonly networkInterfaceId?: string | undefined;
  readonly transitGatewayId?: string | undefined;
}): Route["target"] {
  if (given.transitGatewayId !== undefined) return { transitGateway: given.transitGatewayId };
  if (given.gatewayId !== undefined) return { internetGateway: given.gatewayId };
  return { interface: given.networkInterfaceId ?? "" };
}
