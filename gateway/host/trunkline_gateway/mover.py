"""Follows the pair and moves the network's routes, where `/etc/trunkline/routes.json` says that gateways do that.

It looks at FRR once a second, and at the tables when something has changed, every ten seconds, and before it moves a
route. What the partner says of itself it says by BGP, over the tunnel within the pair: routes while it carries; none, or
routes of LOCAL_PREF 0, while it cannot or is drained.
"""

import json
import sys
import time

from . import drain
from .ec2 import Ec2, Failed
from .frr import vtysh
from .place import Refused, place, read_json
from .routes import SAID, WANTED, named
from .takeover import CANNOT, CARRIES, GONE, Memory, Seen, decide, remember

LOOK_SECONDS = 1
TABLES_SECONDS = 10
# A session that is younger may not have told all yet.
SETTLED_SECONDS = 2
CALL_SECONDS = 10
LONGEST_PAUSE = 15


def follow():
    wanted = read_json(place(WANTED))
    if wanted is None:
        raise Refused(f"{WANTED} is not there: the region's routes are not moved by its gateways")
    from .pair_mover import PairFollower

    kind = PairFollower if "address" in wanted else Follower
    follower = kind(wanted, Ec2(wanted["cloudRegion"]))
    while True:
        began = time.monotonic()
        follower.step(began)
        time.sleep(max(0.1, LOOK_SECONDS - (time.monotonic() - began)))


class Follower:
    def __init__(self, wanted, cloud):
        self.wanted = wanted
        self.cloud = cloud
        self.since = {}
        self.memory = Memory()
        self.tables = None
        self.tables_at = None
        self.heard = None
        self.failed = None
        self.failures = 0
        self.again_at = 0
        self.moves = 0
        self.moved_at = None
        self.said = None

    def step(self, now):
        seen = self.look(now)
        heard = self.heard_in(seen)
        due = self.tables_at is None or now >= self.tables_at + TABLES_SECONDS or heard != self.heard
        if due and now >= self.again_at and self.read(now):
            self.heard = heard
        seen, act, why = self.decided(seen)
        if act == "take" and time.monotonic() >= self.again_at:
            # What was read a while ago is no ground to move anything.
            fresh = self.read(time.monotonic())
            seen, act, why = self.decided(seen)
            if fresh and act == "take":
                if self.take():
                    self.read(time.monotonic())
                seen, act, why = self.decided(seen)
        self.say(act, why, seen)

    def decided(self, seen):
        """What is seen with what the tables say, and what follows from it."""
        seen = seen._replace(holders=self.holders())
        return (seen, *decide(seen, self.memory.lives, self.wanted["waitSeconds"]))

    def heard_in(self, seen):
        """What makes it look at the cloud at once when it changes."""
        return (seen.carries, seen.whole, seen.drained, self.partners_in(seen))

    def look(self, now):
        summary = (vtysh("show bgp ipv4 unicast summary json") or [{}])[0]
        peers = summary.get("peers", {}) if isinstance(summary, dict) else {}
        up = {at for at, peer in peers.items() if peer.get("state") == "Established"}
        telling = {at for at in up if peers[at].get("pfxRcd", 0) > 0}
        remote = set(self.wanted["remote"])
        partners = {}
        for at, partner in enumerate(self.wanted["gateways"]):
            if partner["neighbour"] is not None:
                partners[at] = self.timed(("partner", at), self.says(partner["neighbour"], peers, up, telling), now)
        whole = remote <= telling and all(
            partner["neighbour"] is None or partner["neighbour"] in up for partner in self.wanted["gateways"]
        )
        _, whole_for = self.timed("whole", whole, now)
        return Seen(
            place=self.wanted["place"],
            carries=bool(remote & telling),
            whole=whole and whole_for >= SETTLED_SECONDS,
            drained=bool(drain.reasons()),
            partners=partners,
            holders=frozenset(),
        )

    def says(self, neighbour, peers, up, telling):
        if neighbour not in up:
            return GONE
        routes = {}
        if neighbour in telling:
            answer = vtysh(f"show bgp ipv4 unicast neighbors {neighbour} routes json")
            if answer is None:
                return GONE
            routes = answer[0].get("routes", {})
        if any(path.get("locPrf", 100) > 0 for paths in routes.values() for path in paths):
            return CARRIES
        # Nothing yet is no word.
        return CANNOT if peers[neighbour].get("peerUptimeMsec", 0) >= SETTLED_SECONDS * 1000 else GONE

    def timed(self, what, value, now):
        """(value, seconds since it is so)."""
        if self.since.get(what, (None, 0))[0] != value or what not in self.since:
            self.since[what] = (value, now)
        return value, now - self.since[what][1]

    def holders(self):
        if self.tables is None:
            return frozenset()
        places = {gateway["interface"]: at for at, gateway in enumerate(self.wanted["gateways"])}
        return frozenset(places.get(interface) for interface in self.targets().values())

    def targets(self):
        """{(table, destination): network interface} of our routes that there are: one that is not is the engine's to make."""
        return {
            (table, destination): (self.tables.get(table) or {}).get(destination)
            for table in self.wanted["tables"]
            for destination in self.wanted["destinations"]
            if destination in (self.tables.get(table) or {})
        }

    def read(self, now):
        try:
            self.tables = self.cloud.routes(self.wanted["tables"], now + CALL_SECONDS)
        except Failed as failed:
            self.tables = None
            self.fail(failed)
            return False
        self.tables_at = now
        self.succeed()
        self.remember()
        return True

    def remember(self):
        partners = {at: (self.since[("partner", at)][0], 0) for at, gateway in enumerate(self.wanted["gateways"]) if gateway["neighbour"] is not None}
        self.memory = remember(self.memory, Seen(self.wanted["place"], False, False, False, partners, self.holders()))

    def take(self):
        """Whether it is done; what the tables hold is read again then."""
        done = self.take_routes(time.monotonic() + CALL_SECONDS)
        if done:
            self.moves += 1
            self.moved_at = time.time()
        return done

    def take_routes(self, deadline):
        own = self.wanted["gateways"][self.wanted["place"]]["interface"]
        try:
            for (table, destination), interface in self.targets().items():
                if interface != own:
                    self.cloud.replace(table, destination, own, deadline)
        except Failed as failed:
            self.fail(failed)
            return False
        print("the network's routes lead to this gateway now", file=sys.stderr, flush=True)
        return True

    def fail(self, failed):
        self.failures += 1
        self.again_at = time.monotonic() + min(2 ** (self.failures - 1), LONGEST_PAUSE)
        if self.failed is None or self.failed["error"] != str(failed):
            print(str(failed), file=sys.stderr, flush=True)
            self.failed = {"error": str(failed), "since": time.time()}

    def succeed(self):
        self.failures, self.again_at, self.failed = 0, 0, None

    def say(self, act, why, seen):
        names = [gateway["id"] for gateway in self.wanted["gateways"]]
        said = {
            "act": act,
            "why": named(why, names),
            "holders": sorted(names[at] if at is not None else "elsewhere" for at in self.holders()),
            "partners": {names[at]: says for at, says in self.partners_in(seen).items()},
            "moves": self.moves,
            "movedAt": self.moved_at,
            "failed": self.failed,
            **self.said_more(seen),
        }
        if said != self.said:
            target = place(SAID)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = target.with_name(".routes.json.draft")
            draft.write_text(json.dumps(said), encoding="utf-8")
            draft.replace(target)
            self.said = said

    def partners_in(self, seen):
        """{place: what it says of itself}."""
        return {at: says for at, (says, _) in seen.partners.items()}

    def said_more(self, _seen):
        return {}
