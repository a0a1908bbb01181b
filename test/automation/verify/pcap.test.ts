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

  it("leaves out ARP, keeps what is no IPv4, and stops at a record that was cut off", () => {
    const packets = readPcap(
      Buffer.concat([
        file([ethernet(0x0806, Buffer.alloc(28)), ethernet(0x86dd, Buffer.alloc(40)), udp(Buffer.alloc(4))]),
        Buffer.alloc(20, 255),
      ]),
    );
    assert.deepEqual(
      packets.map(({ etherType, protocol }) => [etherType, protocol]),
      [
        [0x86dd, undefined],
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
        readPcap(file([ethernet(0x0800, Buffer.from(bytes))]));
      }),
    );
  });
});
