"""One pusher at a time, over all the connections of its push: a lease that each step takes on, and that runs out."""

import json
import re
import time

from .place import Busy, Lock, now, place, read_json, remove, write

# Below /run: a machine that starts again has forgotten its pushers.
LEASE = "/run/trunkline/push.json"
# Longer than the wait for a confirmation, so that a gateway on its way back has no second pusher yet.
LEASE_SECONDS = 90


def holder():
    """{"pusher", "since", "until"} of whoever pushes, or None."""
    held = read_json(place(LEASE))
    return held if held is not None and (held["until"] > now() or step_under_way()) else None


def step_under_way():
    """A step may take minutes, to install packages: its lease does not run out under it."""
    try:
        with Lock():
            return False
    except Busy:
        return True


def take(pusher, instead_of=None):
    """Begins the lease or takes it on. Busy, with who and since when, while another's has not run out."""
    with Lock(wait_seconds=5, file=f"{LEASE}.lock"):
        held = holder()
        others = held is not None and held["pusher"] != pusher
        if others and held["pusher"] != instead_of:
            raise Busy(sentence(held))
        since = time.time() if held is None or others else held["since"]
        lease = {"pusher": pusher, "since": since, "until": now() + LEASE_SECONDS}
        write(place(LEASE), json.dumps(lease).encode(), 0o600)


def guard(pusher):
    """Before a step that changes something. Without a name it is somebody at the machine, who waits like everybody."""
    held = holder()
    if pusher is not None:
        take(pusher)
    elif held is not None:
        raise Busy(sentence(held))


def end(pusher):
    """The lease of this pusher; another's is left alone."""
    held = holder()
    if held is not None and held["pusher"] == pusher:
        remove(place(LEASE))
    return {"ended": pusher}


def sentence(held):
    who, _, rest = held["pusher"].partition("/")
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(held["since"]))
    left = max(1, round(held["until"] - now()))
    process = f" (process {rest.partition('/')[0]})" if rest else ""
    return (
        f"{who}{process} has pushed to this gateway since {since}; "
        f"unless it goes on, its turn ends in {left} s. [{held['pusher']}]"
    )


def pusher_in(words):
    """Takes `--pusher USER@HOST/PROCESS/SEAT` out of the words: (the pusher or None, the other words)."""
    if "--pusher" not in words[:-1]:
        return None, words
    at = words.index("--pusher")
    pusher = words[at + 1]
    if not re.fullmatch(r"[A-Za-z0-9._@:/-]{1,200}", pusher):
        return None, ["?"]
    return pusher, [*words[:at], *words[at + 2 :]]
