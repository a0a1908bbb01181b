"""What carried traffic before a change must carry it after: a release that every checker takes may still cut it off."""

import json
import time

from .place import Refused
from .programs import attempt
from .sas import ike_sas


def standing():
    """{"tunnels", "neighbours", "routes"}: what is up now; daemons that do not answer carry nothing."""
    return {"tunnels": tunnels(), "neighbours": neighbours(), "routes": len(answer("ip", "-json", "route", "show", "proto", "bgp"))}


# Filters take a moment to be felt: routes are asked for again, and go one by one.
SETTLING_SECONDS = 2


def fallen(before, expects):
    """What falls while a change settles; at once when something has fallen already."""
    if not any(before.values()):
        return []
    until = time.monotonic() + SETTLING_SECONDS
    while True:
        lost = fallen_now(before, expects)
        if lost or time.monotonic() >= until:
            return lost
        time.sleep(0.25)


def fallen_now(before, expects):
    """A sentence for each that was up, should still be there, and is not up."""
    now = standing()
    lost = [f"tunnel {name} was up and is not" for name in before["tunnels"] if name in expects["connections"] and name not in now["tunnels"]]
    lost += [
        f"the session with {name} was established and is not"
        for name in before["neighbours"]
        if name in expects["neighbours"] and name not in now["neighbours"]
    ]
    if before["routes"] and not now["routes"] and before["neighbours"]:
        lost.append("no route of BGP is left in the kernel")
    return lost


def tunnels():
    return sorted({name for name, sa in ike_sas() if is_up(sa)})


def is_up(sa):
    children = sa.get("child-sas", {}).values()
    return sa.get("state") == "ESTABLISHED" and any(child.get("state") == "INSTALLED" for child in children)


def neighbours():
    found = answer("vtysh", "-c", "show bgp neighbors json")
    return sorted(name for name, about in found.items() if isinstance(about, dict) and about.get("bgpState") == "Established") if found else []


def answer(*words):
    """The JSON that a program printed; nothing when it did not."""
    try:
        return json.loads(attempt(*words).stdout)
    except (ValueError, Refused):
        return []
