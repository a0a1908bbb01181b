"""Drives `holding.py`: one decision for each line of JSON, or random lives of a pair (`life SEEDS`)."""

import json
import random
import sys

sys.path.insert(0, sys.argv[1])
from trunkline_gateway.holding import NOBODY, Fences, Memory, Seen, decide, remember  # noqa: E402
from trunkline_gateway.takeover import CANNOT, CARRIES, DRAINED, GONE  # noqa: E402

SETTLING = 80


def decided():
    fences = Fences(3, 60, 30)
    for line in sys.stdin:
        case = json.loads(line)
        seen = Seen(
            case["place"], case["able"], case["drained"], case["says"], case["seconds"], case["heard"],
            case["holder"], case["held"], frozenset(case["routes"]), case["lives"], case["fruitless"],
        )  # fmt: skip
        print(json.dumps(decide(seen, fences)))


class Gateway:
    def __init__(self, place):
        self.place = place
        self.power = self.able = self.outside = True
        self.drained = False
        self.forget()

    def forget(self):
        """What a machine that starts again does not know."""
        self.memory = Memory()
        self.said = (None, 0)
        self.heard = False
        self.carried = False


class World:
    def __init__(self, chance):
        self.chance = chance
        self.gateways = [Gateway(0), Gateway(1)]
        self.cut = False
        self.peers = True
        self.holder = NOBODY
        self.routes = 0
        self.now = 0

    def carries(self, gateway):
        return gateway.power and gateway.able and gateway.outside and self.peers and self.holder == gateway.place

    def fit(self):
        return [at.place for at in self.gateways if at.power and at.able and at.outside and not at.drained]

    def look(self, gateway):
        other = self.gateways[1 - gateway.place]
        heard = other.power and other.able and gateway.able and not self.cut
        says = GONE if not heard else CANNOT if not self.carries(other) else DRAINED if other.drained else CARRIES
        gateway.heard = gateway.heard or heard
        gateway.carried = gateway.carried or self.carries(gateway) or says == CARRIES
        if gateway.said[0] != says:
            gateway.said = (says, self.now)
        return Seen(
            gateway.place, gateway.able, gateway.drained, says, self.now - gateway.said[1], gateway.heard,
            self.holder, self.now - gateway.memory.since, frozenset({self.routes}), gateway.memory.lives, gateway.memory.fruitless,
        )  # fmt: skip

    def second(self, moves):
        self.now += 1
        for gateway in self.chance.sample(self.gateways, 2):
            if not gateway.power:
                continue
            seen = self.look(gateway)
            gateway.memory = remember(gateway.memory, gateway.place, seen.says, gateway.carried, self.holder, self.now)
            gateway.carried = False
            seen = seen._replace(held=self.now - gateway.memory.since, lives=gateway.memory.lives, fruitless=gateway.memory.fruitless)
            act, _ = decide(seen, Fences(3, 10, 2))
            if act == "take":
                if self.holder != gateway.place:
                    moves.append({"by": gateway.place, "fit": gateway.able and not gateway.drained})
                self.holder = self.routes = gateway.place
        return sum(decide(self.look(at), Fences(3, 10, 2))[0] == "hold" for at in self.gateways if at.power) > 1

    def happen(self):
        what = self.chance.choice(["power", "able", "outside", "drained", "cut", "mend", "peers"])
        gateway = self.chance.choice(self.gateways)
        if what == "cut":
            self.cut = True
        elif what == "mend":
            self.cut = False
        elif what == "peers":
            self.peers = not self.peers
        else:
            setattr(gateway, what, not getattr(gateway, what))
            if what == "power":
                gateway.forget()
            if what == "able":
                gateway.heard = False
        return what


def life(seed):
    world = World(random.Random(seed))
    told = []
    for _ in range(30):
        event = world.happen()
        before = world.holder
        moves = []
        doubles = sum(world.second(moves) for _ in range(SETTLING))
        told.append({
            "event": event, "before": before, "holder": world.holder, "routes": world.routes, "moves": moves,
            "doubles": doubles, "fit": world.fit(), "cut": world.cut, "peers": world.peers,
        })  # fmt: skip
    print(json.dumps(told))


if sys.argv[2] == "life":
    for number in range(int(sys.argv[3])):
        life(number)
else:
    decided()
