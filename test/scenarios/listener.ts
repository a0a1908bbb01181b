import type { LabClient } from "../../lab/client/client";

/**
 * Writes a line `MARKER SOURCE DESTINATION` for every packet that carries a marker (`row-N-`). A machine's firewall is
 * the cloud's, before its cable, so `wire` takes what arrives there whatever its destination; a workload's is at its own
 * door, so `door` takes what the firewall has let through.
 */
const listener = `
import re, select, socket, sys
where, path = sys.argv[1:]
def raw(family, number):
    made = socket.socket(family, socket.SOCK_RAW, number)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    return made
if where == "wire":
    sockets = [socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(kind)) for kind in (0x0800, 0x86dd)]
else:
    sockets = [raw(socket.AF_INET, number) for number in (1, 6, 17)] + [raw(socket.AF_INET6, number) for number in (58, 6, 17)]
with open(path, "w", buffering=1) as heard:
    print("ready", file=heard)
    while True:
        for ready in select.select(sockets, [], [])[0]:
            packet, said, _, sender = ready.recvmsg(65536, 1024)
            if where == "wire" and sender[2] == socket.PACKET_OUTGOING:
                continue
            marker = re.search(rb"row-\\d+-", packet)
            if not marker:
                continue
            # Answers and error messages carry what they are about.
            if ready.family == socket.AF_INET6:
                # A socket of IPv6 is not shown the header.
                if ready.proto == 58 and packet[0] != 128:
                    continue
                ends = [sender[0], socket.inet_ntop(socket.AF_INET6, said[0][2][:16])]
            elif packet[0] >> 4 == 6:
                if packet[6] == 58 and packet[40] != 128:
                    continue
                ends = [socket.inet_ntop(socket.AF_INET6, packet[at : at + 16]) for at in (8, 24)]
            else:
                if packet[9] == 1 and packet[20] != 8:
                    continue
                ends = [socket.inet_ntoa(packet[at : at + 4]) for at in (12, 16)]
            print(marker[0].decode(), *ends, file=heard)
`;

export interface Heard {
  readonly source: string;
  readonly destination: string;
}

const deadlineMs = 20_000;

/** Ends with the lab. */
export class Listener {
  private constructor(
    private readonly lab: LabClient,
    readonly place: string,
    private readonly file: string,
  ) {}

  static async at(lab: LabClient, place: string, where: "wire" | "door"): Promise<Listener> {
    const file = `/run/heard-${place}`;
    const start = `setsid python3 -c "$0" ${where} ${file} > /dev/null 2> ${file}.errors < /dev/null &`;
    await lab.exec(place, ["sh", "-c", start, listener]);
    const made = new Listener(lab, place, file);
    const deadline = Date.now() + deadlineMs;
    while (!(await made.#text()).startsWith("ready"))
      if (Date.now() > deadline) throw new Error(`no listener at ${place}: ${await made.#errors()}`);
    return made;
  }

  /** The first packet with this marker, or undefined. */
  async heard(marker: string): Promise<Heard | undefined> {
    for (const line of (await this.#text()).split("\n")) {
      const [found, source, destination] = line.split(" ");
      if (found === marker && source !== undefined && destination !== undefined)
        return { source, destination };
    }
    return undefined;
  }

  async #text(): Promise<string> {
    return (await this.lab.exec(this.place, ["cat", this.file])).stdout;
  }

  async #errors(): Promise<string> {
    return (await this.lab.exec(this.place, ["cat", `${this.file}.errors`])).stdout;
  }
}
