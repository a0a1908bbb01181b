import type { LabClient } from "../../lab/client/client";
import type { Origin, Packet } from "../../lab/world/passage";
import { readPcap, type Packet as Seen } from "../../automation/verify/pcap";

/**
 * Sends one packet with a marker as its payload, from a raw socket so that any source address and any protocol can be
 * sent. A TCP packet is a SYN.
 */
const sender = `
import socket, struct, sys
source, destination, protocol, port, marker = sys.argv[1:]
ipv6 = ":" in source
family = socket.AF_INET6 if ipv6 else socket.AF_INET
ends = [socket.inet_pton(family, address) for address in (source, destination)]
number = {"icmp": 58 if ipv6 else 1, "tcp": 6, "udp": 17}[protocol]
port, payload = int(port), marker.encode()
def total(data):
    data += b"\\0" * (len(data) % 2)
    value = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while value >> 16:
        value = (value & 65535) + (value >> 16)
    return ~value & 65535
def pseudo(length):
    return b"".join(ends) + (struct.pack("!II", length, number) if ipv6 else struct.pack("!BBH", 0, number, length))
if protocol == "icmp":
    def body(check): return struct.pack("!BBHHH", 128 if ipv6 else 8, 0, check, 77, 1) + payload
    inner = body(total((pseudo(8 + len(payload)) if ipv6 else b"") + body(0)))
elif protocol == "udp":
    def body(check): return struct.pack("!HHHH", 40000, port, 8 + len(payload), check) + payload
    inner = body(total(pseudo(8 + len(payload)) + body(0)))
else:
    def body(check): return struct.pack("!HHIIBBHHH", 40000, port, 1, 0, 80, 2, 65535, check, 0) + payload
    inner = body(total(pseudo(20 + len(payload)) + body(0)))
if ipv6:
    head = struct.pack("!IHBB16s16s", 6 << 28, len(inner), number, 64, *ends)
else:
    head = struct.pack("!BBHHHBBH4s4s", 69, 0, 20 + len(inner), 0, 0, 64, number, 0, *ends)
raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
try:
    raw.sendto(head + inner, (destination, 0))
except OSError as error:
    # A host's own firewall or routes may refuse it to its face (EPERM, ENETUNREACH): it has not left.
    print(error)
`;

export async function sendPacket(
  lab: LabClient,
  host: string,
  packet: Packet,
  marker: string,
): Promise<void> {
  const { source, destination, protocol, port = 0 } = packet;
  const argv = ["python3", "-c", sender, source, destination, protocol, String(port), marker];
  const { code, stderr } = await lab.exec(host, argv);
  if (code !== 0) throw new Error(`${host} sent nothing: ${stderr}`);
}

/** Everything that enters or leaves a host while `step` runs. */
export async function packetsSeen(
  lab: LabClient,
  host: string,
  filter: string,
  step: () => Promise<void>,
): Promise<Seen[]> {
  const stream = await lab.capture(host, filter);
  const parts: Buffer[] = [];
  stream.on("data", (bytes: Buffer) => parts.push(bytes));
  const ended = new Promise<void>((resolve, reject) => {
    stream.once("end", resolve);
    stream.once("error", reject);
  });
  await step();
  stream.end();
  await ended;
  return readPcap(Buffer.concat(parts));
}

/** Name of the place that a packet of the contract starts from. */
export function hostOf(from: Origin, hosts: Readonly<Record<string, string>>): string {
  if (typeof from === "string") return from;
  const host = hosts[from.interface];
  if (host === undefined) throw new Error(`nobody lives at ${from.interface}`);
  return host;
}
