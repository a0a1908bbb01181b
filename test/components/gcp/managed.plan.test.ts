import assert from "node:assert/strict";
import {
  type ManagedConnectionSpec,
  planManagedConnection,
  presharedKeys,
} from "../../../components/gcp/managed-connection.plan";
import { planManagedGateway } from "../../../components/gcp/managed-gateway.plan";
import { planManagedNetwork } from "../../../components/gcp/managed-network.plan";
import type { Planned } from "../../../components/problem";

const paths = (result: Planned<unknown>) => (result.ok ? [] : result.problems.map(({ path }) => path));
const names = { fleet: "acme", region: "euw1" };

describe("components/gcp/managed-connection.plan", () => {
  const spec: ManagedConnectionSpec = {
    ...names,
    peer: "use1-a",
    peerAsn: 4200000001,
    ike: "aes256gcm16-prfsha384-ecp384",
    esp: "aes256gcm16-ecp384",
    tunnels: [{ insideCidr: "169.254.6.0/30" }, { insideCidr: "169.254.6.4/30" }],
  };

  it("pins one word for each role, and has a tunnel from each interface", () => {
    const plan = planManagedConnection(spec);
    assert.ok(plan.ok);
    assert.deepEqual(plan.value, {
      cipherSuite: {
        phase1: { encryptions: ["AES-GCM-16-256"], prves: ["PRF-HMAC-SHA2-384"], dhs: ["Group-20"] },
        phase2: { encryptions: ["AES-GCM-16-256"], pfs: ["Group-20"] },
      },
      tunnels: [
        { interface: 0, suffix: "use1-a-0", ipRange: "169.254.6.1/30", peerIpAddress: "169.254.6.2" },
        { interface: 1, suffix: "use1-a-1", ipRange: "169.254.6.5/30", peerIpAddress: "169.254.6.6" },
      ],
    });
  });

  const inside = (first: string, second = "169.254.6.4/30") => ({
    tunnels: [{ insideCidr: first }, { insideCidr: second }],
  });
  for (const { why, change, says } of [
    { why: "an ASN of nobody", change: { peerAsn: 0 }, says: ["peerAsn"] },
    { why: "an ASN beyond 32 bits", change: { peerAsn: 4294967296 }, says: ["peerAsn"] },
    {
      why: "an encryption that it has not",
      change: { ike: "chacha20poly1305-prfsha384-ecp384" },
      says: ["ike"],
    },
    { why: "a suite that is no AEAD", change: { ike: "aes256-sha384-prfsha384-ecp384" }, says: ["ike"] },
    { why: "a PRF that it has not", change: { ike: "aes256gcm16-prfsha1-ecp384" }, says: ["ike"] },
    { why: "a group that it has not", change: { esp: "aes256gcm16-modp6144" }, says: ["esp"] },
    { why: "no PRF", change: { ike: "aes256gcm16-ecp384" }, says: ["ike"] },
    { why: "no forward secrecy", change: { esp: "aes256gcm16" }, says: ["esp"] },
    { why: "ML-KEM", change: { ike: "aes256gcm16-prfsha384-ecp384-ke1_mlkem768" }, says: ["ike"] },
    { why: "one tunnel", change: { tunnels: [{ insideCidr: "169.254.6.0/30" }] }, says: ["tunnels"] },
    { why: "a network that is none", change: inside("169.254.6.1/30"), says: ["tunnels[0].insideCidr"] },
    { why: "a network of another size", change: inside("169.254.8.0/29"), says: ["tunnels[0].insideCidr"] },
    {
      why: "a network that is not link-local",
      change: inside("10.0.0.0/30"),
      says: ["tunnels[0].insideCidr"],
    },
    { why: "the metadata server's", change: inside("169.254.169.252/30"), says: ["tunnels[0].insideCidr"] },
    { why: "one network for both", change: inside("169.254.6.4/30"), says: ["tunnels[1].insideCidr"] },
    { why: "a peer whose name is too long", change: { peer: "a".repeat(60) }, says: ["peer"] },
  ])
    it(`refuses ${why}`, () => {
      assert.deepEqual(paths(planManagedConnection({ ...spec, ...change })), says);
    });

  for (const { key, taken } of [
    { key: "a".repeat(32), taken: true },
    { key: "a".repeat(31), taken: false },
    { key: "a".repeat(129), taken: false },
    { key: "AZaz09.+/=".repeat(4), taken: true },
    { key: `${"a".repeat(32)} b`, taken: false },
    { key: `${"a".repeat(32)}\n`, taken: false },
  ])
    it(`${taken ? "takes" : "refuses"} a key of ${String(key.length)} beginning ${JSON.stringify(key.slice(0, 4))}`, () => {
      assert.equal(presharedKeys.pattern.test(key), taken);
    });
});

describe("components/gcp/managed-gateway.plan", () => {
  const spec = { ...names, asn: 64512, cidrs: ["10.20.0.0/16"] };
  for (const { asn, ok } of [
    { asn: 64512, ok: true },
    { asn: 65534, ok: true },
    { asn: 4200000000, ok: true },
    { asn: 4294967294, ok: true },
    { asn: 64511, ok: false },
    { asn: 65535, ok: false },
    { asn: 4294967295, ok: false },
  ])
    it(`${ok ? "takes" : "refuses"} the ASN ${String(asn)}`, () => {
      assert.deepEqual(paths(planManagedGateway({ ...spec, asn })), ok ? [] : ["asn"]);
    });

  it("tells others of the region's networks, and refuses what is none", () => {
    const plan = planManagedGateway(spec);
    assert.deepEqual(plan.ok && plan.value.advertised, ["10.20.0.0/16"]);
    assert.deepEqual(paths(planManagedGateway({ ...spec, cidrs: [] })), ["cidrs"]);
    assert.deepEqual(paths(planManagedGateway({ ...spec, cidrs: ["10.20.0.1/16"] })), ["cidrs[0]"]);
  });

  it("refuses names that Google does not take", () => {
    assert.deepEqual(paths(planManagedGateway({ ...spec, fleet: "a".repeat(60) })), ["region"]);
  });
});

describe("components/gcp/managed-network.plan", () => {
  const subnet = (name: string, cidr: string) => ({ name, cidr });
  const spec = { ...names, cidrs: ["10.20.0.0/16"], subnets: [subnet("workloads", "10.20.128.0/17")] };

  it("has Google's own MTU where none is said", () => {
    const plan = planManagedNetwork(spec);
    assert.deepEqual(plan.ok && plan.value, { mtu: 1460 });
  });

  for (const { why, change, says } of [
    { why: "no block", change: { cidrs: [] }, says: ["cidrs"] },
    { why: "a block with host bits", change: { cidrs: ["10.20.0.1/16"] }, says: ["cidrs[0]"] },
    {
      why: "a subnet outside",
      change: { subnets: [subnet("a", "10.30.0.0/28")] },
      says: ["subnets[0].cidr"],
    },
    {
      why: "a subnet that is too small",
      change: { subnets: [subnet("a", "10.20.0.0/30")] },
      says: ["subnets[0].cidr"],
    },
    {
      why: "two subnets of one name",
      change: { subnets: [subnet("a", "10.20.0.0/28"), subnet("a", "10.20.1.0/28")] },
      says: ["subnets[1].name"],
    },
    {
      why: "subnets that overlap",
      change: { subnets: [subnet("a", "10.20.0.0/24"), subnet("b", "10.20.0.16/28")] },
      says: ["subnets[1].cidr"],
    },
    {
      why: "a name that Google does not take",
      change: { subnets: [subnet("A", "10.20.0.0/28")] },
      says: ["subnets[0].name"],
    },
    { why: "an MTU that no network has", change: { mtu: 1200 }, says: ["mtu"] },
  ])
    it(`refuses ${why}`, () => {
      assert.deepEqual(paths(planManagedNetwork({ ...spec, ...change })), says);
    });
});
