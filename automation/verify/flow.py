"""One-way packets between two hosts, counted one by one.

`send ADDRESS PORT PER_SECOND FLOWS` sends from FLOWS source ports in turn: routers choose a way by port, and a
direction that is one flow would try one way. `receive ADDRESS PORT FILE FLOWS` counts each flow apart. An address of
either family tells which it is.

Each packet carries its number and the moment it was sent; its flow is its number modulo FLOWS. Both ends run until
SIGTERM and then print one JSON document: the sender {"sent": N}, the receiver {"flows": [{"received": N, "last": NUMBER,
"gaps": [{"from": SENT, "to": SENT, "lost": N}]}]}, where a gap is a row of a flow's numbers that never came and its moments
are those of the packets before and after it, in seconds of the sender's clock. `clock` prints that clock. The receiver
keeps FILE: `listening`, and `hears` once a packet of every flow has arrived.
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


def send(address, port, per_second, flows):
    # The kernel gives each a port of its own with its first packet.
    sending = [socket.socket(family(address), socket.SOCK_DGRAM) for _ in range(flows)]
    began = time.monotonic()
    number = 0
    try:
        while True:
            number += 1
            try:
                sending[number % flows].sendto(PACKET.pack(number, time.monotonic()), (address, port))
            except OSError:
                # No route, or an ICMP error for an earlier packet: this one is lost, and counts.
                pass
            wait = began + number / per_second - time.monotonic()
            if wait > 0:
                select.select([], [], [], wait)
    except Ended:
        print(json.dumps({"sent": number}))


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def receive(address, port, file, flows):
    receiving = socket.socket(family(address), socket.SOCK_DGRAM)
    receiving.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)
    receiving.bind((address, port))
    came = [{} for _ in range(flows)]
    silent = flows
    says = pathlib.Path(file)
    says.write_text("listening\n", encoding="ascii")
    try:
        while True:
            number, sent = PACKET.unpack(receiving.recv(64))
            flow = came[number % flows]
            if not flow:
                silent -= 1
                if silent == 0:
                    says.write_text("hears\n", encoding="ascii")
            flow.setdefault(number, sent)
    except Ended:
        says.unlink(missing_ok=True)
        print(json.dumps({"flows": [counted(flow, flows) for flow in came]}))


def counted(came, flows):
    return {"received": len(came), "last": max(came, default=0), "gaps": gaps(came, flows)}


def gaps(came, flows):
    numbers = sorted(came)
    return [
        {"from": came[before], "to": came[after], "lost": (after - before) // flows - 1}
        for before, after in zip(numbers, numbers[1:])
        if after > before + flows
    ]


signal.signal(signal.SIGTERM, end)
match sys.argv[1:]:
    case ["send", address, port, per_second, flows]:
        send(address, int(port), float(per_second), int(flows))
    case ["receive", address, port, file, flows]:
        receive(address, int(port), file, int(flows))
    case ["clock"]:
        print(time.monotonic())
    case _:
        sys.exit(__doc__)
