import assert from "node:assert/strict";
import fc from "fast-check";
import { readPcap } from "../../../automation/verify/pcap";

function file(frames: readonly Buffer[], magic = 0xa1b2c3d4): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(magic, 0);
  header.writeUInt32LE(1, 20);
  const records = frames.flatMap((frame) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_700_000_000, 0);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return [record, frame];
  });
  return Buffer.concat([header, ...records]);
}

function ethernet(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(14);
  header.writeUInt16BE(type, 12);
  return Buffer.concat([header, payload]);
}

function udp(payload: Buffer, options = 0): Buffer {
  const ip = Buffer.alloc(20 + options * 4);
  ip.writeUInt8(0x45 + options, 0);
  ip.writeUInt8(17, 9);
  Buffer.from([198, 18, 0, 1, 198, 18, 0, 2]).copy(ip, 12);
  const head = Buffer.alloc(8);
  head.writeUInt16BE(4500, 0);
  head.writeUInt16BE(4501, 2);
  return ethernet(0x0800, Buffer.concat([ip, head, payload]));
}

describe("a capture", () => {
  it("gives addresses, ports and payload of UDP, with and without IP options", () => {
    for (const options of [0, 3]) {
      const [packet] = readPcap(file([udp(Buffer.from("payload"), options)]));
      assert.ok(packet);
      const { source, destination, protocol, sourcePort, destinationPort, payload } = packet;
      assert.deepEqual(
        [source, destination, protocol, sourcePort, destinationPort, Buffer.from(payload).toString()],
        ["198.18.0.1", "198.18.0.2", 17, 4500, 4501, "payload"],
      );
    }
  });

  it("gives the same of IPv6, behind extension headers as well, and of a fragment only the first has ports", () => {
    const address = (last: number) =>
      Buffer.concat([Buffer.from("20010db800000000000000000000", "hex"), Buffer.from([0, last])]);
    const inner = Buffer.concat([Buffer.from("1194119500000000", "hex"), Buffer.from("payload")]);
    const packet = (next: number, rest: Buffer) => {
      const head = Buffer.alloc(8);
      head.writeUInt8(0x60, 0);
      head.writeUInt8(next, 6);
      return ethernet(0x86dd, Buffer.concat([head, address(1), address(2), rest]));
    };
    // Hop-by-hop options of 16 bytes, then a fragment header.
    const options = Buffer.concat([Buffer.from([44, 1]), Buffer.alloc(14)]);
    const fragment = (offset: number) => Buffer.from([17, 0, offset >> 8, (offset & 0xff) | 1, 0, 0, 0, 7]);
    const [plain, behind, later] = readPcap(
      file([
        packet(17, inner),
        packet(0, Buffer.concat([options, fragment(0), inner])),
        packet(44, Buffer.concat([fragment(8), inner])),
      ]),
    );
    for (const found of [plain, behind])
      assert.deepEqual(
        [found?.source, found?.destination, found?.protocol, found?.sourcePort, found?.destinationPort],
        ["2001:db8::1", "2001:db8::2", 17, 4500, 4501],
      );
    assert.equal(Buffer.from(behind?.payload ?? []).toString(), "payload");
    assert.deepEqual([later?.protocol, later?.destinationPort], [17, undefined]);
  });

  it("leaves out ARP, keeps what is neither, and stops at a record that was cut off", () => {
    const packets = readPcap(
      Buffer.concat([
        file([ethernet(0x0806, Buffer.alloc(28)), ethernet(0x88cc, Buffer.alloc(40)), udp(Buffer.alloc(4))]),
        Buffer.alloc(20, 255),
      ]),
    );
    assert.deepEqual(
      packets.map(({ etherType, protocol }) => [etherType, protocol]),
      [
        [0x88cc, undefined],
        [0x0800, 17],
      ],
    );
  });

  it("that is none is an error, and bytes of any kind are no crash", () => {
    assert.throws(() => readPcap(Buffer.alloc(10)));
    assert.throws(() => readPcap(Buffer.alloc(24)));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readPcap(Buffer.concat([file([]), bytes]));
        for (const type of [0x0800, 0x86dd])
          for (const version of [4, 6]) {
            const [, ...rest] = bytes;
            readPcap(file([ethernet(type, Buffer.from([version << 4, ...rest]))]));
            readPcap(file([ethernet(type, Buffer.from(bytes))]));
          }
      }),
    );
  });
});
