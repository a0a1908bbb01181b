import assert from "node:assert/strict";
import {
  type ManagedConnectionSpec,
  planManagedConnection,
  presharedKeys,
} from "../../../components/aws/managed-connection.plan";
import { planManagedGateway } from "../../../components/aws/managed-gateway.plan";
import { planManagedNetwork } from "../../../components/aws/managed-network.plan";

const paths = (result: ReturnType<typeof planManagedConnection>) =>
  result.ok ? [] : result.problems.map(({ path }) => path);

describe("components/aws/managed-connection.plan", () => {
  const spec: ManagedConnectionSpec = {
    peerAsn: 4200000001,
    ike: "aes256gcm16-prfsha384-ecp384",
    esp: "aes256gcm16-ecp384",
    ikeLifetimeSeconds: 28800,
    childLifetimeSeconds: 3600,
    rekeyMarginSeconds: 540,
    dpdTimeoutSeconds: 30,
    tunnels: [{ insideCidr: "169.254.6.0/30" }, { insideCidr: "169.254.6.4/30" }],
  };

  it("pins one transform for each role, and every other option of a tunnel", () => {
    const plan = planManagedConnection(spec);
    assert.ok(plan.ok);
    assert.deepEqual(plan.value, {
      asn: { bgpAsnExtended: "4200000001" },
      options: {
        ikeVersions: ["ikev2"],
        phase1EncryptionAlgorithms: ["AES256-GCM-16"],
        phase1IntegrityAlgorithms: ["SHA2-384"],
        phase1DhGroupNumbers: [20],
        phase1LifetimeSeconds: 28800,
        phase2EncryptionAlgorithms: ["AES256-GCM-16"],
        phase2IntegrityAlgorithms: ["SHA2-384"],
        phase2DhGroupNumbers: [20],
        phase2LifetimeSeconds: 3600,
        rekeyMarginTimeSeconds: 540,
        rekeyFuzzPercentage: 100,
        replayWindowSize: 1024,
        dpdTimeoutSeconds: 30,
        dpdTimeoutAction: "clear",
        startupAction: "add",
      },
    });
  });

  it("has a field for ASNs of 31 bits, and another for greater ones", () => {
    for (const [peerAsn, asn] of [
      [64512, { bgpAsn: "64512" }],
      [2147483647, { bgpAsn: "2147483647" }],
      [2147483648, { bgpAsnExtended: "2147483648" }],
    ] as const) {
      const plan = planManagedConnection({ ...spec, peerAsn });
      assert.ok(plan.ok);
      assert.deepEqual(plan.value.asn, asn);
    }
  });

  it("says a suite that is no AEAD in AWS' words", () => {
    const plan = planManagedConnection({
      ...spec,
      ike: "aes256-sha512-prfsha512-modp4096",
      esp: "aes256-sha256-modp3072",
    });
    assert.ok(plan.ok);
    const { options } = plan.value;
    assert.deepEqual(
      [
        options.phase1EncryptionAlgorithms,
        options.phase1IntegrityAlgorithms,
        options.phase1DhGroupNumbers,
        options.phase2EncryptionAlgorithms,
        options.phase2IntegrityAlgorithms,
        options.phase2DhGroupNumbers,
      ],
      [["AES256"], ["SHA2-512"], [16], ["AES256"], ["SHA2-256"], [15]],
    );
  });

  const inside = (first: string, second = "169.254.6.4/30") => ({
    tunnels: [{ insideCidr: first }, { insideCidr: second }],
  });
  for (const { why, change, says } of [
    { why: "an ASN of nobody", change: { peerAsn: 0 }, says: ["peerAsn"] },
    { why: "an ASN beyond 32 bits", change: { peerAsn: 4294967296 }, says: ["peerAsn"] },
    {
      why: "an encryption that AWS has not",
      change: { ike: "chacha20poly1305-prfsha384-ecp384" },
      says: ["ike"],
    },
    { why: "a group that AWS has not", change: { esp: "aes256gcm16-curve25519" }, says: ["esp"] },
    { why: "a group that is weak", change: { ike: "aes256gcm16-prfsha384-modp1024" }, says: ["ike"] },
    { why: "a hash that is weak", change: { esp: "aes256-sha1-ecp384" }, says: ["esp"] },
    { why: "no PRF", change: { ike: "aes256gcm16-ecp384" }, says: ["ike"] },
    { why: "no forward secrecy", change: { esp: "aes256gcm16" }, says: ["esp"] },
    { why: "two hashes of one field", change: { ike: "aes256-sha256-prfsha384-ecp384" }, says: ["ike"] },
    { why: "ML-KEM", change: { ike: "aes256gcm16-prfsha384-ecp384-ke1_mlkem768" }, says: ["ike"] },
    {
      why: "an IKE SA that lives too short",
      change: { ikeLifetimeSeconds: 899 },
      says: ["ikeLifetimeSeconds", "childLifetimeSeconds"],
    },
    {
      why: "an IKE SA that lives too long",
      change: { ikeLifetimeSeconds: 28801 },
      says: ["ikeLifetimeSeconds"],
    },
    {
      why: "a child SA that lives too long",
      change: { childLifetimeSeconds: 3601 },
      says: ["childLifetimeSeconds"],
    },
    {
      why: "a child SA that outlives its IKE SA",
      change: { ikeLifetimeSeconds: 3600 },
      says: ["childLifetimeSeconds"],
    },
    { why: "a margin that is too short", change: { rekeyMarginSeconds: 59 }, says: ["rekeyMarginSeconds"] },
    {
      why: "a margin of more than half a life",
      change: { rekeyMarginSeconds: 1801 },
      says: ["rekeyMarginSeconds"],
    },
    { why: "a peer that is gone too soon", change: { dpdTimeoutSeconds: 29 }, says: ["dpdTimeoutSeconds"] },
    { why: "one tunnel", change: { tunnels: [{ insideCidr: "169.254.6.0/30" }] }, says: ["tunnels"] },
    { why: "a network that is none", change: inside("169.254.6.1/30"), says: ["tunnels[0].insideCidr"] },
    {
      why: "a network of another size",
      change: inside("169.254.6.0/29", "169.254.8.0/30"),
      says: ["tunnels[0].insideCidr"],
    },
    {
      why: "a network that is not link-local",
      change: inside("10.0.0.0/30"),
      says: ["tunnels[0].insideCidr"],
    },
    ...[0, 1, 2, 3, 4, 5].map((third) => ({
      why: `169.254.${String(third)}.0/30, which AWS reserves`,
      change: inside(`169.254.${String(third)}.0/30`),
      says: ["tunnels[0].insideCidr"],
    })),
    {
      why: "169.254.169.252/30, which AWS reserves",
      change: inside("169.254.169.252/30"),
      says: ["tunnels[0].insideCidr"],
    },
    { why: "one network for both", change: inside("169.254.6.4/30"), says: ["tunnels[1].insideCidr"] },
  ])
    it(`refuses ${why}`, () => {
      assert.deepEqual(paths(planManagedConnection({ ...spec, ...change })), says);
    });

  for (const { key, taken } of [
    { key: "12345678", taken: true },
    { key: "a".repeat(64), taken: true },
    { key: "A.b_c9xy", taken: true },
    { key: "1234567", taken: false },
    { key: "a".repeat(65), taken: false },
    { key: "01234567", taken: false },
    { key: "abcd-efgh", taken: false },
    { key: "abcd efgh", taken: false },
    { key: "abcdefgh\n", taken: false },
  ])
    it(`${taken ? "takes" : "refuses"} the key ${JSON.stringify(key.slice(0, 12))} of ${String(key.length)}`, () => {
      assert.equal(presharedKeys.pattern.test(key), taken);
    });
});

describe("components/aws/managed-gateway.plan", () => {
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
      assert.equal(planManagedGateway({ asn, subnetIds: ["subnet-a"] }).ok, ok);
    });

  it("refuses to be attached nowhere", () => {
    const plan = planManagedGateway({ asn: 64512, subnetIds: [] });
    assert.deepEqual(plan.ok ? [] : plan.problems.map(({ path }) => path), ["subnetIds"]);
  });
});

describe("components/aws/managed-network.plan", () => {
  const subnet = (name: string, cidr: string, zone = "a") => ({ name, cidr, zone });
  const spec = {
    cloudRegion: "eu-west-1",
    cidrs: ["10.20.0.0/16", "10.21.0.0/16"],
    subnets: [subnet("attachment-a", "10.20.0.0/28"), subnet("workload-a", "10.20.128.0/18", "b")],
  };

  it("has subnets in zones by their letters, and further blocks", () => {
    const plan = planManagedNetwork(spec);
    assert.ok(plan.ok);
    assert.deepEqual(plan.value, {
      primaryCidr: "10.20.0.0/16",
      secondaryCidrs: ["10.21.0.0/16"],
      subnets: [
        { name: "attachment-a", cidr: "10.20.0.0/28", availabilityZone: "eu-west-1a" },
        { name: "workload-a", cidr: "10.20.128.0/18", availabilityZone: "eu-west-1b" },
      ],
    });
  });

  for (const { why, change, says } of [
    { why: "no block", change: { cidrs: [] }, says: ["cidrs"] },
    { why: "a block that a VPC does not take", change: { cidrs: ["10.0.0.0/8"] }, says: ["cidrs[0]"] },
    {
      why: "a subnet outside",
      change: { subnets: [subnet("a", "10.30.0.0/28")] },
      says: ["subnets[0].cidr"],
    },
    {
      why: "a subnet without a zone",
      change: { subnets: [subnet("a", "10.20.0.0/28", "")] },
      says: ["subnets[0].zone"],
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
  ])
    it(`refuses ${why}`, () => {
      const plan = planManagedNetwork({ ...spec, ...change });
      assert.deepEqual(plan.ok ? [] : plan.problems.map(({ path }) => path), says);
    });
});
