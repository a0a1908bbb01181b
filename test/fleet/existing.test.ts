import assert from "node:assert/strict";
import { planFleet } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import type { Problem } from "trunkline/fleet/problem";
import { planText } from "../../automation/cli/plan-text";

const network = `network: {
      id: vpc-0123456789abcdef0,
      subnets: {
        b: { id: subnet-0fedcba9876543210, cidr: 10.10.5.0/24 },
        a: { id: subnet-01234567, cidr: 10.10.4.0/28 },
      },
      routeTables: [rtb-22222222, rtb-11111111],
    }`;
const fleet = (fields: string): string =>
  `fleet: acme\nregions:\n  use1: { cloud: aws, region: us-east-1, ${fields} }\n  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }\n`;

function planned(text: string): { readonly plan: Plan; readonly warnings: readonly Problem[] } {
  const parsed = parseFleet(text, "fleet.yaml");
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const result = planFleet(parsed.value);
  assert.ok(result.ok);
  return { plan: result.value, warnings: parsed.warnings };
}
const use1 = ({ regions }: Plan) => regions.find(({ name }) => name === "use1");

const shop =
  "/subscriptions/11112222-3333-4444-5555-666677778888/resourceGroups/shop/providers/Microsoft.Network/virtualNetworks/shop";
const onAzure = (fields: string): string =>
  `fleet: acme\nregions:\n  weu: { cloud: azure, region: westeurope, ${fields} }\n  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }\n`;
const shopNetwork = (more = "") => `network: {
      id: ${shop},
      subnets: {
        RouteServerSubnet: { id: ${shop}/subnets/RouteServerSubnet, cidr: 10.30.0.64/26 },
        gateways: { id: ${shop}/subnets/edge, cidr: 10.30.0.0/28 },
      },
    }${more}`;

describe("a region in a virtual network that is there already", () => {
  const { plan } = planned(onAzure(`cidr: 10.30.0.0/16, ${shopNetwork()}`));
  const weu = ({ regions }: Plan) => regions.find(({ name }) => name === "weu");

  it("has the gateways' one subnet, the Route Server's, and neither workloads' subnets nor route tables", () => {
    assert.deepEqual(weu(plan)?.network, {
      subnets: [
        { name: "gateways", role: "gateway", cidr: "10.30.0.0/28" },
        { name: "RouteServerSubnet", role: "route-service", cidr: "10.30.0.64/26" },
      ],
      existing: {
        id: shop,
        subnetIds: {
          gateways: `${shop}/subnets/edge`,
          RouteServerSubnet: `${shop}/subnets/RouteServerSubnet`,
        },
        routeTables: [],
      },
    });
  });

  it("says in `plan` whose network it is, and that no route table is asked for", () => {
    assert.ok(
      planText(plan, []).includes(
        `weu: the network ${shop} is yours and is left as it is; gateways live in ${shop}/subnets/edge, and its route service in ${shop}/subnets/RouteServerSubnet hands routes to every subnet.`,
      ),
    );
  });

  it("differs in nothing else from one with a new network: its gateways' zones and its Route Server are as there", () => {
    const fresh = planned(onAzure("cidr: 10.30.0.0/16")).plan;
    const without = ({ regions, ...rest }: Plan) => ({
      ...rest,
      regions: regions.map((region) => ({ ...region, network: undefined })),
    });
    assert.deepEqual(without(plan), without(fresh));
  });

  for (const { what, fields } of [
    {
      what: "a /29 for three gateways",
      fields: `cidr: 10.30.0.0/16, gateways: 3, ${shopNetwork().replace("0.0/28", "0.0/29")}`,
    },
    {
      what: "a network smaller than a new one of ours may be",
      fields: `cidrs: [10.30.0.0/28, 10.30.0.64/26], ${shopNetwork()}`,
    },
    {
      what: "its own subscription, in capitals",
      fields: `cidr: 10.30.0.0/16, subscription: aaaabbbb-3333-4444-5555-666677778888, ${shopNetwork().replaceAll("subscriptions/11112222", "SUBSCRIPTIONS/AAAABBBB")}`,
    },
  ])
    it(`takes ${what}`, () => assert.ok(planned(onAzure(fields))));
});

describe("a region in a network that is there already", () => {
  const { plan } = planned(fleet(`cidr: 10.10.0.0/16, ${network}`));

  it("has the gateways' subnets in order of their letters, no zone of ours and no workloads' subnets", () => {
    assert.deepEqual(use1(plan)?.network, {
      subnets: [
        { name: "gateway-a", role: "gateway", cidr: "10.10.4.0/28" },
        { name: "gateway-b", role: "gateway", cidr: "10.10.5.0/24" },
      ],
      existing: {
        id: "vpc-0123456789abcdef0",
        subnetIds: { "gateway-a": "subnet-01234567", "gateway-b": "subnet-0fedcba9876543210" },
        routeTables: ["rtb-11111111", "rtb-22222222"],
      },
    });
  });

  it("differs in nothing else from one with a new network", () => {
    const fresh = planned(fleet("cidr: 10.10.0.0/16")).plan;
    const without = ({ regions, ...rest }: Plan) => ({
      ...rest,
      regions: regions.map((region) => ({ ...region, network: undefined })),
    });
    assert.deepEqual(without(plan), without(fresh));
    assert.equal(use1(fresh)?.network.existing, undefined);
  });

  it("announces what `cidrs` says, be it a part of the VPC or more blocks than a new VPC takes", () => {
    const blocks = ["10.10.4.0/28", "10.10.5.0/24", ...[1, 2, 3, 4].map((n) => `10.${String(n)}.0.0/28`)];
    const { plan: part } = planned(fleet(`cidrs: [${blocks.join(", ")}], ${network}`));
    assert.deepEqual(part.filters.find(({ from }) => from === "use1")?.prefixes, [...blocks].sort());
  });

  it("counts for no VPC of the account's quota", () => {
    const fresh = (count: number): string =>
      Array.from(
        { length: count },
        (_, index) =>
          `  r${String(index)}: { cloud: aws, region: us-east-1, cidr: 10.${String(index + 100)}.0.0/16 }\n`,
      ).join("");
    const codes = (text: string) => planned(text).warnings.map(({ code }) => code);
    const existing = fleet(`cidr: 10.10.0.0/16, ${network}`);
    assert.ok(!codes(existing + fresh(5)).includes("NetworkQuota"));
    assert.ok(codes(existing + fresh(6)).includes("NetworkQuota"));
  });
});
