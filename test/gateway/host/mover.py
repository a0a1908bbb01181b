"""Drives `mover.py` with a made-up FRR and a made-up cloud: a line of what it says of itself for each second."""

import json
import os
import pathlib
import sys
import tempfile

os.environ["TRUNKLINE_ROOT"] = tempfile.mkdtemp()
sys.path.insert(0, sys.argv[1])
from trunkline_gateway import mover  # noqa: E402
from trunkline_gateway.ec2 import Failed  # noqa: E402

WANTED = {
    "cloudRegion": "us-east-1",
    "place": 1,
    "gateways": [
        {"id": "use1-a", "interface": "eni-a", "neighbour": "fd00::a"},
        {"id": "use1-b", "interface": "eni-b", "neighbour": None},
    ],
    "remote": ["fd00::1", "fd00::2"],
    "tables": ["rtb-1"],
    "destinations": ["10.20.0.0/16", "10.30.0.0/16"],
    "waitSeconds": 3,
}


class Cloud:
    def __init__(self):
        self.table = {"0.0.0.0/0": None, "10.20.0.0/16": "eni-a", "10.30.0.0/16": "eni-a"}
        self.fails = False
        self.replaced = 0

    def routes(self, tables, _deadline):
        if self.fails:
            raise Failed("EC2 refuses DescribeRouteTables: RequestLimitExceeded", True)
        return {table: dict(self.table) for table in tables}

    def replace(self, _table, destination, interface, _deadline):
        if self.fails:
            raise Failed("EC2 refuses ReplaceRoute: RequestLimitExceeded", True)
        self.replaced += 1
        self.table[destination] = interface


clock = 1000.0
frr = {}


def vtysh(question):
    if "summary" in question:
        return [{"peers": {at: peer for at, (peer, _) in frr.items()}}]
    return [{"routes": {"10.20.0.0/16": [{"locPrf": frr["fd00::a"][1]}]}}]


def peer(prefixes, preference=100, state="Established"):
    return {"state": state, "pfxRcd": prefixes, "peerUptimeMsec": 60000}, preference


mover.vtysh = vtysh
mover.time.monotonic = lambda: clock
cloud = Cloud()
follower = mover.Follower(WANTED, cloud)
frr.update({"fd00::1": peer(1), "fd00::2": peer(1), "fd00::a": peer(1, 50)})
for line in sys.stdin:
    for key, value in json.loads(line).items():
        if key == "fails":
            cloud.fails = value
        elif key == "remove":
            cloud.table.pop(value)
        elif key == "seconds":
            for _ in range(value - 1):
                follower.step(clock)
                clock += 1
        else:
            frr[key] = peer(**value)
    follower.step(clock)
    clock += 1
    said = json.loads(pathlib.Path(os.environ["TRUNKLINE_ROOT"] + "/run/trunkline/routes.json").read_text(encoding="utf-8"))
    print(json.dumps({**said, "replaced": cloud.replaced, "movedAt": None}))
