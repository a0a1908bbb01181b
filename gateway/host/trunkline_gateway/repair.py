"""Tells the cloud's route service both halves of every network while a partner is gone.

A route service without BFD keeps the routes of a gateway that lost its power until its hold time is over. The longest
match wins at once: halves that the survivor tells beside the network take all that goes there. `/etc/trunkline/repair.json`
says which networks, and whom to listen to.

A partner is asked five times a second over the tunnel within the pair. One that is thought gone and is not costs nothing:
both tell halves then, or the survivor has its share of what goes out. Halves are told only of networks that this gateway
has a way to itself, and withdrawn when BGP with the partner has been up for a while: then whatever still comes to the
partner finds a way there.
"""

import ipaddress
import os
import select
import socket
import struct
import sys
import time

from .frr import vtysh
from .place import Refused, place, read_json
from .programs import attempt

WANTED = "/etc/trunkline/repair.json"
ASK_SECONDS = 0.2
GONE_SECONDS = 0.8
# How often FRR is asked while halves are told: what has no way any more is withdrawn.
LOOK_SECONDS = 1
BACK_SECONDS = 3
ECHO_REQUEST, ECHO_REPLY = 128, 129


def follow():
    wanted = read_json(place(WANTED))
    if wanted is None:
        raise Refused(f"{WANTED} is not there: the region's route service needs no repair")
    follower = Follower(wanted, Echo(), Frr(wanted["asn"]), time.monotonic())
    while True:
        follower.echo.wait(ASK_SECONDS)
        follower.step(time.monotonic())


class Follower:
    def __init__(self, wanted, echo, frr, now):
        self.partners = wanted["partners"]
        self.halves = wanted["halves"]
        self.echo = echo
        self.frr = frr
        # Nobody is gone before there was time to answer.
        self.heard = dict.fromkeys(self.partners, now)
        self.asked_at = now - ASK_SECONDS
        self.looked_at = None
        # What an earlier run of this program told is still told.
        self.told = frr.told(self.all_halves())
        self.gone = ()

    def step(self, now):
        for partner in self.echo.answers():
            if partner in self.heard:
                self.heard[partner] = now
        if now >= self.asked_at + ASK_SECONDS:
            self.asked_at = now
            for partner in self.partners:
                self.echo.ask(partner)
        gone = tuple(partner for partner in self.partners if now - self.heard[partner] > GONE_SECONDS)
        if gone != self.gone:
            print(f"not heard: {', '.join(gone) or 'nobody'}", file=sys.stderr, flush=True)
            self.gone = gone
            self.looked_at = None
        if not gone and not self.told:
            return
        if self.looked_at is not None and now < self.looked_at + LOOK_SECONDS:
            return
        self.looked_at = now
        if gone:
            self.tell(self.of_own_ways())
        elif self.frr.established(self.partners, BACK_SECONDS):
            self.tell(frozenset())

    def tell(self, wanted):
        # A reload of FRR takes away what its file does not have.
        told = self.frr.told(self.all_halves())
        if wanted != told and self.frr.tell(sorted(wanted - told), sorted(told - wanted)):
            print(f"tells the route service of {len(wanted)} halves", file=sys.stderr, flush=True)
            told = wanted
        self.told = told

    def of_own_ways(self):
        own = [ipaddress.ip_network(network) for network in self.frr.own_ways()]
        return frozenset(
            half
            for network, halves in self.halves.items()
            # Of a prefix that stands for several, one of them.
            if any(way.subnet_of(ipaddress.ip_network(network)) for way in own)
            for half in halves
        )

    def all_halves(self):
        return frozenset(half for halves in self.halves.values() for half in halves)


class Frr:
    def __init__(self, asn):
        self.asn = asn

    def routes(self):
        answer = vtysh("show bgp ipv4 unicast json")
        return answer[0].get("routes", {}) if answer else {}

    def own_ways(self):
        """Networks whose best path another region told this gateway itself."""
        return {
            network
            for network, paths in self.routes().items()
            if any(path.get("bestpath") and path.get("pathFrom") == "external" for path in paths)
        }

    def told(self, halves):
        return frozenset(halves & set(self.routes()))

    def established(self, neighbours, seconds):
        summary = (vtysh("show bgp ipv4 unicast summary json") or [{}])[0]
        peers = summary.get("peers", {}) if isinstance(summary, dict) else {}
        return all(
            peers.get(at, {}).get("state") == "Established" and peers[at].get("peerUptimeMsec", 0) >= seconds * 1000
            for at in neighbours
        )

    def tell(self, more, less):
        """Of nobody's table: they are told, and lead nowhere here (`no bgp network import-check`)."""
        lines = ["configure terminal", f"router bgp {self.asn}", "address-family ipv4 unicast"]
        lines += [f"network {half}" for half in more] + [f"no network {half}" for half in less]
        return attempt("vtysh", *(word for line in lines for word in ("-c", line))).returncode == 0


class Echo:
    """ICMPv6 echoes (RFC 4443), over whatever way the kernel has."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        self.socket.setblocking(False)
        # Replies alone: a set bit keeps its type out (RFC 3542, ICMP6_FILTER).
        passing = [0xFFFFFFFF] * 8
        passing[ECHO_REPLY >> 5] &= ~(1 << (ECHO_REPLY & 31)) & 0xFFFFFFFF
        self.socket.setsockopt(socket.IPPROTO_ICMPV6, 1, struct.pack("=8I", *passing))
        self.id = os.getpid() & 0xFFFF

    def wait(self, seconds):
        select.select([self.socket], [], [], seconds)

    def ask(self, partner):
        # The kernel adds the checksum (RFC 3542 section 3.1). Without a tunnel nothing can be sent: that is an answer, too.
        try:
            self.socket.sendto(struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, self.id, 0), (partner, 0))
        except OSError:
            pass

    def answers(self):
        heard = []
        while True:
            try:
                data, (partner, *_) = self.socket.recvfrom(256)
            except OSError:
                return heard
            if len(data) >= 8 and data[0] == ECHO_REPLY and struct.unpack("!H", data[4:6])[0] == self.id:
                heard.append(partner)
