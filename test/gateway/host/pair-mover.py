"""Drives `pair_mover.py` with a made-up FRR, charon and cloud: a line of what it says and did for each line that it reads."""

import json
import os
import pathlib
import sys
import tempfile

os.environ["TRUNKLINE_ROOT"] = tempfile.mkdtemp()
sys.path.insert(0, sys.argv[1])
from trunkline_gateway import mover, pair_mover  # noqa: E402
from trunkline_gateway.ec2 import Failed  # noqa: E402

WANTED = {
    "cloudRegion": "us-east-1",
    "place": 1,
    "gateways": [
        {"id": "use1-a", "interface": "eni-a", "neighbour": "fd00::a"},
        {"id": "use1-b", "interface": "eni-b", "neighbour": None},
    ],
    "remote": ["fd00::1"],
    "tables": ["rtb-1"],
    "destinations": ["10.20.0.0/16"],
    "waitSeconds": 3,
    "address": {
        "allocation": "eipalloc-1",
        "beside": "10.10.0.20",
        "privateAddresses": ["10.10.0.5", "10.10.0.21"],
        "tunnels": [{"id": "euw1-a~use1", "calls": True}, {"id": "usw2~use1", "calls": False}],
        "firstSeconds": 60,
        "unableSeconds": 30,
    },
}
did = []


class Cloud:
    def __init__(self):
        self.at = ("eni-a", "10.10.0.5")
        self.table = {"10.20.0.0/16": "eni-a"}
        self.fails = None
        self.late = False

    def address(self, _allocation, _deadline):
        self.refuse("DescribeAddresses")
        return self.at

    def associate(self, _allocation, interface, private, _deadline):
        self.refuse("AssociateAddress")
        did.append(f"associate {interface} {private}")
        if not self.late:
            self.at = (interface, private)

    def routes(self, tables, _deadline):
        self.refuse("DescribeRouteTables")
        return {table: dict(self.table) for table in tables}

    def replace(self, _table, destination, interface, _deadline):
        self.refuse("ReplaceRoute")
        did.append(f"replace {destination} {interface}")
        self.table[destination] = interface

    def refuse(self, action):
        if self.fails == action:
            raise Failed(f"EC2 refuses {action}: UnauthorizedOperation", False)


clock = 1000.0
frr = {}
sas = []
known = ["euw1-a~use1", "usw2~use1", "use1-a~use1-b"]


def vtysh(question):
    if frr.get("silent"):
        return None
    if "summary" in question:
        return [{"peers": {at: peer for at, (peer, _) in frr["peers"].items()}}]
    return [{"routes": {"10.20.0.0/16": [{"locPrf": frr["peers"]["fd00::a"][1]}]}}]


def peer(prefixes=1, preference=50, state="Established", times=1):
    return {"state": state, "pfxRcd": prefixes, "peerUptimeMsec": 60000, "connectionsEstablished": times}, preference


class Call:
    def __init__(self, words, **_options):
        did.append(f"call {words[3]}")

    def poll(self):
        return 0


mover.vtysh = pair_mover.vtysh = vtysh
mover.time.monotonic = lambda: clock
pair_mover.subprocess.Popen = Call
pair_mover.attempt = lambda *words: did.append(f"end {words[3]}")
pair_mover.connections = lambda: known
pair_mover.ike_sas = lambda: sas
pair_mover.addresses.settle = lambda: None
pair_mover.drain.reasons = lambda: frr.get("reasons", {})
cloud = Cloud()
follower = pair_mover.PairFollower(WANTED, cloud)
frr["peers"] = {"fd00::1": peer(0, 0, "Active", 0), "fd00::a": peer()}
for line in sys.stdin:
    seconds = 1
    for key, value in json.loads(line).items():
        if key == "seconds":
            seconds = value
        elif key == "partner":
            frr["peers"]["fd00::a"] = peer(**value)
        elif key == "remote":
            frr["peers"]["fd00::1"] = peer(**value)
        elif key in ("silent", "reasons"):
            frr[key] = value
        elif key == "at":
            cloud.at = tuple(value) if value else None
        elif key in ("fails", "late"):
            setattr(cloud, key, value)
        elif key == "sas":
            sas[:] = [(name, {"state": state, "established": "9", "child-sas": {"x": {"state": "INSTALLED"}}}) for name, state in value]
        elif key == "forgets":
            known.remove(value)
    for _ in range(seconds):
        follower.step(clock)
        clock += 1
    said = json.loads(pathlib.Path(os.environ["TRUNKLINE_ROOT"] + "/run/trunkline/routes.json").read_text(encoding="utf-8"))
    print(json.dumps({**said, "movedAt": None, "did": did}))
    did.clear()
