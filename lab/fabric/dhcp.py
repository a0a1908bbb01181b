"""What a cloud's DHCP says on a machine's interface: the one address that the interface has, to whoever has its MAC.

RFC 2131 and RFC 2132, the server's part; packets in, packets out, no sockets here.
"""

import ipaddress
import struct

MAGIC = bytes((99, 130, 83, 99))
HEADER = struct.Struct("!BBBBIHH4s4s4s4s16s192x")
DISCOVER, OFFER, REQUEST, ACK, NAK, INFORM = 1, 2, 3, 5, 6, 8
MASK, ROUTER, RESOLVER, HOST_NAME, DOMAIN, MTU, REQUESTED, SECONDS, KIND, SERVER, END = 1, 3, 6, 12, 15, 26, 50, 51, 53, 54, 255
NOBODY = bytes(4)


def answer(packet, lease):
    """The answer and the address that it goes to; None: there is nothing to say. `lease` is `lease.ts`'s."""
    if len(packet) < HEADER.size + 4 or packet[HEADER.size : HEADER.size + 4] != MAGIC:
        return None
    op, kind, length, _, xid, _, flags, own, _, _, relay, hardware = HEADER.unpack_from(packet)
    if (op, kind, length) != (1, 1, 6) or hardware[:6] != bytes.fromhex(lease["mac"].replace(":", "")) or relay != NOBODY:
        return None
    asked = options_of(packet[HEADER.size + 4 :])
    address, router = packed(lease["address"]), packed(lease["router"])
    if asked.get(SERVER, router) != router:
        return None
    said = {DISCOVER: OFFER, REQUEST: ACK, INFORM: ACK}.get(asked.get(KIND, b"\0")[0])
    if said is None:
        return None
    inform = asked[KIND][0] == INFORM
    # What the client already uses, or has been offered: there is one address for it, and no other.
    if asked[KIND][0] == REQUEST and (own if own != NOBODY else asked.get(REQUESTED, NOBODY)) != address:
        said = NAK
    options = {KIND: bytes((said,)), SERVER: router}
    if said != NAK:
        options |= about(lease)
        if inform:
            del options[SECONDS]
    given = NOBODY if said == NAK or inform else address
    head = HEADER.pack(2, 1, 6, 0, xid, 0, flags, NOBODY if said == NAK else own, given, NOBODY, NOBODY, hardware)
    body = b"".join(bytes((code, len(value))) + value for code, value in options.items())
    to = "255.255.255.255" if said == NAK or own == NOBODY else str(ipaddress.IPv4Address(own))
    return (head + MAGIC + body + bytes((END,))).ljust(300, b"\0"), to


def about(lease):
    mask = ipaddress.IPv4Network(f"0.0.0.0/{lease['prefix']}").netmask.packed
    return {
        SECONDS: struct.pack("!I", lease["seconds"]),
        MASK: mask,
        ROUTER: packed(lease["router"]),
        RESOLVER: packed(lease["resolver"]),
        HOST_NAME: lease["hostname"].encode(),
        DOMAIN: lease["domain"].encode(),
        MTU: struct.pack("!H", lease["mtu"]),
    }


def options_of(text):
    found, at = {}, 0
    while at < len(text) and text[at] != END:
        if text[at] == 0:
            at += 1
            continue
        if at + 1 >= len(text):
            break
        length = text[at + 1]
        value = text[at + 2 : at + 2 + length]
        # An empty or cut value is none.
        if length > 0 and len(value) == length:
            found[text[at]] = found.get(text[at], b"") + value
        at += 2 + length
    return found


def packed(address):
    return ipaddress.IPv4Address(address).packed
