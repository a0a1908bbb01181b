"""What a cloud's resolver knows in a lab: its own APIs, and machines by their private names. Nothing else exists.

RFC 1035 and RFC 6891, as far as a stub resolver asks; packets in, packets out, no sockets here.
"""

import ipaddress
import re
import struct

HEADER = struct.Struct("!HHHHHH")
A, OPT, IN = 1, 41, 1
NO_SUCH_NAME, NOT_DONE = 3, 4
# AWS, "EC2 instance hostnames and domains": the IP name.
PRIVATE = re.compile(r"ip-(\d+)-(\d+)-(\d+)-(\d+)\.(ec2|[a-z0-9-]+\.compute)\.internal")


def answer(query, known):
    """`known`: IPv4 addresses by name. None: this was no query."""
    if len(query) < HEADER.size:
        return None
    number, flags, questions, _, _, further = HEADER.unpack_from(query)
    end = end_of_name(query, HEADER.size)
    if flags & 0x8000 or questions != 1 or end is None or len(query) < end + 4:
        return None
    kind, family = struct.unpack_from("!HH", query, end)
    address = address_of(name_at(query, HEADER.size), known)
    code = NOT_DONE if flags & 0x7800 else 0 if address is not None else NO_SUCH_NAME
    answers = b""
    if address is not None and (kind, family) == (A, IN):
        answers = struct.pack("!HHHIH4s", 0xC00C, A, IN, 60, 4, ipaddress.IPv4Address(address).packed)
    extra = struct.pack("!BHHIH", 0, OPT, 1232, 0, 0) if further > 0 else b""
    # An answer, recursion offered, and the caller's own wish for it.
    head = HEADER.pack(number, 0x8080 | (flags & 0x7900) | code, 1, 1 if answers else 0, 0, 1 if extra else 0)
    return head + query[HEADER.size : end + 4] + answers + extra


def address_of(name, known):
    if name in known:
        return known[name]
    private = PRIVATE.fullmatch(name)
    if private is None or any(int(octet) > 255 for octet in private.groups()[:4]):
        return None
    return ".".join(str(int(octet)) for octet in private.groups()[:4])


def end_of_name(query, at):
    while at < len(query) and query[at] != 0:
        if query[at] > 63:
            return None
        at += query[at] + 1
    return at + 1 if at < len(query) else None


def name_at(query, at):
    labels = []
    while query[at] != 0:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("latin-1").lower())
        at += query[at] + 1
    return ".".join(labels)
