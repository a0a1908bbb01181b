"""One-way packets between two hosts, counted one by one: `send ADDRESS PORT PER_SECOND`, `receive PORT FILE`.

Each packet carries its number and the moment it was sent. Both ends run until SIGTERM and then print one JSON document:
the sender {"sent": N}, the receiver {"received": N, "last": NUMBER, "gaps": [{"from": SENT, "to": SENT, "lost": N}]}, where
a gap is a row of numbers that never came and its moments are those of the packets before and after it, in seconds of the
sender's clock. `clock` prints that clock. The receiver keeps FILE: `listening`, and
`hears` from the first packet that arrives.
"""

import json
import pathlib
import select
import signal
import socket
import struct
import sys
import time

PACKET = struct.Struct("!Qd")


class Ended(Exception):
    pass


def end(*_):
    raise Ended


def send(address, port, per_second):
    sending = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    began = time.monotonic()
    number = 0
    try:
        while True:
            number += 1
            try:
                sending.sendto(PACKET.pack(number, time.monotonic()), (address, port))
            except OSError:
                # No route, or an ICMP error for an earlier packet: this one is lost, and counts.
                pass
            wait = began + number / per_second - time.monotonic()
            if wait > 0:
                select.select([], [], [], wait)
    except Ended:
        print(json.dumps({"sent": number}))


def receive(port, file):
    receiving = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiving.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
    receiving.bind(("0.0.0.0", port))
    came = {}
    says = pathlib.Path(file)
    says.write_text("listening\n", encoding="ascii")
    try:
        while True:
            number, sent = PACKET.unpack(receiving.recv(64))
            came.setdefault(number, sent)
            if len(came) == 1:
                says.write_text("hears\n", encoding="ascii")
    except Ended:
        says.unlink(missing_ok=True)
        print(json.dumps({"received": len(came), "last": max(came, default=0), "gaps": gaps(came)}))


def gaps(came):
    numbers = sorted(came)
    return [
        {"from": came[before], "to": came[after], "lost": after - before - 1}
        for before, after in zip(numbers, numbers[1:])
        if after > before + 1
    ]


signal.signal(signal.SIGTERM, end)
match sys.argv[1:]:
    case ["send", address, port, per_second]:
        send(address, int(port), float(per_second))
    case ["receive", port, file]:
        receive(int(port), file)
    case ["clock"]:
        print(time.monotonic())
    case _:
        sys.exit(__doc__)
