import assert from "node:assert/strict";
import { proposalsOf, rekeyingOf, transitGatewaySite } from "../../../lab/fabric/site-to-site/aws";
import { siteToSitePieces, siteToSiteRouter, vpnDevice } from "../../../lab/fabric/site-to-site/pieces";
import { scriptBetween } from "../../../lab/fabric/piece";
import type {
  CustomerGateway,
  TransitGateway,
  VpnConnection,
  VpnTunnel,
  World,
} from "../../../lab/world/model";
import { emptyWorld, putObject } from "../../../lab/world/world";

const phase = { encryption: ["AES256-GCM-16"], integrity: ["SHA2-384"], groups: [20] };
const tunnel = (number: number): VpnTunnel => ({
  address: `198.18.0.${String(number)}`,
  inside: `169.254.6.${String(4 * number)}/30`,
  presharedKey: `secret.of.tunnel.${String(number)}`,
  ike: { ...phase, lifetimeSeconds: 28800 },
  esp: { ...phase, lifetimeSeconds: 3600 },
  rekeyMarginSeconds: 540,
  rekeyFuzzPercentage: 100,
  replayWindow: 1024,
  dpdTimeoutSeconds: 30,
});
const gateway: TransitGateway = {
  kind: "transitGateway",
  id: "tgw-1",
  name: "1",
  cloudRegion: "eu-west-1",
  asn: 4200002000,
  cidrs: [],
};
const router: CustomerGateway = {
  kind: "customerGateway",
  id: "cgw-1",
  name: "1",
  cloudRegion: "eu-west-1",
  address: "198.18.0.9",
  asn: 4200000001,
};
const connection: VpnConnection = {
  kind: "vpnConnection",
  id: "vpn-1",
  name: "1",
  transitGateway: "tgw-1",
  customerGateway: "cgw-1",
  tunnels: [tunnel(1), tunnel(2)],
};
const without = [gateway, router].reduce(putObject, emptyWorld());
const world = putObject(without, connection);
const siteOf = (of: World) => transitGatewaySite(of, gateway);
const speaking = { asn: gateway.asn, identifier: "0.0.0.9", lines: [] };

describe("AWS' ends of VPN connections in the fabric", () => {
  it("offer what they were told, an AEAD's hash as its PRF", () => {
    const told = { ...phase, lifetimeSeconds: 3600 };
    assert.deepEqual(proposalsOf("ike", told), ["aes256gcm16-prfsha384-ecp384"]);
    assert.deepEqual(proposalsOf("esp", told), ["aes256gcm16-ecp384"]);
  });

  it("offer all combinations of several, the weakest first, as AWS goes through them", () => {
    const told = {
      encryption: ["AES256-GCM-16", "AES128"],
      integrity: ["SHA2-256"],
      groups: [20, 14],
      lifetimeSeconds: 3600,
    };
    assert.deepEqual(proposalsOf("ike", told), [
      "aes128-sha256-prfsha256-modp2048",
      "aes128-sha256-prfsha256-ecp384",
      "aes256gcm16-prfsha256-modp2048",
      "aes256gcm16-prfsha256-ecp384",
    ]);
    assert.deepEqual(proposalsOf("esp", told), [
      "aes128-sha256-modp2048",
      "aes128-sha256-ecp384",
      "aes256gcm16-modp2048",
      "aes256gcm16-ecp384",
    ]);
  });

  it("begin to rekey a margin before the life is over, and with the fuzz up to twice as early", () => {
    assert.deepEqual(rekeyingOf(tunnel(1), tunnel(1).esp), {
      rekeySeconds: 3060,
      randomSeconds: 540,
      lifeSeconds: 3600,
    });
    assert.deepEqual(rekeyingOf({ ...tunnel(1), rekeyFuzzPercentage: 50 }, tunnel(1).ike), {
      rekeySeconds: 28260,
      randomSeconds: 270,
      lifeSeconds: 28800,
    });
  });

  it("speak BGP without BFD, by a hold time of 30 s", () => {
    const [lines = []] = siteOf(world).ends.map((end) => end.lines);
    assert.ok(lines.includes("neighbor 169.254.6.6 timers 10 30"));
    assert.ok(!lines.some((line) => line.includes("bfd")));
  });

  it("are nothing while there is no connection", () => {
    assert.deepEqual(siteToSitePieces(siteOf(without)), []);
    assert.deepEqual(siteToSiteRouter(siteOf(without), speaking), { endpoints: [], ways: {} });
    assert.equal(vpnDevice(without, "198.18.0.1"), undefined);
  });

  it("have an address, an interface and a peer for each tunnel", () => {
    const { endpoints, ways } = siteToSiteRouter(siteOf(world), speaking);
    assert.deepEqual(
      endpoints[0]?.peers.map(({ address, asn }) => [address, asn]),
      [
        ["169.254.6.6", 4200000001],
        ["169.254.6.10", 4200000001],
      ],
    );
    assert.deepEqual(Object.keys(ways), ["169.254.6.6", "169.254.6.10"]);
    const script = scriptBetween([], siteToSitePieces(siteOf(world)));
    for (const { address } of connection.tunnels) {
      assert.match(script, new RegExp(`addr add ${address}/32 dev lo`));
      assert.notEqual(vpnDevice(world, address), undefined);
    }
    assert.match(script, /ip saddr \{ 198\.18\.0\.9 \} udp dport \{ 500, 4500 \} accept/);
  });

  it("wait to be called, and take a peer for gone after 30 s", () => {
    const script = scriptBetween([], siteToSitePieces(siteOf(world)));
    assert.match(script, /start_action = none/);
    assert.match(script, /dpd_delay = 10s/);
    assert.match(script, /"retransmit":\{"seconds":5,"tries":3\}/);
  });

  it("keep the keys in one file for root alone, and in the name of no piece", () => {
    const pieces = siteToSitePieces(siteOf(world));
    const holding = pieces.filter(({ up }) => JSON.stringify(up).includes("secret.of.tunnel"));
    assert.deepEqual(
      holding.map(({ key }) => key),
      ["vpn charon tgw-1"],
    );
    assert.match(JSON.stringify(holding[0]?.up), /umask 077/);
    assert.ok(!pieces.some(({ key }) => key.includes("secret")));
  });

  it("change in place when a key does, and touch nothing else", () => {
    const renewed = putObject(world, {
      ...connection,
      tunnels: [{ ...tunnel(1), presharedKey: "another.secret.of.tunnel.1" }, tunnel(2)],
    });
    const script = scriptBetween(siteToSitePieces(siteOf(world)), siteToSitePieces(siteOf(renewed)));
    assert.match(script, /another\.secret/);
    assert.doesNotMatch(script, /link del|addr del|route del/);
  });
});
