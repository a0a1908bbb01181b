import { crc32 } from "node:zlib";

/**
 * Frames on a lab kernel's serial line; `agent/frames.py` is the other end and describes them.
 * `crc32` is that of zlib, as Python's.
 */
export const frameType = {
  ready: 1,
  hello: 2,
  open: 3,
  data: 4,
  errors: 5,
  eof: 6,
  credit: 7,
  opened: 8,
  end: 9,
  close: 10,
  resize: 11,
  ping: 12,
  pong: 13,
  read: 14,
} as const;

export interface Frame {
  readonly type: number;
  readonly channel: number;
  readonly sequence: number;
  readonly payload: Buffer;
}

/** Bytes that may be under way per channel and direction. */
export const windowBytes = 128 * 1024;

/** Bytes that may be under way on the whole line towards a kernel: less than its terminal layer buffers. */
export const lineWindowBytes = 3072;

const magic = 0x5aa7;
const headerBytes = 15;
const longestPayload = 4 * 1024 * 1024;

export function encodeFrame(frame: Frame): Buffer {
  const { length } = frame.payload;
  const bytes = Buffer.alloc(headerBytes + 4 + length + 4);
  bytes.writeUInt16BE(magic, 0);
  bytes.writeUInt8(frame.type, 2);
  bytes.writeUInt32BE(frame.channel, 3);
  bytes.writeUInt32BE(frame.sequence >>> 0, 7);
  bytes.writeUInt32BE(length, 11);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, headerBytes)), headerBytes);
  frame.payload.copy(bytes, headerBytes + 4);
  bytes.writeUInt32BE(crc32(frame.payload), headerBytes + 4 + length);
  return bytes;
}

/** Finds frames in a stream of bytes; what is no whole, undamaged frame is skipped. */
export class FrameParser {
  #waiting: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): Frame[] {
    this.#waiting = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
    const found: Frame[] = [];
    let at = 0;
    for (;;) {
      at = indexOfMagic(this.#waiting, at);
      const frame = readFrame(this.#waiting, at);
      if (frame === "incomplete") break;
      if (frame === "damaged") {
        at += 1;
        continue;
      }
      found.push(frame);
      at += headerBytes + 4 + frame.payload.length + 4;
    }
    this.#waiting = this.#waiting.subarray(at);
    return found;
  }
}

function indexOfMagic(bytes: Buffer, from: number): number {
  const first = magic >>> 8;
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1))
    if (at + 1 === bytes.length || bytes[at + 1] === (magic & 0xff)) return at;
  return bytes.length;
}

function readFrame(bytes: Buffer, at: number): Frame | "incomplete" | "damaged" {
  const start = at + headerBytes + 4;
  if (bytes.length < start) return "incomplete";
  const length = bytes.readUInt32BE(at + 11);
  // A length is only believed when the header's own checksum holds: a false one would swallow what follows.
  const checksum = bytes.readUInt32BE(at + headerBytes);
  if (length > longestPayload || checksum !== crc32(bytes.subarray(at, at + headerBytes))) return "damaged";
  if (bytes.length < start + length + 4) return "incomplete";
  const payload = bytes.subarray(start, start + length);
  if (bytes.readUInt32BE(start + length) !== crc32(payload)) return "damaged";
  return {
    type: bytes.readUInt8(at + 2),
    channel: bytes.readUInt32BE(at + 3),
    sequence: bytes.readUInt32BE(at + 7),
    payload,
  };
}
