"""Drives `takeover.py`: one decision for each line of JSON, or random lives of a region (`life SEEDS GATEWAYS`)."""

import json
import random
import sys

sys.path.insert(0, sys.argv[1])
from trunkline_gateway.takeover import CANNOT, CARRIES, GONE, Memory, Seen, decide, remember  # noqa: E402

WAIT = 3


def decided():
    for line in sys.stdin:
        case = json.loads(line)
        partners = {int(at): tuple(said) for at, said in case["partners"].items()}
        seen = Seen(case["place"], case["carries"], case["whole"], case["drained"], partners, frozenset(case["holders"]))
        print(json.dumps(decide(seen, frozenset(case.get("lives", ())), WAIT)))


class Gateway:
    def __init__(self, place):
        self.place = place
        self.power = self.carries = self.whole = True
        self.drained = False
        self.forget()

    def forget(self):
        self.memory = Memory()
        self.since = {}
        self.known = False


def life(seed, count):
    """
    One event, then as many seconds as settle everything, again and again. Gateways act in any order, each by what it sees
    itself. `moves` are replacements after each event; the laws are the test's.
    """
    chance = random.Random(seed)
    gateways = [Gateway(place) for place in range(count)]
    cut = set()
    table = 0
    told = []
    now = 0
    for _ in range(40):
        event = happen(chance, gateways, cut)
        moves = []
        doubles = 0
        for _ in range(12):
            now += 1
            believe = []
            for gateway in chance.sample(gateways, count):
                if not gateway.power:
                    continue
                seen = look(gateway, gateways, cut, table, now)
                gateway.memory = remember(gateway.memory, seen)
                act, _ = decide(seen, gateway.memory.lives, WAIT)
                if act == "hold":
                    believe.append(gateway.place)
                if act == "take":
                    table = gateway.place
                    moves.append({"by": gateway.place, "able": gateway.carries and not gateway.drained})
            holding = [
                gateway.place
                for gateway in gateways
                if gateway.power and decide(look(gateway, gateways, cut, table, now), gateway.memory.lives, WAIT)[0] == "hold"
            ]
            doubles += len(holding) > 1
        able = [gateway.place for gateway in gateways if gateway.power and gateway.carries and not gateway.drained]
        whole = [place for place in able if gateways[place].whole]
        told.append({"event": event, "moves": moves, "doubles": doubles, "table": table, "able": able, "whole": whole, "cut": len(cut)})
    print(json.dumps(told))


def happen(chance, gateways, cut):
    gateway = chance.choice(gateways)
    what = chance.choice(["power", "carries", "whole", "drained", "pair", "mend"])
    if what == "pair" and len(gateways) > 1:
        cut.add(frozenset(at.place for at in chance.sample(gateways, 2)))
    elif what == "mend":
        cut.clear()
    elif what == "power":
        gateway.power = not gateway.power
        gateway.forget()
    elif what in ("carries", "whole"):
        setattr(gateway, what, not getattr(gateway, what))
        # Who is whole carries.
        gateway.carries = gateway.carries or (what == "whole" and gateway.whole)
        gateway.whole = gateway.whole and gateway.carries
    elif what == "drained":
        gateway.drained = not gateway.drained
    return what


def look(gateway, gateways, cut, table, now):
    partners = {}
    for other in gateways:
        if other is gateway:
            continue
        heard = other.power and frozenset((gateway.place, other.place)) not in cut
        says = GONE if not heard else CARRIES if other.carries and not other.drained else CANNOT
        if gateway.since.get(other.place, (None, 0))[0] != says:
            gateway.since[other.place] = (says, now)
        partners[other.place] = (says, now - gateway.since[other.place][1])
    return Seen(gateway.place, gateway.carries, gateway.whole, gateway.drained, partners, frozenset({table}))


if sys.argv[2] == "life":
    for number in range(int(sys.argv[3])):
        life(number, int(sys.argv[4]))
else:
    decided()
