import type { BadFile } from "./bad-files";

const shop =
  "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/shop";

/** A region in the user's own virtual network: its id stands at 7:11, the subnets in lines 9 and 10. */
const onAzure = (change: Readonly<Record<string, string>> = {}, name = "weu"): readonly string[] => {
  const fields = {
    id: shop,
    gateways: `{ cidr: 10.30.0.0/28, id: ${shop}/subnets/edge }`,
    routeServer: `{ cidr: 10.30.0.64/26, id: ${shop}/subnets/RouteServerSubnet }`,
    more: "",
    ...change,
  };
  return [
    `  ${name}:`,
    "    cloud: azure",
    "    region: westeurope",
    "    cidr: 10.30.0.0/16",
    "    network:",
    `      id: ${fields.id}`,
    "      subnets:",
    `        gateways: ${fields.gateways}`,
    `        RouteServerSubnet: ${fields.routeServer}`,
    ...fields.more.split("\n").filter((line) => line !== ""),
  ];
};
const fleet = (lines: readonly string[]): string =>
  `fleet: acme\nregions:\n${lines.map((line) => `${line}\n`).join("")}`;
const changed = (change: Readonly<Record<string, string>>): string => fleet(onAzure(change));
const without = (beginning: string): string =>
  fleet(onAzure().filter((line) => !line.trimStart().startsWith(beginning)));
const gateways = (cidr: string, id = `${shop}/subnets/edge`) =>
  changed({ gateways: `{ cidr: ${cidr}, id: ${id} }` });
const routeServer = (cidr: string, id = `${shop}/subnets/RouteServerSubnet`) =>
  changed({ routeServer: `{ cidr: ${cidr}, id: ${id} }` });

/** What may be wrong with a network that is there already, by the rules of its own cloud. */
export const badExistingFiles: readonly BadFile[] = [
  {
    what: "a VPC's id, in Azure",
    text: changed({ id: "vpc-0123456789abcdef0" }),
    says: ["IdInvalid 8:11"],
  },
  {
    what: "a virtual network by its name alone",
    text: changed({ id: "shop" }),
    says: ["IdInvalid 8:11"],
  },
  {
    what: "a virtual network's id without its subscription's",
    text: changed({ id: shop.replace("11112222-3333-4444-5555-666677778888", "production") }),
    says: ["IdInvalid 8:11"],
  },
  {
    what: "a subnet's id in place of the network's",
    text: changed({ id: `${shop}/subnets/edge` }),
    says: ["IdInvalid 8:11"],
  },
  {
    what: "a network's id with a slash at its end",
    text: changed({ id: `${shop}/` }),
    says: ["IdInvalid 8:11"],
  },
  {
    what: "a network's id in place of the subnet's",
    text: gateways("10.30.0.0/28", shop),
    says: ["IdInvalid 10:45"],
  },
  {
    what: "a subnet of another virtual network",
    text: gateways("10.30.0.0/28", `${shop}2/subnets/edge`),
    says: ["IdElsewhere 10:45"],
  },
  {
    what: "a Route Server's subnet of another virtual network",
    text: routeServer("10.30.0.64/26", `${shop}2/subnets/RouteServerSubnet`),
    says: ["IdElsewhere 11:55"],
  },
  {
    what: "a Route Server's subnet of another name",
    text: routeServer("10.30.0.64/26", `${shop}/subnets/routes`),
    says: ["IdInvalid 11:55"],
  },
  {
    what: "gateways among those of a virtual network gateway",
    text: gateways("10.30.0.0/28", `${shop}/subnets/GatewaySubnet`),
    says: ["IdInvalid 10:45"],
  },
  {
    what: "gateways in the Route Server's subnet, in other letters",
    text: gateways("10.30.0.64/28", `${shop}/subnets/ROUTESERVERSUBNET`),
    says: ["IdInvalid 10:46", "CidrOverlap 11:36"],
  },
  {
    what: "a network of another subscription than the region's",
    text: changed({ more: "    subscription: 99992222-3333-4444-5555-666677778888" }),
    says: ["IdElsewhere 8:11"],
  },
  {
    what: "a Route Server's subnet that is too small",
    text: routeServer("10.30.0.64/27"),
    says: ["CidrSize 11:36"],
  },
  { what: "a gateways' subnet that is too small", text: gateways("10.30.0.0/30"), says: ["CidrSize 10:27"] },
  {
    what: "a gateways' subnet that is too small for four, with five addresses of Azure's",
    text: changed({ gateways: `{ cidr: 10.30.0.0/29, id: ${shop}/subnets/edge }`, more: "    gateways: 4" }),
    says: ["CidrSize 10:27"],
  },
  {
    what: "a gateways' subnet that nobody would announce",
    text: gateways("10.31.0.0/28"),
    says: ["SubnetOutside 10:27"],
  },
  {
    what: "a Route Server's subnet that nobody would announce",
    text: routeServer("10.31.0.64/26"),
    says: ["SubnetOutside 11:36"],
  },
  { what: "no subnet for gateways", text: without("gateways:"), says: ["MissingKey 10:9"] },
  { what: "no subnet for the Route Server", text: without("RouteServerSubnet:"), says: ["MissingKey 10:9"] },
  {
    what: "a subnet for each gateway, in Azure",
    text: changed({ more: `        b: { cidr: 10.30.1.0/28, id: ${shop}/subnets/b }` }),
    says: ["UnknownKey 12:9"],
  },
  {
    what: "route tables, in Azure",
    text: changed({ more: "      routeTables: [rtb-0123456789abcdef0]" }),
    says: ["KeyConflict 12:7"],
  },
  {
    what: "one virtual network for two regions, in other letters",
    text: fleet([
      ...onAzure(),
      ...onAzure(
        {
          id: shop.toUpperCase(),
          gateways: `{ cidr: 10.31.0.0/28, id: ${shop}/subnets/edge2 }`,
          routeServer: `{ cidr: 10.31.0.64/26, id: ${shop}/subnets/RouteServerSubnet }`,
        },
        "weu2",
      ).map((line) => line.replace("cidr: 10.30.0.0/16", "cidr: 10.31.0.0/16")),
    ]),
    says: ["IdDuplicate 17:11", "IdDuplicate 20:55"],
  },
  {
    what: "no route tables, in AWS",
    text: fleet([
      "  use1:",
      "    cloud: aws",
      "    region: us-east-1",
      "    cidr: 10.10.0.0/16",
      "    network:",
      "      id: vpc-0123456789abcdef0",
      "      subnets:",
      "        a: { cidr: 10.10.0.0/28, id: subnet-0123456789abcdef0 }",
      "        b: { cidr: 10.10.0.16/28, id: subnet-0fedcba9876543210 }",
    ]),
    says: ["MissingKey 8:7"],
  },
  {
    what: "a resource id of Azure, in AWS",
    text: fleet([
      "  use1:",
      "    cloud: aws",
      "    region: us-east-1",
      "    cidr: 10.10.0.0/16",
      "    network:",
      `      id: ${shop}`,
      "      subnets:",
      "        a: { cidr: 10.10.0.0/28, id: subnet-0123456789abcdef0 }",
      "        b: { cidr: 10.10.0.16/28, id: subnet-0fedcba9876543210 }",
      "      routeTables: [rtb-01234567]",
    ]),
    says: ["IdInvalid 8:11"],
  },
];
