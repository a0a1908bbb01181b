import assert from "node:assert/strict";
import { planImage } from "../../../components/gcp/image.plan";
import { accountId } from "../../../components/gcp/name";
import { type PairSpec, planPair } from "../../../components/gcp/pair.plan";
import { planPeerRules } from "../../../components/gcp/peer-rules.plan";

const spec: PairSpec = {
  fleet: "acme",
  region: "euw1",
  cloudRegion: "europe-west1",
  asn: 4200000020,
  gateways: [
    { letter: "a", zone: "b", size: "n2-standard-2" },
    { letter: "b", zone: "c", size: "c4a-standard-2" },
  ],
  router: { asn: 4200001020, interfaces: [{ name: "interface-0" }, { name: "interface-1" }] },
};
const { router } = spec;
const [a, b] = spec.gateways;
assert.ok(a !== undefined && b !== undefined);

describe("components/gcp/pair.plan", () => {
  it("puts machines into zones, one after the other, each with its processor's image", () => {
    const plan = planPair(spec);
    assert.ok(plan.ok);
    assert.deepEqual(
      plan.value.machines.map(({ letter, zone, image, after }) => [letter, zone, image.family, after]),
      [
        ["a", "europe-west1-b", "debian-13", undefined],
        ["b", "europe-west1-c", "debian-13-arm64", "a"],
      ],
    );
  });

  it("gives every gateway a session with each interface", () => {
    const plan = planPair(spec);
    assert.ok(plan.ok);
    assert.deepEqual(
      plan.value.sessions.map(({ name }) => name),
      ["a-interface-0", "a-interface-1", "b-interface-0", "b-interface-1"],
    );
  });

  for (const { what, change, says } of [
    { what: "an ASN that is none", change: { asn: 0 }, says: ["asn"] },
    {
      what: "a public ASN for the Cloud Router",
      change: { router: { ...router, asn: 13335 } },
      says: ["router.asn"],
    },
    {
      what: "the gateways' own ASN for the Cloud Router",
      change: { router: { ...router, asn: spec.asn } },
      says: ["router.asn"],
    },
    {
      what: "one interface alone",
      change: { router: { ...router, interfaces: [{ name: "only" }] } },
      says: ["router.interfaces"],
    },
    {
      what: "two interfaces of one name",
      change: { router: { ...router, interfaces: [{ name: "one" }, { name: "one" }] } },
      says: ["router.interfaces[1].name"],
    },
    { what: "no gateway", change: { gateways: [] }, says: ["gateways"] },
    {
      what: "more gateways than a spoke links",
      change: { gateways: [..."abcdefghi"].map((letter) => ({ ...a, letter })) },
      says: ["gateways"],
    },
    { what: "a gateway twice", change: { gateways: [a, a] }, says: ["gateways[1].letter"] },
    {
      what: "a zone with its region's name",
      change: { gateways: [{ ...a, zone: "europe-west1-b" }] },
      says: ["gateways[0].zone"],
    },
    {
      what: "a name too long for a resource",
      change: { fleet: "f".repeat(63) },
      says: [
        "gateways[0].letter",
        "gateways[1].letter",
        "router.interfaces[0].name",
        "router.interfaces[1].name",
      ],
    },
  ])
    it(`refuses ${what}`, () => {
      const plan = planPair({ ...spec, ...change });
      assert.deepEqual(plan.ok ? [] : plan.problems.map(({ path }) => path), says);
    });

  for (const { size, system, family, project } of [
    { size: "n2-standard-2", system: "debian-12", family: "debian-12", project: "debian-cloud" },
    { size: "t2a-standard-1", system: "debian-12", family: "debian-12-arm64", project: "debian-cloud" },
    {
      size: "e2-micro",
      system: "ubuntu-24.04",
      family: "ubuntu-2404-lts-amd64",
      project: "ubuntu-os-cloud",
    },
    {
      size: "n4a-standard-2",
      system: "ubuntu-24.04",
      family: "ubuntu-2404-lts-arm64",
      project: "ubuntu-os-cloud",
    },
  ] as const)
    it(`${size} with ${system} boots ${family}`, () => {
      assert.deepEqual(planImage(size, system), { project, family });
    });

  it("an account's id is as short as Google wants it, and each region's own", () => {
    const ids = ["euw1", "usc1"].map((region) => accountId({ fleet: "f".repeat(31), region }));
    assert.equal(new Set(ids).size, 2);
    for (const id of ids) assert.match(id, /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/);
  });
});

describe("components/gcp/peer-rules.plan", () => {
  it("makes no rule where there is no peer: one without a source would admit everybody", () => {
    const plan = planPeerRules({ peers: [] });
    assert.ok(plan.ok);
    assert.equal(plan.value.rule, false);
  });

  it("refuses a peer twice, and more than a rule holds", () => {
    const many = Array.from({ length: 5001 }, (_, index) => `g${String(index)}`);
    for (const [peers, path] of [
      [["a", "a"], "peers[1].gateway"],
      [many, "peers"],
    ] as const) {
      const plan = planPeerRules({ peers });
      assert.deepEqual(plan.ok ? [] : plan.problems.map((problem) => problem.path), [path]);
    }
  });
});
