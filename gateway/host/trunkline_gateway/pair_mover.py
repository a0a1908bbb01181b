"""Follows a pair that shares an address, and moves that with the network's routes, in one order: the address; when EC2
shows it here, IKE with every peer; the routes. Tunnels are where the address is: who has it calls, who lost it forgets them.
"""

import subprocess
import sys
import time

from . import addresses, drain
from .ec2 import Failed
from .frr import vtysh
from .holding import NOBODY, Fences, Memory, Seen, decide, remember
from .mover import CALL_SECONDS, Follower
from .place import Refused
from .programs import ENVIRONMENT, attempt
from .sas import connections, ike_sas
from .standing import is_up
from .takeover import CANNOT, CARRIES, DRAINED, GONE

# After a move the other end may be a pair whose own holder has not noticed yet: whoever calls otherwise, this one does.
MOVED_SECONDS = 60
# An IKE SA that is younger may be about to have its child SA.
YOUNG_SECONDS = 3


class PairFollower(Follower):
    def __init__(self, wanted, cloud):
        super().__init__(wanted, cloud)
        self.address = wanted["address"]
        self.own = (wanted["gateways"][wanted["place"]]["interface"], self.address["privateAddresses"][wanted["place"]])
        self.at = None
        self.memory = Memory()
        self.taken_at = None
        self.carries = False
        # Whether somebody has, since the cloud was last asked.
        self.carried = False
        self.calls = {}

    def step(self, now):
        super().step(now)
        try:
            self.follow_tunnels(now)
        except Refused as refused:
            print(str(refused), file=sys.stderr, flush=True)

    def look(self, now):
        """What `holding` decides by, but for what the cloud says."""
        answer = (vtysh("show bgp ipv4 unicast summary json") or [None])[0]
        peers = answer.get("peers", {}) if isinstance(answer, dict) else {}
        up = {at for at, peer in peers.items() if peer.get("state") == "Established"}
        telling = {at for at in up if peers[at].get("pfxRcd", 0) > 0}
        neighbour = self.wanted["gateways"][1 - self.wanted["place"]]["neighbour"]
        says, seconds = self.timed("partner", self.says(neighbour, peers, up, telling), now)
        self.carries = bool(set(self.wanted["remote"]) & telling)
        self.carried = self.carried or self.carries or says == CARRIES
        return Seen(
            place=self.wanted["place"],
            able=neighbour in peers,
            drained="operator" in drain.reasons(),
            says=says,
            seconds=seconds,
            heard=peers.get(neighbour, {}).get("connectionsEstablished", 0) > 0,
            holder=None,
            held=0,
            routes=frozenset(),
            lives=False,
            fruitless=0,
        )

    def heard_in(self, seen):
        return (seen.able, seen.drained, seen.says, self.carries)

    def says(self, neighbour, peers, up, telling):
        said = super().says(neighbour, peers, up, telling)
        return DRAINED if said == CANNOT and neighbour in telling else said

    def decided(self, seen):
        memory = self.memory
        seen = seen._replace(
            holder=self.holder(), held=time.monotonic() - memory.since, routes=self.holders(), lives=memory.lives,
            fruitless=memory.fruitless,
        )  # fmt: skip
        fences = Fences(self.wanted["waitSeconds"], self.address["firstSeconds"], self.address["unableSeconds"])
        return (seen, *decide(seen, fences))

    def holder(self):
        if self.tables is None:
            return None
        places = {
            (gateway["interface"], private): at
            for at, (gateway, private) in enumerate(zip(self.wanted["gateways"], self.address["privateAddresses"]))
        }
        return places.get(self.at, NOBODY)

    def read(self, now):
        try:
            self.at = self.cloud.address(self.address["allocation"], now + CALL_SECONDS)
        except Failed as failed:
            self.tables = None
            self.fail(failed)
            return False
        addresses.settle()
        return super().read(now)

    def remember(self):
        says = self.since.get("partner", (GONE, 0))[0]
        self.memory = remember(self.memory, self.wanted["place"], says, self.carried, self.holder(), time.monotonic())
        self.carried = False

    def take(self):
        deadline = time.monotonic() + CALL_SECONDS
        if self.at != self.own:
            missing = {tunnel["id"] for tunnel in self.address["tunnels"]} - set(connections())
            if missing:
                self.fail(Failed(f"the address stays where it is: strongSwan does not know {', '.join(sorted(missing))}", True))
                return False
            try:
                self.cloud.associate(self.address["allocation"], *self.own, deadline)
                self.at = self.cloud.address(self.address["allocation"], deadline)
                if self.at != self.own:
                    raise Failed("EC2 has associated the address with this gateway, and does not show it here", True)
            except Failed as failed:
                self.tables = None
                self.fail(failed)
                return False
            self.moves += 1
            self.moved_at = time.time()
            self.taken_at = time.monotonic()
            print("the pair's address is at this gateway now", file=sys.stderr, flush=True)
            # It takes longer than the routes do.
            self.follow_tunnels(time.monotonic())
        return self.take_routes(deadline)

    def follow_tunnels(self, now):
        """Where it is known who holds the address: who does calls what is not up, and nobody else keeps an SA."""
        holder = self.holder()
        if holder is None:
            return
        sas = {}
        for name, sa in ike_sas():
            sas.setdefault(name, []).append(sa)
        moved = self.taken_at is not None and now < self.taken_at + MOVED_SECONDS
        for tunnel in self.address["tunnels"]:
            found = sas.get(tunnel["id"], [])
            if holder != self.wanted["place"]:
                if found:
                    # Nobody answers: what it would send no longer leaves the network.
                    attempt("swanctl", "--terminate", "--ike", tunnel["id"], "--force", "--timeout", "1")
            elif (tunnel["calls"] or moved) and not any(is_up(sa) or beginning(sa) for sa in found):
                self.call(tunnel["id"])

    def call(self, tunnel):
        """Without waiting for it: other peers may answer."""
        known = self.calls.get(tunnel)
        if known is not None and known.poll() is None:
            return
        self.calls[tunnel] = subprocess.Popen(
            ("swanctl", "--initiate", "--child", tunnel, "--timeout", "5"),
            env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def said_more(self, seen):
        names = [gateway["id"] for gateway in self.wanted["gateways"]]
        holder = None if seen.holder is None else NOBODY if seen.holder == NOBODY else names[seen.holder]
        return {"address": {"holder": holder, "here": seen.holder == seen.place}}

    def partners_in(self, seen):
        return {1 - seen.place: seen.says}


def beginning(sa):
    return sa.get("state") == "CONNECTING" or (
        sa.get("state") == "ESTABLISHED" and int(sa.get("established", 0)) < YOUNG_SECONDS
    )
