import assert from "node:assert/strict";
import { isArm, planImage } from "../../../components/azure/image.plan";
import { partsOf } from "../../../components/azure/name";
import { type PairSpec, planPair } from "../../../components/azure/pair.plan";
import { planPeerRules } from "../../../components/azure/peer-rules.plan";

const spec: PairSpec = {
  fleet: "acme",
  region: "weu",
  asn: 64614,
  gateways: [
    { letter: "a", zone: "1", size: "Standard_D2s_v5", privateAddress: "10.30.0.4" },
    { letter: "b", zone: "2", size: "Standard_D2ps_v5", privateAddress: "10.30.0.5" },
  ],
  routeServer: { instances: [{ name: "instance-0" }, { name: "instance-1" }] },
};
const [a, b] = spec.gateways;
assert.ok(a !== undefined && b !== undefined);

describe("components/azure/pair.plan", () => {
  it("puts machines into zones, one after the other, each with its processor's image", () => {
    const plan = planPair(spec);
    assert.ok(plan.ok);
    assert.deepEqual(
      plan.value.map(({ letter, zone, image, trustedLaunch, after }) => [
        letter,
        zone,
        `${image.publisher}:${image.offer}:${image.sku}`,
        trustedLaunch,
        after,
      ]),
      [
        ["a", "1", "Debian:debian-13:13-gen2", true, undefined],
        ["b", "2", "Debian:debian-13:13-arm64", false, "a"],
      ],
    );
  });

  for (const asn of [
    0, 8074, 8075, 12076, 23456, 64496, 64511, 65515, 65517, 65520, 65535, 65536, 4200000000,
  ])
    it(`refuses the ASN ${String(asn)}: it is of 32 bits, or Azure or IANA keeps it`, () => {
      const plan = planPair({ ...spec, asn });
      assert.deepEqual(plan.ok ? [] : plan.problems.map(({ path }) => path), ["asn"]);
    });

  for (const asn of [64512, 65514, 65516, 65521, 65534])
    it(`takes the ASN ${String(asn)}`, () => assert.ok(planPair({ ...spec, asn }).ok));

  for (const { what, change, says } of [
    {
      what: "one instance alone",
      change: { routeServer: { instances: [{ name: "only" }] } },
      says: ["routeServer.instances"],
    },
    {
      what: "instances of one name",
      change: { routeServer: { instances: [{ name: "i" }, { name: "i" }] } },
      says: ["routeServer.instances[1].name"],
    },
    { what: "no gateway", change: { gateways: [] }, says: ["gateways"] },
    {
      what: "more gateways than a Route Server has peers",
      change: {
        gateways: Array.from({ length: 9 }, (_, index) => ({
          ...a,
          letter: "abcdefghi"[index] ?? "",
          privateAddress: `10.30.0.${String(4 + index)}`,
        })),
      },
      says: ["gateways"],
    },
    {
      what: "two of a letter",
      change: { gateways: [a, { ...b, letter: "a" }] },
      says: ["gateways[1].letter"],
    },
    {
      what: "two of an address",
      change: { gateways: [a, { ...b, privateAddress: a.privateAddress }] },
      says: ["gateways[1].privateAddress"],
    },
    {
      what: "an address that is none",
      change: { gateways: [a, { ...b, privateAddress: "10.30.0" }] },
      says: ["gateways[1].privateAddress"],
    },
    {
      what: "a zone that is none",
      change: { gateways: [a, { ...b, zone: "b" }] },
      says: ["gateways[1].zone"],
    },
    {
      what: "names longer than Azure takes",
      change: { fleet: "f".repeat(50) },
      says: ["gateways[0].letter", "gateways[1].letter"],
    },
  ])
    it(`refuses ${what}`, () => {
      const plan = planPair({ ...spec, ...change });
      assert.deepEqual(plan.ok ? [] : plan.problems.map(({ path }) => path), says);
    });

  it("refuses a system that there is not", () => {
    const gateways = [{ ...a, system: Object("plan9") }];
    const plan = planPair({ ...spec, gateways });
    assert.deepEqual(plan.ok ? [] : plan.problems.map(({ path }) => path), ["gateways[0].system"]);
  });
});

describe("components/azure/image.plan", () => {
  for (const { size, arm } of [
    { size: "Standard_D2s_v5", arm: false },
    { size: "Standard_F4s_v2", arm: false },
    { size: "Standard_D2ps_v5", arm: true },
    { size: "Standard_D4pls_v6", arm: true },
    { size: "Standard_E2pds_v5", arm: true },
    { size: "Standard_DC2as_v5", arm: false },
  ])
    it(`${size}: ${arm ? "Arm" : "x86"}`, () => assert.equal(isArm(size), arm));

  it("has an image for every system", () => {
    assert.deepEqual(
      (["debian-13", "debian-12", "ubuntu-24.04"] as const).map((system) => {
        const { publisher, offer, sku } = planImage("Standard_D2s_v5", system);
        return `${publisher}:${offer}:${sku}`;
      }),
      ["Debian:debian-13:13-gen2", "Debian:debian-12:12-gen2", "Canonical:ubuntu-24_04-lts:server"],
    );
  });
});

describe("components/azure/name", () => {
  it("knows group and name of an id, and refuses what is none", () => {
    assert.deepEqual(
      partsOf(
        "/subscriptions/s/resourceGroups/acme-weu/providers/Microsoft.Network/networkSecurityGroups/gw",
      ),
      { resourceGroupName: "acme-weu", name: "gw" },
    );
    assert.throws(() => partsOf("sg-0123"), /no id/);
  });
});

describe("components/azure/peer-rules.plan", () => {
  it("is one rule, whatever the number of peers, and none without a peer", () => {
    const many = Array.from({ length: 400 }, (_, index) => `r${String(index)}-a`);
    for (const { peers, rule } of [
      { peers: [], rule: false },
      { peers: ["use1-a"], rule: true },
      { peers: many, rule: true },
    ]) {
      const plan = planPeerRules({ peers });
      assert.ok(plan.ok);
      assert.equal(plan.value.rule, rule);
    }
  });

  it("refuses a peer that stands twice, and more than a group has room for", () => {
    const of = (peers: readonly string[]) => {
      const plan = planPeerRules({ peers });
      return plan.ok ? [] : plan.problems.map(({ path }) => path);
    };
    assert.deepEqual(of(["a", "b", "a"]), ["peers[2].gateway"]);
    assert.deepEqual(of(Array.from({ length: 3501 }, (_, index) => String(index))), ["peers"]);
  });
});
