"""Drives `repair.py` with a made-up FRR and partners: a line of what is told after each step."""

import json
import os
import sys
import tempfile

os.environ["TRUNKLINE_ROOT"] = tempfile.mkdtemp()
sys.path.insert(0, sys.argv[1])
from trunkline_gateway import repair  # noqa: E402

WANTED = {
    "asn": 4200000020,
    "partners": ["fd00::a"],
    "halves": {
        "10.10.0.0/16": ["10.10.0.0/17", "10.10.128.0/17"],
        "10.32.0.0/14": ["10.32.0.0/15", "10.34.0.0/15"],
    },
}


class Partners:
    def __init__(self):
        self.answering = True
        self.asked = 0

    def ask(self, _partner):
        self.asked += 1

    def answers(self):
        return ["fd00::a", "fd00::stranger"] if self.answering else []


class Table(repair.Frr):
    """The real reading of FRR's answers, over a made-up table; and what it is told."""

    def __init__(self):
        super().__init__(WANTED["asn"])
        self.ways = {"10.10.0.0/16": "external", "10.33.0.0/16": "external"}
        self.networks = set()
        self.up_seconds = 60
        self.refuses = False
        self.questions = 0

    def routes(self):
        self.questions += 1
        learned = {network: [{"bestpath": True, "pathFrom": source}] for network, source in self.ways.items()}
        return learned | {network: [{"bestpath": True, "pathFrom": "local"}] for network in self.networks}

    def established(self, neighbours, seconds):
        return neighbours == ["fd00::a"] and self.up_seconds >= seconds

    def tell(self, more, less):
        if self.refuses:
            return False
        self.networks = (self.networks | set(more)) - set(less)
        return True


clock = 1000.0
partners, table = Partners(), Table()
follower = repair.Follower(WANTED, partners, table, clock)
for line in sys.stdin:
    change = json.loads(line)
    if "told" in change:
        table.networks = set(change["told"])
        follower = repair.Follower(WANTED, partners, table, clock)
    partners.answering = change.get("answering", partners.answering)
    table.ways = change.get("ways", table.ways)
    table.networks = set(change.get("networks", table.networks))
    table.up_seconds = change.get("upSeconds", table.up_seconds)
    table.refuses = change.get("refuses", table.refuses)
    table.questions = 0
    for _ in range(round(change.get("seconds", 0) * 10)):
        clock += 0.1
        follower.step(clock)
    print(json.dumps({"told": sorted(table.networks), "questions": table.questions, "asked": partners.asked}))
