import assert from "node:assert/strict";
import { LabError } from "../../../lab/client/client";
import type { TransitConnectPeer, WorldObject } from "../../../lab/world/model";
import { emptyWorld, putObject, removeObject } from "../../../lab/world/world";
import { original } from "../contract";
import { east, twoNetworks, west } from "../two-networks";

const gateway = {
  kind: "transitGateway",
  id: "tgw-1",
  name: "1",
  cloudRegion: "us-east-1",
  asn: 64999,
  cidrs: ["192.0.2.0/24"],
} as const;
const attachment = {
  kind: "transitAttachment",
  id: "tgw-attach-1",
  name: "1",
  transitGateway: "tgw-1",
  network: west.network,
  subnets: ["subnet-west-public"],
} as const;
const connect = { kind: "transitConnect", id: "tgw-attach-2", name: "2", transport: "tgw-attach-1" } as const;
const peer: TransitConnectPeer = {
  kind: "transitConnectPeer",
  id: "tgw-connect-peer-1",
  name: "1",
  connect: "tgw-attach-2",
  address: "192.0.2.1",
  peerAddress: west.gatewayAddress,
  peerAsn: 65010,
  inside: "169.254.100.0/29",
};
const more = (index: number): TransitConnectPeer => ({
  ...peer,
  id: `tgw-connect-peer-${String(index)}`,
  address: `192.0.2.${String(index)}`,
  inside: `169.254.100.${String(index * 8)}/29`,
});
const route = {
  ...original("routeTable", "rtb-west-private"),
  routes: [{ cidr: "10.20.0.0/16", target: { transitGateway: "tgw-1" } }],
};

const worldOf = (...objects: readonly WorldObject[]) =>
  [...twoNetworks(), ...objects].reduce(putObject, emptyWorld());
const codeOf = (step: () => unknown): string => {
  try {
    step();
  } catch (error) {
    if (error instanceof LabError) return error.code;
    throw error;
  }
  return "taken";
};

/** What AWS refuses of what joins a transit gateway; of the gateway itself, see `refusals.ts`. */
describe("what joins a transit gateway", () => {
  const whole = worldOf(gateway, attachment, connect, peer, route);

  for (const { what, code, put } of [
    { what: "no subnet", code: "InvalidParameterValue", put: { ...attachment, subnets: [] } },
    {
      what: "another network's subnet",
      code: "InvalidParameterValue",
      put: { ...attachment, subnets: ["subnet-east-public"] },
    },
    {
      what: "two subnets of one zone",
      code: "DuplicateSubnetsInSameZone",
      put: { ...attachment, subnets: ["subnet-west-public", "subnet-west-private"] },
    },
    {
      what: "a network twice",
      code: "DuplicateTransitGatewayAttachment",
      put: { ...attachment, id: "tgw-attach-9" },
    },
    {
      what: "a block of an attached network",
      code: "InvalidParameterValue",
      put: { ...gateway, cidrs: ["10.10.7.0/24"] },
    },
    {
      what: "a second peer in the same /29",
      code: "InvalidParameterValue",
      put: { ...more(2), inside: peer.inside },
    },
    { what: "a /30", code: "InvalidParameterValue", put: { ...more(2), inside: "169.254.100.8/30" } },
    {
      what: "a /29 of another range",
      code: "InvalidParameterValue",
      put: { ...more(2), inside: "10.9.0.0/29" },
    },
    { what: "a reserved /29", code: "InvalidParameterValue", put: { ...more(2), inside: "169.254.5.0/29" } },
    {
      what: "the metadata service's /29",
      code: "InvalidParameterValue",
      put: { ...more(2), inside: "169.254.169.248/29" },
    },
    {
      what: "an end of GRE of nobody",
      code: "InvalidParameterValue",
      put: { ...more(2), address: "192.0.3.1" },
    },
    {
      what: "both ends of GRE twice",
      code: "InvalidParameterValue",
      put: { ...more(2), address: peer.address },
    },
    { what: "an ASN of 0", code: "InvalidParameterValue", put: { ...more(2), peerAsn: 0 } },
    {
      what: "a route from a network that is not attached",
      code: "InvalidTransitGatewayID.NotFound",
      put: {
        ...route,
        id: "rtb-east-private",
        network: east.network,
        routes: [{ cidr: "10.40.0.0/16", target: { transitGateway: "tgw-1" } }],
      },
    },
  ] as const)
    it(`${code}: ${what}`, () => {
      assert.equal(
        codeOf(() => putObject(whole, put)),
        code,
      );
    });

  it("a fifth peer over one attachment is one too many", () => {
    const four = [2, 3, 4].map(more).reduce(putObject, whole);
    assert.equal(
      codeOf(() => putObject(four, more(5))),
      "TransitGatewayConnectPeerLimitExceeded",
    );
  });

  for (const { kind, id } of [gateway, attachment, connect])
    it(`a ${kind} does not go before what joins it`, () => {
      assert.equal(
        codeOf(() => removeObject(whole, kind, id)),
        "DependencyViolation",
      );
    });
});
