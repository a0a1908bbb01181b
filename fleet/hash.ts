import { createHash } from "node:crypto";

/** Sixteen unsigned 16-bit words by SHA-256 of the names; no name can run into the next. */
export function hashWords(...names: readonly string[]): number[] {
  const digest = digestOf(names);
  return Array.from({ length: 16 }, (_, index) => digest.readUInt16BE(index * 2));
}

/** A number from 0 to `below` - 1 by hash of the names; `below` is at most 2^32, so the bias of 48 bits is nothing. */
export function hashNumber(below: number, ...names: readonly string[]): number {
  return digestOf(names).readUIntBE(0, 6) % below;
}

function digestOf(names: readonly string[]): Buffer {
  return createHash("sha256").update(names.join("\0")).digest();
}
