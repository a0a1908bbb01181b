import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { vpnGatewayPieces } from "../../../lab/fabric/ha-vpn";
import { tableNumber } from "../../../lab/fabric/names";
import { scriptBetween } from "../../../lab/fabric/piece";
import { routeServicePieces } from "../../../lab/fabric/route-services";
import { haVpnSite, proposalsOf } from "../../../lab/fabric/site-to-site/google";
import { vpnDevice, vpnUplinks } from "../../../lab/fabric/site-to-site/pieces";
import type { World } from "../../../lab/world/model";
import { base, gateway, network, peers, table, tunnel, worldOf } from "../ha-vpn-world";

const without = worldOf(base);
const world = worldOf([...base, ...peers]);
const script = (from: World, to: World) => scriptBetween(vpnGatewayPieces(from), vpnGatewayPieces(to));

describe("Google's ends of HA VPN in the fabric", () => {
  it("offer what they were told, and of several in the order of Google's tables", () => {
    assert.deepEqual(proposalsOf(tunnel("a", 0)), {
      ike: ["aes256gcm16-prfsha384-ecp384"],
      esp: ["aes256gcm16-ecp384"],
    });
    assert.deepEqual(
      proposalsOf({
        ike: {
          encryption: ["AES-GCM-16-256", "AES-GCM-16-128"],
          prf: ["PRF-HMAC-SHA2-256"],
          groups: ["Group-31"],
        },
        esp: { encryption: ["AES-GCM-16-256"], groups: ["Group-20", "Group-14"] },
      }),
      {
        ike: ["aes128gcm16-prfsha256-curve25519", "aes256gcm16-prfsha256-curve25519"],
        esp: ["aes256gcm16-modp2048", "aes256gcm16-ecp384"],
      },
    );
  });

  it("have Google's lifetimes, begin IKE when there is something to send, and speak BGP without BFD by 60 s", () => {
    const { ends, habits } = haVpnSite(world, gateway);
    assert.equal(ends.length, 4);
    assert.equal(habits.calls, "for traffic");
    for (const { ike, esp, lines } of ends) {
      assert.deepEqual([ike.lifeSeconds, esp.lifeSeconds], [36_000, 10_800]);
      assert.ok(ike.rekeySeconds + ike.randomSeconds <= ike.lifeSeconds);
      assert.ok(lines.some((line) => line.endsWith(" timers 20 60")));
      assert.ok(!lines.some((line) => /bfd|passive/.test(line)));
    }
    assert.match(script(without, world), /start_action = trap/);
  });

  it("are nothing while there is no session, and a router that speaks inside of tunnels runs there alone", () => {
    assert.deepEqual(vpnGatewayPieces(without), []);
    assert.deepEqual(vpnUplinks(without), []);
    assert.equal(vpnDevice(without, "198.18.0.1"), undefined);
    const services = (of: World) => routeServicePieces(of).map(({ key }) => key);
    assert.deepEqual(services(without), ["service router.europe-west1.router"]);
    assert.deepEqual(services(world), []);
  });

  it("have two addresses between them, each once, however many tunnels begin there", () => {
    const text = script(without, world);
    for (const address of gateway.addresses) {
      assert.equal(text.split(`addr add ${address}/32 dev lo`).length, 2);
      assert.notEqual(vpnDevice(world, address), undefined);
    }
    assert.equal(text.split(" type xfrm if_id ").length, 5);
    assert.match(text, /ip saddr \{ 198\.18\.1\.1, 198\.18\.1\.2 \} udp dport \{ 500, 4500 \} accept/);
    assert.equal(vpnUplinks(world).length, 1);
  });

  it("tell others of what the router advertises, and write what they hear to the network's table as well", () => {
    const text = script(without, world);
    assert.match(text, /"network 10\.20\.0\.0\/16"/);
    assert.doesNotMatch(text, /"network 10\.20\.128\.0\/17"/);
    assert.ok(
      text.includes(
        `"beside":[{"namespace":"${network}","tables":["${String(tableNumber(table))}"],"way":"via 169.254.1.1 dev `,
      ),
    );
    assert.match(text, /"address":"169\.254\.6\.9","asn":4200002000/);
  });

  it("keep the keys in one file for root alone, and in the name of no piece", () => {
    const holding = vpnGatewayPieces(world).filter(({ up }) => JSON.stringify(up).includes("secret.of."));
    assert.deepEqual(
      holding.map(({ key }) => key),
      [`vpn charon ${gateway.id}`],
    );
    assert.match(JSON.stringify(holding[0]?.up), /umask 077/);
    assert.ok(!vpnGatewayPieces(world).some(({ key }) => key.includes("secret")));
  });

  it("go with the last tunnel, and take one away from beside the others", () => {
    const left = worldOf([...base, ...peers.slice(0, -3)]);
    const text = script(world, left);
    assert.doesNotMatch(text, /netns del|addr del 198/);
    assert.equal(text.split("link del dev ").length, 2);
    assert.match(script(world, without), new RegExp(`netns del ${gateway.id}`));
  });
});

/** What a function of the program that follows routers answers; its file is absent, so that it runs nothing. */
function followed(expression: string): unknown {
  const program = join(__dirname, "../../../lab/fabric/route_service.py");
  const code = `import json, sys\nsys.argv = ["x", "/nonexistent/service"]\nexec(open(${JSON.stringify(program)}).read())\nprint(json.dumps(${expression}))`;
  return JSON.parse(execFileSync("python3", ["-c", code], { encoding: "utf8" }));
}

describe("what a route service's program chooses", () => {
  const paths =
    '{"10.0.0.0/8": [["1 2", 0, "x"], ["1", 200, "a"], ["1", 100, "b"], ["1", 100, "c"], ["1", 0, "far"]]}';
  const ways = '{"a": "dev a", "b": "dev b", "c": "dev c", "x": "dev x"}';
  for (const [med, hops] of [
    ["True", ["b", "c"]],
    ["False", ["a", "b", "c"]],
  ] as const)
    it(`of the shortest AS paths all${med === "True" ? " with the lowest MED" : ", whatever their MED"}`, () => {
      assert.deepEqual(followed(`spread([${paths}], ${ways}, ${med})`), { "10.0.0.0/8": hops });
    });

  it("leads to the endpoint itself where that one passes packets on, and only for what a peer told", () => {
    const answer = JSON.stringify({
      routes: {
        "10.1.0.0/16": [{ valid: true, path: "1", metric: 5, nexthops: [{ ip: "169.254.6.2" }] }],
        "10.2.0.0/16": [{ valid: true, path: "", nexthops: [{ ip: "0.0.0.0" }] }],
      },
    });
    const endpoint = (stands: string) =>
      `type("E", (Endpoint,), {"__init__": lambda self: None, "talk": lambda *_: ${JSON.stringify(answer)}, "name": "vng", "stands": ${stands}, "peers": [{"address": "169.254.6.2"}]})().heard()`;
    assert.deepEqual(followed(endpoint("True")), { "10.1.0.0/16": [["1", 5, "vng"]], "10.2.0.0/16": [] });
    assert.deepEqual(followed(endpoint("False")), {
      "10.1.0.0/16": [["1", 5, "169.254.6.2"]],
      "10.2.0.0/16": [["", 0, "0.0.0.0"]],
    });
  });

  it("is written here by its next hops, elsewhere by the one way, and taken away where it was", () => {
    const want = `{"namespace": "here", "tables": ["main"], "ways": ${ways}, "beside": [{"namespace": "there", "tables": ["7"], "way": "via here"}]}`;
    const table = (name: string) => `metric 100 proto 186 table ${name}`;
    assert.deepEqual(
      followed(
        `changes(written(${want}, {"10.1.0.0/16": ("a",)}), written(${want}, {"10.2.0.0/16": ("a", "b")}))`,
      ),
      {
        here: [
          `route replace 10.2.0.0/16 ${table("main")} nexthop dev a nexthop dev b`,
          `route del 10.1.0.0/16 ${table("main")}`,
        ],
        there: [`route replace 10.2.0.0/16 ${table("7")} via here`, `route del 10.1.0.0/16 ${table("7")}`],
      },
    );
  });
});
