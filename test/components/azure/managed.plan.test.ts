import assert from "node:assert/strict";
import {
  type ManagedConnectionSpec,
  planManagedConnection,
  presharedKeys,
} from "../../../components/azure/managed-connection.plan";
import { planManagedGateway } from "../../../components/azure/managed-gateway.plan";
import { planManagedNetwork } from "../../../components/azure/managed-network.plan";
import type { Planned } from "../../../components/problem";

const paths = (result: Planned<unknown>) => (result.ok ? [] : result.problems.map(({ path }) => path));
const names = { fleet: "acme", region: "weu" };

const asns = [
  { asn: 64512, ok: true },
  { asn: 65514, ok: true },
  { asn: 65521, ok: true },
  { asn: 4200000000, ok: true },
  { asn: 4294967295, ok: true },
  { asn: 0, ok: false },
  { asn: 8074, ok: false },
  { asn: 12076, ok: false },
  { asn: 23456, ok: false },
  { asn: 64496, ok: false },
  { asn: 65515, ok: false },
  { asn: 65517, ok: false },
  { asn: 65520, ok: false },
  { asn: 65535, ok: false },
  { asn: 65551, ok: false },
  { asn: 4294967296, ok: false },
];

describe("components/azure/managed-connection.plan", () => {
  const spec: ManagedConnectionSpec = {
    ...names,
    peer: "use1-a",
    peerAsn: 4200000001,
    ike: "aes256gcm16-prfsha384-ecp384",
    esp: "aes256gcm16-ecp384",
    childLifetimeSeconds: 27000,
    dpdTimeoutSeconds: 45,
    insideCidr: "169.254.21.4/30",
    peerInsideCidr: "169.254.6.0/30",
  };

  it("pins one word for each role, and says every field", () => {
    const plan = planManagedConnection(spec);
    assert.ok(plan.ok);
    assert.deepEqual(plan.value, {
      policy: {
        ikeEncryption: "GCMAES256",
        ikeIntegrity: "SHA384",
        dhGroup: "ECP384",
        ipsecEncryption: "GCMAES256",
        ipsecIntegrity: "GCMAES256",
        pfsGroup: "ECP384",
        saLifeTimeSeconds: 27000,
        saDataSizeKilobytes: 102400000,
      },
      peerInside: "169.254.6.2",
      instances: [
        { name: "instance-0", inside: "169.254.21.5" },
        { name: "instance-1", inside: "169.254.21.6" },
      ],
    });
  });

  it("takes a suite that is no AEAD", () => {
    const plan = planManagedConnection({
      ...spec,
      ike: "aes256-sha384-prfsha384-ecp384",
      esp: "aes256-sha256-ecp256",
    });
    assert.ok(plan.ok);
    const { ikeEncryption, ikeIntegrity, ipsecEncryption, ipsecIntegrity, pfsGroup } = plan.value.policy;
    assert.deepEqual([ikeEncryption, ikeIntegrity], ["AES256", "SHA384"]);
    assert.deepEqual([ipsecEncryption, ipsecIntegrity, pfsGroup], ["AES256", "SHA256", "ECP256"]);
  });

  for (const { why, change, says } of [
    {
      why: "an encryption that it has not",
      change: { ike: "chacha20poly1305-prfsha384-ecp384" },
      says: ["ike"],
    },
    { why: "a PRF that it has not", change: { ike: "aes256gcm16-prfsha512-ecp384" }, says: ["ike"] },
    { why: "a hash and a PRF apart", change: { ike: "aes256-sha256-prfsha384-ecp384" }, says: ["ike"] },
    { why: "a group that it has not", change: { esp: "aes256gcm16-ecp521" }, says: ["esp"] },
    { why: "a weak group", change: { ike: "aes256gcm16-prfsha384-modp1024" }, says: ["ike"] },
    { why: "a weak cipher", change: { esp: "3des-sha256-ecp256" }, says: ["esp"] },
    { why: "no PRF", change: { ike: "aes256gcm16-ecp384" }, says: ["ike"] },
    { why: "no forward secrecy", change: { esp: "aes256gcm16" }, says: ["esp"] },
    { why: "an integrity beside AEAD", change: { esp: "aes256gcm16-sha256-ecp384" }, says: ["esp"] },
    { why: "no integrity", change: { esp: "aes256-ecp384" }, says: ["esp"] },
    { why: "ML-KEM", change: { ike: "aes256gcm16-prfsha384-ecp384-ke1_mlkem768" }, says: ["ike"] },
    {
      why: "a child SA that is over at once",
      change: { childLifetimeSeconds: 299 },
      says: ["childLifetimeSeconds"],
    },
    { why: "half seconds", change: { childLifetimeSeconds: 300.5 }, says: ["childLifetimeSeconds"] },
    {
      why: "dead-peer detection that is too quick",
      change: { dpdTimeoutSeconds: 8 },
      says: ["dpdTimeoutSeconds"],
    },
    {
      why: "dead-peer detection that is too slow",
      change: { dpdTimeoutSeconds: 3601 },
      says: ["dpdTimeoutSeconds"],
    },
    { why: "an own network outside", change: { insideCidr: "169.254.23.0/30" }, says: ["insideCidr"] },
    {
      why: "a peer's network in Azure's range",
      change: { peerInsideCidr: "169.254.22.0/30" },
      says: ["peerInsideCidr"],
    },
    {
      why: "a peer's network that is not link-local",
      change: { peerInsideCidr: "10.0.0.0/30" },
      says: ["peerInsideCidr"],
    },
    { why: "a peer whose name is too long", change: { peer: "a".repeat(60) }, says: ["peer"] },
  ])
    it(`refuses ${why}`, () => {
      assert.deepEqual(paths(planManagedConnection({ ...spec, ...change })), says);
    });

  for (const { asn, ok } of asns)
    it(`${ok ? "takes" : "refuses"} a peer of ASN ${String(asn)}`, () => {
      assert.deepEqual(paths(planManagedConnection({ ...spec, peerAsn: asn })), ok ? [] : ["peerAsn"]);
    });

  for (const { key, taken } of [
    { key: "a", taken: true },
    { key: "", taken: false },
    { key: "a".repeat(128), taken: true },
    { key: "a".repeat(129), taken: false },
    { key: "AZaz09!#%&()*+,./:;<=>?@[]^_`{|}", taken: true },
    { key: "with space", taken: false },
    { key: "with-hyphen", taken: false },
    { key: "with~tilde", taken: false },
    { key: "umläut", taken: false },
    { key: "line\n", taken: false },
  ])
    it(`${taken ? "takes" : "refuses"} a key of ${String(key.length)} beginning ${JSON.stringify(key.slice(0, 4))}`, () => {
      assert.equal(presharedKeys.pattern.test(key), taken);
    });
});

describe("components/azure/managed-gateway.plan", () => {
  const spec = { ...names, asn: 64512, insideCidr: "169.254.21.4/30" };

  it("has an address inside for each instance, and the smallest SKU that lies in zones", () => {
    const plan = planManagedGateway(spec);
    assert.deepEqual(plan.ok && plan.value, {
      size: "VpnGw1AZ",
      instances: [
        { name: "instance-0", inside: "169.254.21.5" },
        { name: "instance-1", inside: "169.254.21.6" },
      ],
    });
  });

  for (const { asn, ok } of asns)
    it(`${ok ? "takes" : "refuses"} the ASN ${String(asn)}`, () => {
      assert.deepEqual(paths(planManagedGateway({ ...spec, asn })), ok ? [] : ["asn"]);
    });

  for (const size of ["Basic", "VpnGw1", "ErGw1AZ", "", "toString"])
    it(`refuses the SKU "${size}"`, () => {
      assert.deepEqual(paths(planManagedGateway({ ...spec, size })), ["size"]);
    });

  for (const { insideCidr, ok } of [
    { insideCidr: "169.254.21.0/30", ok: true },
    { insideCidr: "169.254.22.252/30", ok: true },
    { insideCidr: "169.254.20.252/30", ok: false },
    { insideCidr: "169.254.23.0/30", ok: false },
    { insideCidr: "169.254.21.0/29", ok: false },
    { insideCidr: "169.254.21.1/30", ok: false },
  ])
    it(`${ok ? "takes" : "refuses"} ${insideCidr} for its own addresses inside`, () => {
      assert.deepEqual(paths(planManagedGateway({ ...spec, insideCidr })), ok ? [] : ["insideCidr"]);
    });

  it("refuses names that Azure does not take", () => {
    assert.deepEqual(paths(planManagedGateway({ ...spec, fleet: "a".repeat(60) })), ["region"]);
  });
});

describe("components/azure/managed-network.plan", () => {
  const subnet = (name: string, cidr: string) => ({ name, cidr });
  const home = subnet("GatewaySubnet", "10.20.0.0/27");
  const spec = { ...names, cidrs: ["10.20.0.0/16"], subnets: [home, subnet("workloads", "10.20.128.0/17")] };

  it("takes a network with a subnet for the VPN gateway", () => {
    assert.deepEqual(paths(planManagedNetwork(spec)), []);
  });

  for (const { why, change, says } of [
    { why: "no block", change: { cidrs: [] }, says: ["cidrs"] },
    { why: "a block with host bits", change: { cidrs: ["10.20.0.1/16"] }, says: ["cidrs[0]"] },
    {
      why: "a block that Azure keeps",
      change: { cidrs: ["169.254.0.0/16"], subnets: [subnet("GatewaySubnet", "169.254.0.0/27")] },
      says: ["cidrs[0]"],
    },
    {
      why: "no subnet for the VPN gateway",
      change: { subnets: [subnet("workloads", "10.20.128.0/17")] },
      says: ["subnets"],
    },
    {
      why: "one that is too small",
      change: { subnets: [subnet("GatewaySubnet", "10.20.0.0/28")] },
      says: ["subnets[0].cidr"],
    },
    {
      why: "a subnet outside",
      change: { subnets: [home, subnet("a", "10.30.0.0/28")] },
      says: ["subnets[1].cidr"],
    },
    {
      why: "a subnet that is too small",
      change: { subnets: [home, subnet("a", "10.20.1.0/30")] },
      says: ["subnets[1].cidr"],
    },
    {
      why: "subnets that overlap",
      change: { subnets: [home, subnet("a", "10.20.0.0/24")] },
      says: ["subnets[1].cidr"],
    },
    {
      why: "two subnets of one name",
      change: { subnets: [home, subnet("a", "10.20.1.0/28"), subnet("a", "10.20.2.0/28")] },
      says: ["subnets[2].name"],
    },
    { why: "a name that Azure does not take", change: { fleet: "a".repeat(64) }, says: ["fleet"] },
  ])
    it(`refuses ${why}`, () => {
      assert.deepEqual(paths(planManagedNetwork({ ...spec, ...change })), says);
    });
});
