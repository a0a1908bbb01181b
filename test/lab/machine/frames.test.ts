import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeFrame, type Frame, FrameParser } from "../../../lab/machine/frames";

const frames = fc.array(
  fc.record(
    {
      type: fc.integer({ min: 1, max: 14 }),
      channel: fc.nat(),
      sequence: fc.nat(),
      payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    },
    { noNullPrototype: true },
  ),
  { minLength: 1, maxLength: 8 },
);

function parse(bytes: Buffer, pieceSizes: readonly number[]): Frame[] {
  const parser = new FrameParser();
  const found: Frame[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = pieceSizes[turn % pieceSizes.length] ?? 1;
    // A copy, as a socket's buffers are: the parser must not lean on what follows in the same memory.
    found.push(...parser.push(Buffer.from(bytes.subarray(at, at + size))));
    at += size;
  }
  return found;
}

const pieces = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });

describe("frames", () => {
  it("come out as they went in, however the bytes are cut", () => {
    fc.assert(
      fc.property(frames, pieces, (sent, sizes) => {
        assert.deepEqual(parse(Buffer.concat(sent.map(encodeFrame)), sizes), sent);
      }),
    );
  });

  it("are found again after any garbage", () => {
    fc.assert(
      fc.property(frames, fc.uint8Array({ maxLength: 60 }), pieces, (sent, garbage, sizes) => {
        const bytes = Buffer.concat([Buffer.from(garbage), ...sent.map(encodeFrame)]);
        // Garbage may begin like a header; what it swallows is at most its own.
        assert.deepEqual(parse(Buffer.concat([bytes, Buffer.alloc(32)]), sizes), sent);
      }),
    );
  });

  it("a damaged byte costs its own frame and no other", () => {
    fc.assert(
      fc.property(frames, fc.nat(), fc.integer({ min: 1, max: 255 }), (sent, where, flip) => {
        const encoded = sent.map(encodeFrame);
        const bytes = Buffer.concat(encoded);
        const at = where % bytes.length;
        bytes.writeUInt8((bytes[at] ?? 0) ^ flip, at);
        let start = 0;
        const damaged = encoded.findIndex(({ length }) => {
          start += length;
          return at < start;
        });
        assert.deepEqual(
          parse(bytes, [64]),
          sent.filter((_, index) => index !== damaged),
        );
      }),
    );
  });
});
