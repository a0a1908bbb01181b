"""Counters of the packet filter, as `/etc/nftables.conf` names them."""

import json

from .programs import attempt


def packets():
    """{counter: packets} since the rules were loaded; empty while there are none."""
    done = attempt("nft", "-j", "list", "counters", "table", "inet", "trunkline")
    try:
        listed = json.loads(done.stdout)["nftables"]
    except (ValueError, KeyError):
        return {}
    counters = (entry["counter"] for entry in listed if "counter" in entry)
    return {counter["name"]: counter["packets"] for counter in counters}
