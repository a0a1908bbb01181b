import type { Packet } from "../../automation/verify/pcap";

/** One UPDATE as it was on the wire, its ASNs read as two bytes each (RFC 4271 section 4.3). */
export interface Update {
  readonly destination: string;
  /** Type codes of its path attributes. */
  readonly attributes: readonly number[];
  readonly asPath: readonly number[];
  /** How many networks it tells of. */
  readonly told: number;
}

const marker = Buffer.alloc(16, 0xff);
const tcp = 6;
const [open, update] = [1, 2];
const asPathType = 2;

/** What a host tells over BGP, from captured packets of TCP: its own ASN as each OPEN says it, and every UPDATE. */
export function bgpTold(
  packets: readonly Packet[],
  source: string,
): { readonly openAsns: number[]; readonly updates: Update[] } {
  const openAsns: number[] = [];
  const updates: Update[] = [];
  for (const [destination, stream] of streamsFrom(packets, source))
    for (
      let at = stream.indexOf(marker);
      at >= 0 && at + 19 <= stream.length;
      at = stream.indexOf(marker, at)
    ) {
      const length = stream.readUInt16BE(at + 16);
      const body = stream.subarray(at + 19, at + length);
      const type = stream.readUInt8(at + 18);
      if (type === open) openAsns.push(body.readUInt16BE(1));
      if (type === update) updates.push(readUpdate(destination, body));
      at += length;
    }
  return { openAsns, updates };
}

/** Payloads of each connection in order of their sequence numbers, once each; of one destination behind each other. */
function streamsFrom(packets: readonly Packet[], source: string): Map<string, Buffer> {
  const parts = new Map<string, Map<number, Buffer>>();
  for (const { source: from, destination, protocol, payload } of packets) {
    if (from !== source || protocol !== tcp) continue;
    const segment = Buffer.from(payload);
    const data = segment.subarray((segment.readUInt8(12) >> 4) * 4);
    const key = `${destination} ${String(segment.readUInt16BE(0))} ${String(segment.readUInt16BE(2))}`;
    const connection = parts.get(key) ?? new Map<number, Buffer>();
    if (data.length > 0) connection.set(segment.readUInt32BE(4), data);
    parts.set(key, connection);
  }
  return new Map(
    [...parts].map(([key, segments]) => [
      key.split(" ")[0] ?? "",
      Buffer.concat([...segments].sort(([one], [other]) => one - other).map(([, data]) => data)),
    ]),
  );
}

function readUpdate(destination: string, body: Buffer): Update {
  const withdrawn = body.readUInt16BE(0);
  const end = 2 + withdrawn + 2 + body.readUInt16BE(2 + withdrawn);
  const attributes: number[] = [];
  const asPath: number[] = [];
  for (let at = 2 + withdrawn + 2; at < end;) {
    const [flags, type] = [body.readUInt8(at), body.readUInt8(at + 1)];
    const extended = (flags & 0x10) !== 0;
    const length = extended ? body.readUInt16BE(at + 2) : body.readUInt8(at + 2);
    const value = body.subarray(at + (extended ? 4 : 3), at + (extended ? 4 : 3) + length);
    attributes.push(type);
    if (type === asPathType) asPath.push(...readSegments(value));
    at += (extended ? 4 : 3) + length;
  }
  let told = 0;
  for (let at = end; at < body.length; told += 1) at += 1 + Math.ceil(body.readUInt8(at) / 8);
  return { destination, attributes, asPath, told };
}

/** @throws Error where the segments are not of two bytes an ASN */
function readSegments(value: Buffer): number[] {
  const asns: number[] = [];
  let at = 0;
  while (at < value.length) {
    const count = value.readUInt8(at + 1);
    for (let index = 0; index < count; index += 1) asns.push(value.readUInt16BE(at + 2 + 2 * index));
    at += 2 + 2 * count;
  }
  if (at !== value.length) throw new Error("AS_PATH is not made of ASNs of two bytes");
  return asns;
}
