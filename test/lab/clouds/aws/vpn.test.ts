import assert from "node:assert/strict";
import { Account } from "../../../../lab/clouds/aws/context";
import { awsProvider } from "../../../../lab/clouds/aws/provider";
import type { Properties } from "../../../../lab/clouds/provider/wire";
import { InMemory } from "../in-memory";

const customer = "CustomerGateway";
const connectionType = "VpnConnection";
const key = "one.key.of.this.test";

function tunnel(number: 1 | 2, change: Readonly<Record<string, unknown>> = {}): Properties {
  const fields: Readonly<Record<string, unknown>> = {
    InsideCidr: `169.254.6.${String(4 * (number - 1))}/30`,
    PresharedKey: `${key}.${String(number)}`,
    IkeVersions: ["ikev2"],
    Phase1EncryptionAlgorithms: ["AES256-GCM-16"],
    Phase1IntegrityAlgorithms: ["SHA2-384"],
    Phase1DhGroupNumbers: [20],
    Phase1LifetimeSeconds: 28800,
    Phase2EncryptionAlgorithms: ["AES256-GCM-16"],
    Phase2IntegrityAlgorithms: ["SHA2-384"],
    Phase2DhGroupNumbers: [20],
    Phase2LifetimeSeconds: 3600,
    RekeyMarginTimeSeconds: 540,
    RekeyFuzzPercentage: 100,
    ReplayWindowSize: 1024,
    DpdTimeoutSeconds: 30,
    DpdTimeoutAction: "clear",
    StartupAction: "add",
    ...change,
  };
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [`tunnel${String(number)}${field}`, value]),
  );
}

const gatewayInputs = {
  type: "ipsec.1",
  ipAddress: "203.0.113.10",
  bgpAsnExtended: "4200000001",
  deviceName: "one",
};

/** A region with a transit gateway and a customer gateway. */
async function region() {
  const aws = new InMemory(awsProvider("0.0.0", undefined), (open) => new Account("eu-west-1", open));
  const transit = await aws.make("TransitGateway", "tgw", { amazonSideAsn: 4200002000 });
  const router = await aws.make(customer, "router", gatewayInputs);
  const connect = (name: string, change: Properties = {}) =>
    aws.make(connectionType, name, {
      type: "ipsec.1",
      customerGatewayId: router["id"],
      transitGatewayId: transit["id"],
      staticRoutesOnly: false,
      ...tunnel(1),
      ...tunnel(2),
      ...change,
    });
  return { aws, connect };
}

describe("the lab's AWS, customer gateways", () => {
  for (const { what, change, says } of [
    { what: "another type", change: { type: "ipsec.2" }, says: /no other type/ },
    { what: "no address", change: { ipAddress: undefined }, says: /ipAddress/ },
    { what: "no ASN", change: { bgpAsnExtended: undefined }, says: /exactly one of/ },
    { what: "two ASNs", change: { bgpAsn: "64512" }, says: /exactly one of/ },
    {
      what: "an ASN of 32 bits in the shorter field",
      change: { bgpAsn: "4200000001", bgpAsnExtended: undefined },
      says: /bgpAsnExtended takes it/,
    },
    { what: "an ASN of 31 bits in the longer", change: { bgpAsnExtended: "64512" }, says: /2147483648/ },
    { what: "a certificate", change: { certificateArn: "arn:aws:acm:x" }, says: /no stand-in for the field/ },
  ])
    it(`refuse ${what}`, async () => {
      const aws = new InMemory(awsProvider("0.0.0", undefined), (open) => new Account("eu-west-1", open));
      const inputs = Object.fromEntries(
        Object.entries({ ...gatewayInputs, ...change }).filter(([, value]) => value !== undefined),
      );
      await assert.rejects(aws.make(customer, "router", inputs), says);
    });

  it("are told apart by their device's name alone, where all else is the same", async () => {
    const { aws } = await region();
    await assert.rejects(
      aws.make(customer, "again", { ...gatewayInputs, tags: { Name: "again" } }),
      /device name/,
    );
    await aws.make(customer, "another", { ...gatewayInputs, deviceName: "another" });
  });
});

describe("the lab's AWS, Site-to-Site VPN connections", () => {
  it("have an address for each tunnel, and of each inside network the first address", async () => {
    const { connect } = await region();
    const made = await connect("one");
    assert.match(String(made["tunnel1Address"]), /^198\.18\./);
    assert.notEqual(made["tunnel1Address"], made["tunnel2Address"]);
    assert.deepEqual(
      ["tunnel1VgwInsideAddress", "tunnel1CgwInsideAddress", "tunnel2VgwInsideAddress", "tunnel1BgpAsn"].map(
        (output) => made[output],
      ),
      ["169.254.6.1", "169.254.6.2", "169.254.6.5", "4200002000"],
    );
  });

  it("have a configuration that is a secret, for it holds both keys", () => {
    const type = awsProvider("0.0.0", undefined).types.find(({ token }) => token.endsWith(connectionType));
    assert.equal(type?.isSecret("customerGatewayConfiguration", false), true);
  });

  const reserved = [0, 1, 2, 3, 4, 5].map((third) => `169.254.${String(third)}.0/30`);
  for (const { what, change, says } of [
    {
      what: "a lifetime that is too long",
      change: tunnel(1, { Phase1LifetimeSeconds: 28801 }),
      says: /tunnel1Phase1LifetimeSeconds/,
    },
    {
      what: "a lifetime that is too short",
      change: tunnel(2, { Phase2LifetimeSeconds: 899 }),
      says: /tunnel2Phase2LifetimeSeconds/,
    },
    {
      what: "a child SA that outlives its IKE SA",
      change: tunnel(1, { Phase1LifetimeSeconds: 3600 }),
      says: /less than phase 1/,
    },
    {
      what: "a margin of more than half a life",
      change: tunnel(1, { RekeyMarginTimeSeconds: 1801 }),
      says: /half of phase 2/,
    },
    {
      what: "a dead peer that is noticed too soon",
      change: tunnel(1, { DpdTimeoutSeconds: 29 }),
      says: /DpdTimeoutSeconds/,
    },
    {
      what: "an encryption that AWS has not",
      change: tunnel(1, { Phase1EncryptionAlgorithms: ["AES192"] }),
      says: /Phase1EncryptionAlgorithms/,
    },
    {
      what: "a group that AWS has not",
      change: tunnel(1, { Phase1DhGroupNumbers: [31] }),
      says: /no such group/,
    },
    {
      what: "group 5 for IKE, which AWS has for ESP alone",
      change: tunnel(1, { Phase1DhGroupNumbers: [5] }),
      says: /no such group/,
    },
    {
      what: "no list of transforms, of which AWS would take all",
      change: { tunnel1Phase1DhGroupNumbers: undefined },
      says: /tunnel1Phase1DhGroupNumbers/,
    },
    { what: "IKEv1", change: tunnel(1, { IkeVersions: ["ikev1"] }), says: /IKEv1/ },
    {
      what: "an inside network with host bits",
      change: tunnel(1, { InsideCidr: "169.254.6.1/30" }),
      says: /canonical/,
    },
    {
      what: "an inside network of another size",
      change: tunnel(1, { InsideCidr: "169.254.8.0/29" }),
      says: /no \/30/,
    },
    ...reserved.map((block) => ({
      what: `${block}, which it reserves`,
      change: tunnel(1, { InsideCidr: block }),
      says: /reserved/,
    })),
    {
      what: "169.254.169.252/30, which it reserves",
      change: tunnel(1, { InsideCidr: "169.254.169.252/30" }),
      says: /reserved/,
    },
    {
      what: "one inside network for both tunnels",
      change: tunnel(2, { InsideCidr: "169.254.6.0/30" }),
      says: /in use by another tunnel/,
    },
    { what: "a router that is not there", change: { customerGatewayId: "cgw-0" }, says: /cgw-0/ },
    {
      what: "a virtual private gateway",
      change: { vpnGatewayId: "vgw-0" },
      says: /no stand-in for the field/,
    },
    {
      what: "a field without a stand-in",
      change: { enableAcceleration: true },
      says: /no stand-in for the field/,
    },
  ])
    it(`refuse ${what}`, async () => {
      const { connect } = await region();
      await assert.rejects(connect("one", Object.fromEntries(Object.entries(change))), says);
    });

  for (const wrong of ["short", "0beginsWithZero", "has-a-hyphen-in-it", "a".repeat(65)])
    it(`refuse a key of ${String(wrong.length)} that AWS does not take, without a word of it`, async () => {
      const { connect } = await region();
      await assert.rejects(connect("one", tunnel(1, { PresharedKey: wrong })), (error: Error) => {
        assert.match(error.message, /tunnel1PresharedKey: must have 8 to 64/);
        assert.ok(!error.message.includes(wrong));
        return true;
      });
    });

  it("refuse an inside network that another connection of the transit gateway has", async () => {
    const { connect } = await region();
    await connect("one");
    await assert.rejects(connect("two", { tags: { Name: "two" } }), /in use by another tunnel/);
    await connect("three", {
      ...tunnel(1, { InsideCidr: "169.254.6.8/30" }),
      ...tunnel(2, { InsideCidr: "169.254.6.12/30" }),
    });
  });
});
