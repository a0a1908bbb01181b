import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { z } from "zod";

const folder = join(__dirname, "../../../lab/fabric");

/** What a module of the fabric answers to each packet, and where to; null: nothing. */
function answersOf(
  module: "dhcp" | "resolver",
  packets: readonly Buffer[],
  knows: object,
): (readonly unknown[] | null)[] {
  const program = `import json, sys, ${module}
said = [${module}.answer(bytes.fromhex(packet), json.loads(sys.argv[1])) for packet in sys.argv[2:]]
said = [(one, None) if isinstance(one, bytes) else one for one in said]
print(json.dumps([None if one is None else [one[0].hex(), one[1]] for one in said]))`;
  const words = ["-EsBc", program, JSON.stringify(knows), ...packets.map((packet) => packet.toString("hex"))];
  const ended = spawnSync("python3", words, { cwd: folder, encoding: "utf8" });
  assert.equal(ended.status, 0, ended.stderr);
  return z.array(z.array(z.unknown()).nullable()).parse(JSON.parse(ended.stdout));
}

const lease = {
  mac: "02:00:00:00:00:01",
  address: "10.10.0.4",
  prefix: 28,
  router: "10.10.0.1",
  resolver: "10.10.0.2",
  hostname: "ip-10-10-0-4",
  domain: "ec2.internal",
  mtu: 1500,
  seconds: 3600,
};
const kinds = { discover: 1, offer: 2, request: 3, decline: 4, ack: 5, nak: 6, release: 7, inform: 8 };

interface Asked {
  readonly kind: keyof typeof kinds;
  readonly own?: string;
  readonly requested?: string;
  readonly server?: string;
  readonly mac?: string;
  readonly relay?: string;
}

const octets = (address: string): number[] => address.split(".").map(Number);

/** A client's packet (RFC 2131, figure 1). */
function packetOf({ kind, own, requested, server, mac = lease.mac, relay }: Asked): Buffer {
  const head = Buffer.alloc(236);
  head.set([1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]);
  if (own !== undefined) head.set(octets(own), 12);
  if (relay !== undefined) head.set(octets(relay), 24);
  head.set(Buffer.from(mac.replaceAll(":", ""), "hex"), 28);
  const option = (code: number, address: string | undefined): number[] =>
    address === undefined ? [] : [code, 4, ...octets(address)];
  const options = [53, 1, kinds[kind], 0, ...option(50, requested), ...option(54, server), 255];
  return Buffer.concat([head, Buffer.from([99, 130, 83, 99, ...options])]);
}

interface Said {
  readonly kind: number | undefined;
  readonly given: string;
  readonly to: string | null;
  readonly options: ReadonlyMap<number, Buffer>;
}

function ask(asked: Asked): Said | undefined {
  const [said = null] = answersOf("dhcp", [packetOf(asked)], lease);
  if (said === null) return undefined;
  const packet = Buffer.from(String(said[0]), "hex");
  assert.deepEqual([...packet.subarray(0, 8)], [2, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]);
  const options = new Map<number, Buffer>();
  for (let at = 240; packet[at] !== 255; at += 2 + (packet[at + 1] ?? 0))
    options.set(packet[at] ?? 0, packet.subarray(at + 2, at + 2 + (packet[at + 1] ?? 0)));
  const to = said[1] === null ? null : String(said[1]);
  return { kind: options.get(53)?.[0], given: [...packet.subarray(16, 20)].join("."), to, options };
}

describe("the lab's DHCP", () => {
  it("offers the interface's own address, with router, resolver, domain and MTU, to all on the cable", () => {
    const said = ask({ kind: "discover" });
    assert.equal(said?.kind, kinds.offer);
    assert.equal(said.given, lease.address);
    assert.equal(said.to, "255.255.255.255");
    const address = (code: number) => [...(said.options.get(code) ?? [])].join(".");
    assert.deepEqual([1, 3, 6, 54].map(address), ["255.255.255.240", "10.10.0.1", "10.10.0.2", "10.10.0.1"]);
    assert.equal(said.options.get(15)?.toString(), lease.domain);
    assert.equal(said.options.get(26)?.readUInt16BE(), 1500);
    assert.equal(said.options.get(51)?.readUInt32BE(), 3600);
  });

  for (const { why, asked, kind } of [
    { why: "of what was offered", asked: { requested: lease.address, server: lease.router }, kind: "ack" },
    { why: "after a reboot", asked: { requested: lease.address }, kind: "ack" },
    { why: "to go on with the lease", asked: { own: lease.address }, kind: "ack" },
    { why: "for an address of another network", asked: { requested: "192.0.2.7" }, kind: "nak" },
    { why: "to go on with a lease of another network", asked: { own: "192.0.2.7" }, kind: "nak" },
    { why: "for nothing", asked: {}, kind: "nak" },
  ] as const)
    it(`a request ${why}: ${kind}`, () => {
      const said = ask({ kind: "request", ...asked });
      assert.equal(said?.kind, kinds[kind]);
      assert.equal(said.given, kind === "ack" ? lease.address : "0.0.0.0");
      const renews = "own" in asked && kind === "ack";
      assert.equal(said.to, renews ? lease.address : "255.255.255.255");
    });

  it("informs who has its address already, without a lease", () => {
    const said = ask({ kind: "inform", own: lease.address });
    assert.equal(said?.kind, kinds.ack);
    assert.equal(said.given, "0.0.0.0");
    assert.equal(said.options.has(51), false);
  });

  for (const { why, asked } of [
    { why: "another MAC", asked: { kind: "discover", mac: "02:00:00:00:00:02" } },
    {
      why: "another server's offer",
      asked: { kind: "request", requested: lease.address, server: "10.0.0.9" },
    },
    { why: "a relay", asked: { kind: "discover", relay: "10.10.0.9" } },
    { why: "a release", asked: { kind: "release", own: lease.address } },
    { why: "a decline", asked: { kind: "decline", requested: lease.address } },
  ] as const)
    it(`says nothing to ${why}`, () => {
      assert.equal(ask(asked), undefined);
    });

  it("says nothing to what is no packet of DHCP, however it is cut", () => {
    const whole = packetOf({ kind: "discover" });
    const cut = [0, 1, 235, 239, 241, 242].map((length) => whole.subarray(0, length));
    assert.deepEqual(
      answersOf("dhcp", cut, lease),
      cut.map(() => null),
    );
  });
});

const types = { a: 1, ptr: 12, aaaa: 28 };

function queryOf(name: string, type: number, extended = false): Buffer {
  const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
  const extra = extended ? [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0] : [];
  return Buffer.from([
    ...[0xca, 0xfe, 1, 0, 0, 1, 0, 0, 0, 0, 0, extended ? 1 : 0],
    ...[...labels, 0, 0, type, 0, 1],
    ...extra,
  ]);
}

describe("the lab's resolver", () => {
  const known = { "ec2.us-east-1.amazonaws.com": "198.51.100.53" };
  const resolve = (query: Buffer) => {
    const [said] = answersOf("resolver", [query], known);
    assert.ok(said);
    const packet = Buffer.from(String(said[0]), "hex");
    assert.equal(packet.readUInt16BE(0), 0xcafe);
    assert.equal(packet.readUInt16BE(2) & 0x8080, 0x8080, "an answer, with recursion");
    const answers = packet.readUInt16BE(6);
    return {
      code: packet.readUInt16BE(2) & 15,
      answers,
      extra: packet.readUInt16BE(10),
      address: answers === 0 ? undefined : [...packet.subarray(packet.length - 4)].join("."),
    };
  };

  for (const { name, type, code, address } of [
    { name: "ec2.us-east-1.amazonaws.com", type: "a", code: 0, address: "198.51.100.53" },
    { name: "EC2.US-EAST-1.amazonaws.com", type: "a", code: 0, address: "198.51.100.53" },
    { name: "ec2.us-east-1.amazonaws.com", type: "aaaa", code: 0, address: undefined },
    { name: "ip-10-10-0-4.ec2.internal", type: "a", code: 0, address: "10.10.0.4" },
    { name: "ip-10-20-0-4.eu-west-1.compute.internal", type: "a", code: 0, address: "10.20.0.4" },
    { name: "ip-10-20-0-400.eu-west-1.compute.internal", type: "a", code: 3, address: undefined },
    { name: "deb.debian.org", type: "a", code: 3, address: undefined },
    { name: "4.0.10.10.in-addr.arpa", type: "ptr", code: 3, address: undefined },
  ] as const)
    it(`${name} ${type}: ${address ?? (code === 0 ? "no such record" : "no such name")}, at once`, () => {
      const said = resolve(queryOf(name, types[type]));
      assert.deepEqual(
        { code: said.code, address: said.address, extra: said.extra },
        { code, address, extra: 0 },
      );
    });

  it("answers an extended query with one (RFC 6891)", () => {
    assert.equal(resolve(queryOf("deb.debian.org", types.a, true)).extra, 1);
  });

  it("says nothing to an answer, or to what is cut", () => {
    const query = queryOf("deb.debian.org", types.a);
    const answer = Buffer.from(query);
    answer[2] = 0x81;
    const cut = [0, 11, 14, query.length - 1].map((length) => query.subarray(0, length));
    const packets = [answer, ...cut];
    assert.deepEqual(
      answersOf("resolver", packets, known),
      packets.map(() => null),
    );
  });
});
