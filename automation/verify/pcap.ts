/** One captured IPv4 packet; anything else on the wire is `other`. */
export interface Packet {
  readonly seconds: number;
  readonly source: string;
  readonly destination: string;
  /** IEEE's number of what the frame holds: 0x0800 for IPv4. */
  readonly etherType: number;
  /** IANA protocol number; undefined when it is no IPv4. */
  readonly protocol?: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** Behind the UDP header, or behind the IP header for other protocols; cut at the capture's length. */
  readonly payload: Uint8Array;
}

const headerBytes = 24;
const recordBytes = 16;
const ethernet = { header: 14, ipv4: 0x0800, arp: 0x0806 };

/**
 * Packets of a pcap file (libpcap, "pcap-savefile(5)"), Ethernet link type. ARP is no packet of anybody's.
 * @throws Error when it is no such file
 */
export function readPcap(bytes: Buffer): Packet[] {
  if (bytes.length < headerBytes) throw new Error("The capture has no header.");
  const magic = bytes.readUInt32LE(0);
  const nanoseconds = magic === 0xa1b23c4d;
  if (!nanoseconds && magic !== 0xa1b2c3d4) throw new Error("The capture is no little-endian pcap.");
  if (bytes.readUInt32LE(20) !== 1) throw new Error("The capture's link type is not Ethernet.");
  const packets: Packet[] = [];
  for (let at = headerBytes; at + recordBytes <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 8);
    const start = at + recordBytes;
    if (start + length > bytes.length) break;
    const seconds = bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) / (nanoseconds ? 1e9 : 1e6);
    const packet = readFrame(bytes.subarray(start, start + length), seconds);
    if (packet !== undefined) packets.push(packet);
    at = start + length;
  }
  return packets;
}

function readFrame(frame: Buffer, seconds: number): Packet | undefined {
  if (frame.length < ethernet.header + 20) return undefined;
  const type = frame.readUInt16BE(12);
  if (type === ethernet.arp) return undefined;
  const ip = frame.subarray(ethernet.header);
  if (type !== ethernet.ipv4 || ip.readUInt8(0) >> 4 !== 4)
    return { seconds, etherType: type, source: "", destination: "", payload: ip };
  const header = (ip.readUInt8(0) & 15) * 4;
  const protocol = ip.readUInt8(9);
  const source = [...ip.subarray(12, 16)].join(".");
  const destination = [...ip.subarray(16, 20)].join(".");
  const first = (ip.readUInt16BE(6) & 0x1fff) === 0;
  const inner = ip.subarray(header);
  if (protocol !== 17 || !first || inner.length < 8)
    return { seconds, etherType: type, source, destination, protocol, payload: inner };
  return {
    seconds,
    etherType: type,
    source,
    destination,
    protocol,
    sourcePort: inner.readUInt16BE(0),
    destinationPort: inner.readUInt16BE(2),
    payload: inner.subarray(8),
  };
}
