import assert from "node:assert/strict";
import { HandoverError, parseHandover, regionHandover } from "../../stacks/handover";
import { regionFormat } from "../../components/handover";

const secret = "-----BEGIN OPENSSH PRIVATE KEY-----planted";
const good = {
  format: regionFormat,
  region: "use1",
  cloud: "aws",
  cloudRegion: "us-east-1",
  networkId: "vpc-1",
  securityGroupId: "sg-1",
  routeService: { asn: 4200000001, endpoints: [{ name: "endpoint-a", address: "10.1.0.9" }] },
  gateways: [
    {
      id: "use1-a",
      instanceId: "i-1",
      imageEpoch: 1,
      system: "debian-13",
      privateAddress: "10.1.0.8",
      publicAddress: "198.18.0.1",
      routerAddress: "10.1.0.1",
      sshUser: "root",
      pushKey: secret,
      bootstrapHostKey: "ecdsa-sha2-nistp256 AAAA",
    },
  ],
};
const read = (value: unknown) => parseHandover(regionHandover, regionFormat, "acme.region-use1", value);

describe("stacks/handover", () => {
  it("reads what a region hands on", () => {
    assert.deepEqual(read(structuredClone(good)), good);
  });

  for (const { why, value, says } of [
    {
      why: "an empty stack",
      value: undefined,
      says: /acme\.region-use1 has handed on nothing yet\. Bring it up first/,
    },
    {
      why: "another version",
      value: { ...good, format: "trunkline.region/0" },
      says: /trunkline\.region\/0, and this version reads trunkline\.region\/1\. Bring that stack up/,
    },
    { why: "a missing field", value: { ...good, networkId: undefined }, says: /networkId \(invalid_type\)/ },
    {
      why: "an address that is none",
      value: { ...good, gateways: [{ ...good.gateways[0], publicAddress: "here" }] },
      says: /gateways\.0\.publicAddress/,
    },
    { why: "a field of the future", value: { ...good, extra: 1 }, says: /unrecognized_keys/ },
  ])
    it(`refuses ${why}, and prints no key`, () => {
      assert.throws(
        () => read(value),
        (error) => {
          assert.ok(error instanceof HandoverError);
          assert.equal(error.lower, "acme.region-use1");
          assert.match(error.message, says);
          assert.ok(!error.message.includes("planted"));
          return true;
        },
      );
    });
});
