import { formatAddress6 } from "trunkline/fleet/cidr6";

/** One captured packet of IPv4 or IPv6, or what else was on the wire. */
export interface Packet {
  readonly seconds: number;
  readonly source: string;
  readonly destination: string;
  /** IEEE's number of what the frame holds: 0x0800 for IPv4, 0x86dd for IPv6. */
  readonly etherType: number;
  /** IANA protocol number, of IPv6 behind its extension headers; undefined when it is neither. */
  readonly protocol?: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** Behind the UDP header, or behind the IP header for other protocols; cut at the capture's length. */
  readonly payload: Uint8Array;
}

const headerBytes = 24;
const recordBytes = 16;
const ethernet = { header: 14, ipv4: 0x0800, ipv6: 0x86dd, arp: 0x0806 };

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
  const etherType = frame.readUInt16BE(12);
  if (etherType === ethernet.arp) return undefined;
  const ip = frame.subarray(ethernet.header);
  const read =
    etherType === ethernet.ipv4 ? readIpv4(ip) : etherType === ethernet.ipv6 ? readIpv6(ip) : undefined;
  if (read === undefined) return { seconds, etherType, source: "", destination: "", payload: ip };
  const { source, destination, protocol, first, inner } = read;
  const packet = { seconds, etherType, source, destination, protocol };
  if (protocol !== 17 || !first || inner.length < 8) return { ...packet, payload: inner };
  return {
    ...packet,
    sourcePort: inner.readUInt16BE(0),
    destinationPort: inner.readUInt16BE(2),
    payload: inner.subarray(8),
  };
}

interface IpPacket {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  /** No fragment, or the first. */
  readonly first: boolean;
  readonly inner: Buffer;
}

function readIpv4(ip: Buffer): IpPacket | undefined {
  if (ip.readUInt8(0) >> 4 !== 4) return undefined;
  return {
    source: [...ip.subarray(12, 16)].join("."),
    destination: [...ip.subarray(16, 20)].join("."),
    protocol: ip.readUInt8(9),
    first: (ip.readUInt16BE(6) & 0x1fff) === 0,
    inner: ip.subarray((ip.readUInt8(0) & 15) * 4),
  };
}

/** Headers that may stand before what is carried (RFC 8200 section 4): options, routing, fragment. */
const extension = { options: [0, 60], routing: 43, fragment: 44 };

function readIpv6(ip: Buffer): IpPacket | undefined {
  if (ip.length < 40 || ip.readUInt8(0) >> 4 !== 6) return undefined;
  let [protocol, at, first] = [ip.readUInt8(6), 40, true];
  while (at + 8 <= ip.length) {
    if (protocol === extension.fragment) {
      first = (ip.readUInt16BE(at + 2) & 0xfff8) === 0;
      [protocol, at] = [ip.readUInt8(at), at + 8];
      if (!first) break;
    } else if (extension.options.includes(protocol) || protocol === extension.routing)
      [protocol, at] = [ip.readUInt8(at), at + 8 * (ip.readUInt8(at + 1) + 1)];
    else break;
  }
  return { source: address6(ip, 8), destination: address6(ip, 24), protocol, first, inner: ip.subarray(at) };
}

function address6(ip: Buffer, at: number): string {
  return formatAddress6(BigInt(`0x${ip.toString("hex", at, at + 16)}`));
}
