import { randomUUID } from "node:crypto";
import { LabError } from "../../../client/client";
import { networkOfInterface } from "../../../world/check";
import type { RouteTable, World } from "../../../world/model";
import { objectOf, objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";
import { zonesOf } from "../regions";
import { type AddressStore, associateAddress, describeAddresses } from "./addresses";
import type { CredentialStore } from "./credentials";
import { isAllowed, policySchema } from "./policy";
import type { CloudRequest, CloudResponse } from "./request";
import { signerOf } from "./signature";

/** What EC2 changes. */
export interface TableStore extends AddressStore {
  readonly world: World;
  /** Reads, changes and enters one table, with nothing in between. */
  changeTable(id: string, step: (table: RouteTable, world: World) => RouteTable): Promise<void>;
}

const account = "123456789012";
const namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";

/**
 * EC2's Query API, as far as gateways call it.
 * @see AWS, "DescribeRouteTables", "ReplaceRoute", "DescribeAddresses", "AssociateAddress", "Error codes for the Amazon EC2 API" (EC2 API Reference)
 */
export class Ec2Api {
  constructor(
    private readonly store: TableStore,
    private readonly credentials: CredentialStore,
  ) {}

  async answer(request: CloudRequest, now: number): Promise<CloudResponse> {
    try {
      return { status: 200, body: await this.#act(request, now) };
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof LabError)) throw error;
      const status = error.code === "AuthFailure" ? 401 : error.code === "UnauthorizedOperation" ? 403 : 400;
      const message = error.message.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
      return {
        status,
        body: `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${error.code}</Code><Message>${message}</Message></Error></Errors><RequestID>${randomUUID()}</RequestID></Response>`,
      };
    }
  }

  async #act(request: CloudRequest, now: number): Promise<string> {
    const region = /^ec2\.([a-z0-9-]+)\.amazonaws\.com$/.exec(request.headers["host"] ?? "")?.[1];
    if (
      region === undefined ||
      zonesOf(region) === undefined ||
      request.path !== "/" ||
      request.method !== "POST"
    )
      throw new Refusal("NoStandIn", "the lab's EC2 API takes POST / at ec2.REGION.amazonaws.com only");
    const { role } = signerOf(request, region, this.credentials, now);
    const given = new Map(new URLSearchParams(request.body));
    if (given.get("Version") !== "2016-11-15")
      throw new Refusal("InvalidParameterValue", "The parameter Version must be 2016-11-15");
    const action = given.get("Action") ?? "";
    given.delete("Action");
    given.delete("Version");
    const may = (resource: string): void => {
      this.#authorize(role, { action: `ec2:${action}`, resource, context: { "ec2:Region": region } });
    };
    switch (action) {
      case "DescribeRouteTables":
        may("*");
        return this.#describe(region, given);
      case "ReplaceRoute":
        may(`arn:aws:ec2:${region}:${account}:route-table/${given.get("RouteTableId") ?? ""}`);
        await this.#replace(region, given);
        return answered(action, "<return>true</return>");
      case "DescribeAddresses":
        may("*");
        return answered(action, describeAddresses(this.store.world, region, given));
      case "AssociateAddress":
        // The right is asked for at each resource that the request names.
        may(`arn:aws:ec2:${region}:${account}:elastic-ip/${given.get("AllocationId") ?? ""}`);
        may(`arn:aws:ec2:${region}:${account}:network-interface/${given.get("NetworkInterfaceId") ?? ""}`);
        return answered(action, await associateAddress(this.store, region, given));
      default:
        may("*");
        throw new Refusal("InvalidAction", `The action ${action} has no stand-in`);
    }
  }

  #authorize(role: string, asked: Parameters<typeof isAllowed>[1]): void {
    const policies = Object.values(objectOf(this.store.world, "role", role)?.policies ?? {}).map((text) =>
      policySchema.parse(JSON.parse(text)),
    );
    if (isAllowed(policies, asked)) return;
    throw new Refusal(
      "UnauthorizedOperation",
      `You are not authorized to perform this operation. User: arn:aws:sts::${account}:assumed-role/${role} is not authorized to perform: ${asked.action} on resource: ${asked.resource} because no identity-based policy allows the ${asked.action} action`,
    );
  }

  #describe(region: string, given: ReadonlyMap<string, string>): string {
    const { world } = this.store;
    const asked = [...given].map(([key, value]) => {
      if (/^RouteTableId\.\d+$/.test(key)) return value;
      throw new Refusal("NoStandIn", `${key} of DescribeRouteTables has no stand-in`);
    });
    const here = objectsOf(world, "routeTable").filter((table) => regionOf(world, table) === region);
    const absent = asked.find((id) => !here.some((table) => table.id === id));
    if (absent !== undefined) throw noTable(absent);
    const tables = here.filter(({ id }) => asked.length === 0 || asked.includes(id));
    const items = tables.map((table) => `<item>${describe(world, table)}</item>`).join("");
    return answered("DescribeRouteTables", `<routeTableSet>${items}</routeTableSet>`);
  }

  async #replace(region: string, given: ReadonlyMap<string, string>): Promise<void> {
    const known = ["RouteTableId", "DestinationCidrBlock", "NetworkInterfaceId"];
    for (const key of given.keys())
      if (!known.includes(key)) throw new Refusal("NoStandIn", `${key} of ReplaceRoute has no stand-in`);
    const [id, cidr, card] = known.map((key) => {
      const value = given.get(key);
      if (value === undefined)
        throw new Refusal("MissingParameter", `The request must contain the parameter ${key}`);
      return value;
    });
    if (id === undefined || cidr === undefined || card === undefined) return;
    await this.store.changeTable(id, (table, world) => {
      if (regionOf(world, table) !== region) throw noTable(id);
      if (!table.routes.some((route) => route.cidr === cidr))
        throw new Refusal(
          "InvalidParameterValue",
          `There is no route defined for '${cidr}' in the route table '${id}'. Use CreateRoute instead.`,
        );
      if (objectOf(world, "interface", card) === undefined)
        throw new Refusal(
          "InvalidNetworkInterfaceID.NotFound",
          `The networkInterface ID '${card}' does not exist`,
        );
      if (networkOfInterface(world, card) !== table.network)
        throw new Refusal(
          "InvalidParameterValue",
          `route table ${id} and interface ${card} belong to different networks`,
        );
      return {
        ...table,
        routes: table.routes.map((route) =>
          route.cidr === cidr ? { ...route, target: { interface: card } } : route,
        ),
      };
    });
  }
}

function regionOf(world: World, { network }: RouteTable): string | undefined {
  return objectOf(world, "network", network)?.cloudRegion;
}

/** As DescribeRouteTables shows it, local routes included. */
function describe(world: World, { id, network, routes }: RouteTable): string {
  const held = new Map(
    [...objectsOf(world, "machine"), ...objectsOf(world, "workload")].map((host) => [
      host.interface,
      host.id,
    ]),
  );
  const local = (objectOf(world, "network", network)?.cidrs ?? []).map(
    (cidr) =>
      `<item><destinationCidrBlock>${cidr}</destinationCidrBlock><gatewayId>local</gatewayId><state>active</state><origin>CreateRouteTable</origin></item>`,
  );
  const made = routes.map(({ cidr, target }) => {
    const leads =
      "interface" in target
        ? `<networkInterfaceId>${target.interface}</networkInterfaceId><state>${held.has(target.interface) ? "active" : "blackhole"}</state>`
        : "transitGateway" in target
          ? `<transitGatewayId>${target.transitGateway}</transitGatewayId><state>active</state>`
          : `<gatewayId>${target.internetGateway}</gatewayId><state>active</state>`;
    return `<item><destinationCidrBlock>${cidr}</destinationCidrBlock>${leads}<origin>CreateRoute</origin></item>`;
  });
  return `<routeTableId>${id}</routeTableId><vpcId>${network}</vpcId><routeSet>${[...local, ...made].join("")}</routeSet>`;
}

function answered(action: string, inside: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="${namespace}"><requestId>${randomUUID()}</requestId>${inside}</${action}Response>`;
}

function noTable(id: string): Refusal {
  return new Refusal("InvalidRouteTableID.NotFound", `The routeTable ID '${id}' does not exist`);
}
