"""What the program that moves the network's routes (`mover.py`) says of itself: for `status` and for metrics."""

from .place import place, read_json

WANTED = "/etc/trunkline/routes.json"
SAID = "/run/trunkline/routes.json"


def named(why, names):
    first, _, rest = why.partition(" ")
    return f"{names[int(first)]} {rest}" if first.isdigit() else why


def shares_address():
    """Whether the pair has one address towards its peers: then there is one way at a time, wherever that is."""
    return "address" in (read_json(place(WANTED)) or {})


def said():
    """What the program that follows says; None where none does."""
    if not place(WANTED).exists():
        return None
    return read_json(place(SAID)) or {
        "act": "leave", "why": "trunkline-routes has not looked yet", "holders": [], "partners": {}, "moves": 0, "movedAt": None, "failed": None,
    }  # fmt: skip
