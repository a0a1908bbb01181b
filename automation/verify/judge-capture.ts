import { familyOf } from "trunkline/fleet/family";
import type { Plan } from "trunkline/fleet/plan";
import type { Packet } from "./pcap";
import { type Judgement, judged, overText } from "./proof";
import type { Statuses } from "./judge-gateways";

/**
 * What crossed between the regions: ESP of every tunnel both ways over what it is planned to be carried by, IKE, and nothing else of ours. Packets are told
 * apart by RFC 3948: on UDP 4500 four zero bytes mean IKE, one byte 0xFF a keepalive, anything else is an SPI; one
 * that no gateway holds is not ours.
 */
export function judgeCapture({ links }: Plan, statuses: Statuses, packets: readonly Packet[]): Judgement[] {
  const held = heldSpis(statuses);
  const spis = new Set<string>();
  // Of which family each came by, too: `c0ffee00 ipv6`.
  const carried = new Set<string>();
  const strange: Packet[] = [];
  let ike = 0;
  let keepalives = 0;
  for (const packet of packets) {
    const kind = kindOf(packet);
    if (kind.kind === "esp" && held.has(kind.spi)) {
      spis.add(kind.spi);
      carried.add(`${kind.spi} ${familyOf(packet.source)}`);
    } else if (kind.kind === "ike") ike += 1;
    else if (kind.kind === "keepalive") keepalives += 1;
    else strange.push(packet);
  }
  const tunnels = links.flatMap((link) => link.tunnels);
  const missing = tunnels.flatMap(({ id, outside, ends, managed }) =>
    ends.flatMap(({ gateway }, index) => {
      // What a managed gateway gets by, the other end alone can say.
      const elsewhere = index === managed?.end;
      const status = statuses.get(elsewhere ? managed.connection : gateway);
      const inbound =
        status === undefined || "silent" in status
          ? []
          : status.ikeSas
              .filter(({ name }) => name === id)
              .flatMap(({ childSas }) => childSas.map(({ spis }) => (elsewhere ? spis.out : spis.in)));
      // A child SA that is rekeyed meanwhile has two; one of them on the wire will do.
      return inbound.some((spi) => typeof spi === "string" && carried.has(`${spi} ${outside}`))
        ? []
        : [`${id} towards ${gateway}${overText(outside)}`];
    }),
  );
  const faults = [
    ...(missing.length === 0 ? [] : [`no ESP of ${missing.join(", ")}`]),
    ...(ike === 0 ? ["no IKE"] : []),
    ...(strange.length === 0
      ? []
      : [`${String(strange.length)} other packets: ${strange.slice(0, 5).map(shown).join("; ")}`]),
  ];
  const counts = `${String(packets.length)} packets: ESP with ${String(spis.size)} SPIs, ${String(ike)} IKE, ${String(keepalives)} keepalives, ${String(strange.length)} others`;
  return [
    judged(
      "cleartext",
      "internet",
      `ESP of all ${String(tunnels.length)} tunnels both ways, IKE, nothing else`,
      faults.length === 0 ? "ESP of all tunnels both ways, IKE, nothing else" : faults.join("; "),
      faults.length === 0,
      `capture between the regions: ${counts}`,
    ),
  ];
}

/** Both directions' SPIs of every child SA that some gateway holds, whatever its state: what may be on the wire. */
function heldSpis(statuses: Statuses): ReadonlySet<string> {
  const spis = [...statuses.values()].flatMap((status) =>
    "silent" in status
      ? []
      : status.ikeSas.flatMap(({ childSas }) => childSas.flatMap(({ spis }) => [spis.in, spis.out])),
  );
  return new Set(spis.filter((spi) => typeof spi === "string"));
}

type Kind =
  { readonly kind: "esp"; readonly spi: string } | { readonly kind: "ike" | "keepalive" | "strange" };

function kindOf({ protocol, sourcePort, destinationPort, payload }: Packet): Kind {
  const bytes = Buffer.from(payload);
  // ICMP of path-MTU discovery carries the head of an ESP packet and nothing of ours in the clear (RFC 792; RFC 4443).
  if (protocol === 1 && bytes.length > 0 && bytes.readUInt8(0) === 3) return { kind: "keepalive" };
  if (protocol === 58 && bytes.length > 0 && [1, 2].includes(bytes.readUInt8(0)))
    return { kind: "keepalive" };
  if (protocol !== 17) return { kind: "strange" };
  const ports = [sourcePort, destinationPort];
  if (ports.includes(500) && isIke(bytes)) return { kind: "ike" };
  if (!ports.includes(4500)) return { kind: "strange" };
  if (bytes.length === 1 && bytes.readUInt8(0) === 0xff) return { kind: "keepalive" };
  if (bytes.length < 8) return { kind: "strange" };
  if (bytes.readUInt32BE(0) === 0) return isIke(bytes.subarray(4)) ? { kind: "ike" } : { kind: "strange" };
  return { kind: "esp", spi: bytes.toString("hex", 0, 4) };
}

/** RFC 7296 section 3.1: major version 2 stands in the 18th byte. */
function isIke(bytes: Buffer): boolean {
  return bytes.length >= 28 && bytes.readUInt8(17) >> 4 === 2;
}

function shown({ etherType, source, destination, protocol, destinationPort, payload }: Packet): string {
  if (protocol === undefined)
    return `frame of type 0x${etherType.toString(16).padStart(4, "0")}, ${Buffer.from(payload).toString("hex", 0, 48)}`;
  return `${source} > ${destination} protocol ${String(protocol)}${destinationPort === undefined ? "" : ` port ${String(destinationPort)}`}`;
}
