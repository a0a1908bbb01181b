import { z } from "zod";

/** What a user has in the account, as far as a component asks about it. */
export interface Cloud {
  readonly networks: Readonly<
    Record<string, { readonly blocks: readonly string[]; readonly mainTable: string }>
  >;
  readonly subnets: Readonly<
    Record<
      string,
      { readonly network: string; readonly cidr: string; readonly zone: string; readonly table?: string }
    >
  >;
  readonly tables: Readonly<
    Record<string, { readonly network: string; readonly routes: readonly (readonly [string, string])[] }>
  >;
  /** On Azure, by resource id: what it answers. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const network = "vpc-0123456789abcdef0";
const subscription = "11112222-3333-4444-5555-666677778888";
const shop = `/subscriptions/${subscription}/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/shop`;
const internet = ["0.0.0.0/0", "igw-0123456789abcdef0"] as const;

/** The network of the documentation's examples: one gateway subnet with a table of its own, one with the main table. */
export const exampleCloud: Cloud = {
  networks: { [network]: { blocks: ["10.10.0.0/16", "10.11.0.0/16"], mainTable: "rtb-0fedcba9876543210" } },
  subnets: {
    "subnet-0123456789abcdef0": { network, cidr: "10.10.0.0/28", zone: "us-east-1a", table: "rtb-00000000" },
    "subnet-0fedcba9876543210": { network, cidr: "10.10.0.16/28", zone: "us-east-1b" },
  },
  tables: {
    "rtb-00000000": { network, routes: [internet] },
    "rtb-0fedcba9876543210": { network, routes: [internet] },
    "rtb-0123456789abcdef0": { network, routes: [["192.0.2.0/24", ""]] },
    "rtb-11111111": { network, routes: [] },
  },
  answers: {
    [shop]: { id: shop, location: "westeurope", addressSpace: { addressPrefixes: ["10.30.0.0/16"] } },
    // An answer leaves out what is empty.
    [`${shop}/subnets/edge`]: { addressPrefix: "10.30.0.0/28" },
    [`${shop}/subnets/RouteServerSubnet`]: { addressPrefixes: ["10.30.0.64/26"] },
  },
};

/** Azure is asked by names. */
function answerAbout(
  answers: Cloud["answers"],
  inputs: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { resourceGroupName, virtualNetworkName, subnetName, routeTableName } = asked.parse(inputs);
  const type =
    virtualNetworkName === undefined
      ? `routeTables/${routeTableName ?? ""}`
      : `virtualNetworks/${virtualNetworkName}${subnetName === undefined ? "" : `/subnets/${subnetName}`}`;
  return {
    ...found(
      answers,
      `/subscriptions/${subscription}/resourceGroups/${resourceGroupName}/providers/Microsoft.Network/${type}`,
    ),
  };
}

/** A cloud's answer, by the functions' tokens. */
export function answerOf(
  token: string,
  inputs: Readonly<Record<string, unknown>>,
  { networks, subnets, tables, answers }: Cloud = exampleCloud,
): Record<string, unknown> {
  switch (token) {
    case "aws:ec2/getAmi:getAmi":
      return { id: "ami-0123456789" };
    case "aws:ec2/getVpc:getVpc": {
      const { blocks, mainTable } = found(networks, inputs["id"]);
      return {
        cidrBlockAssociations: blocks.map((cidrBlock) => ({ cidrBlock })),
        mainRouteTableId: mainTable,
      };
    }
    case "aws:ec2/getSubnet:getSubnet": {
      const { network: vpcId, cidr, zone } = found(subnets, inputs["id"]);
      return { vpcId, cidrBlock: cidr, availabilityZone: zone };
    }
    case "aws:ec2/getRouteTables:getRouteTables": {
      const { filters } = filtered.parse(inputs);
      const ids = filters.flatMap(({ values }) => values.map((id) => subnets[id]?.table));
      return { ids: ids.filter((id) => id !== undefined) };
    }
    case "aws:ec2/getRouteTable:getRouteTable": {
      const { network: vpcId, routes } = found(tables, inputs["routeTableId"]);
      return { vpcId, routes: routes.map(([cidrBlock, gatewayId]) => ({ cidrBlock, gatewayId })) };
    }
    case "azure-native:network:getVirtualNetwork":
    case "azure-native:network:getSubnet":
    case "azure-native:network:getRouteTable":
      return answerAbout(answers, inputs);
    case "azure-native:network:getVirtualHub":
      // In no order of its own.
      return { virtualRouterIps: ["10.4.0.69", "10.4.0.68"] };
    case "gcp:compute/getImage:getImage":
      return {
        selfLink: `https://compute/${String(inputs["project"])}/${String(inputs["family"])}-v20260101`,
      };
    default:
      throw new Error(`No stand-in for the call ${token}.`);
  }
}

const asked = z.object({
  resourceGroupName: z.string(),
  virtualNetworkName: z.string().optional(),
  subnetName: z.string().optional(),
  routeTableName: z.string().optional(),
});

const filtered = z.object({
  filters: z.array(z.object({ name: z.literal("association.subnet-id"), values: z.array(z.string()) })),
});

function found<T>(things: Readonly<Record<string, T>>, id: unknown): T {
  const thing = things[z.string().parse(id)];
  if (thing === undefined) throw new Error("no match found");
  return thing;
}
