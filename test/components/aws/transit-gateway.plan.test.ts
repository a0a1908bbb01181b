import assert from "node:assert/strict";
import { planTransitGateway, type TransitGatewaySpec } from "../../../components/aws/transit-gateway.plan";

const peer = (letter: string, host: number, third: number) => ({
  letter,
  address: `192.0.2.${host}`,
  insideNetwork: `169.254.100.${third}/29`,
});
const spec: TransitGatewaySpec = {
  asn: 4200002000,
  gatewayAsn: 4200000001,
  cidr: "192.0.2.0/24",
  subnetIds: ["subnet-a", "subnet-b"],
  peers: [peer("a", 1, 0), peer("b", 2, 8)],
  routeTables: [{ name: "gateways" }],
};

describe("components/aws/transit-gateway.plan", () => {
  it("admits GRE from each of the transit gateway's ends, and from nowhere else", () => {
    const plan = planTransitGateway(spec);
    assert.ok(plan.ok);
    assert.deepEqual(
      plan.value.ingress.map(({ name, cidr }) => [name, cidr]),
      [
        ["a-gre", "192.0.2.1/32"],
        ["b-gre", "192.0.2.2/32"],
      ],
    );
  });

  const five = [1, 2, 3, 4, 5].map((host) => peer(String(host), host, host * 8));
  for (const { why, change, says } of [
    { why: "a public ASN", change: { asn: 65000 - 64900 }, says: ["asn"] },
    { why: "an ASN between the two ranges", change: { asn: 65535 }, says: ["asn"] },
    { why: "the gateways' own ASN", change: { asn: 4200000001 }, says: ["asn"] },
    { why: "a block that is too small", change: { cidr: "192.0.2.0/25" }, says: ["cidr"] },
    {
      why: "a link-local block",
      change: { cidr: "169.254.8.0/24", peers: [{ ...peer("a", 1, 0), address: "169.254.8.1" }] },
      says: ["cidr"],
    },
    { why: "no subnet", change: { subnetIds: [] }, says: ["subnetIds"] },
    { why: "no Connect peer", change: { peers: [] }, says: ["peers"] },
    { why: "a fifth Connect peer", change: { peers: five }, says: ["peers"] },
    {
      why: "two of one gateway",
      change: { peers: [peer("a", 1, 0), peer("a", 2, 8)] },
      says: ["peers[1].letter"],
    },
    {
      why: "two with one end of GRE",
      change: { peers: [peer("a", 1, 0), peer("b", 1, 8)] },
      says: ["peers[1].address"],
    },
    {
      why: "two with one network inside",
      change: { peers: [peer("a", 1, 0), peer("b", 2, 0)] },
      says: ["peers[1].insideNetwork"],
    },
    {
      why: "an end of GRE that is not the transit gateway's",
      change: { peers: [{ ...peer("a", 1, 0), address: "192.0.3.1" }] },
      says: ["peers[0].address"],
    },
    ...["169.254.5.0/29", "169.254.169.248/29", "169.254.100.0/30", "10.0.0.0/29", "169.254.100.1/29"].map(
      (insideNetwork) => ({
        why: `${insideNetwork} inside`,
        change: { peers: [{ ...peer("a", 1, 0), insideNetwork }] },
        says: ["peers[0].insideNetwork"],
      }),
    ),
    { why: "no route table", change: { routeTables: [] }, says: ["routeTables"] },
    {
      why: "a route table twice",
      change: { routeTables: [{ name: "one" }, { name: "one" }] },
      says: ["routeTables[1].name"],
    },
  ])
    it(`refuses ${why}`, () => {
      const plan = planTransitGateway({ ...spec, ...change });
      assert.ok(!plan.ok);
      assert.deepEqual(
        plan.problems.map(({ path }) => path),
        says,
      );
    });
});
