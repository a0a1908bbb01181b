"""The command line: one JSON document on standard output, sentences for people on standard error."""

import json
import re
import sys

from . import apply, bundle, drain, health, links, status
from .place import Busy, Lock, Refused

USAGE = """usage: trunkline-gateway stage < BUNDLE
       trunkline-gateway apply RELEASE --confirm-within SECONDSs
       trunkline-gateway confirm RELEASE
       trunkline-gateway revert [--unless-confirmed RELEASE]
       trunkline-gateway health [RELEASE]
       trunkline-gateway status
       trunkline-gateway links
       trunkline-gateway boot
       trunkline-gateway drain | undrain [operator|restart]
       trunkline-gateway before-restart | after-restart"""


class Usage(Exception):
    pass


def main(words):
    try:
        print(json.dumps(answer(words)))
        return 0
    except Usage:
        print(USAGE, file=sys.stderr)
        return 2
    except Busy as busy:
        print(f"trunkline-gateway: {busy}", file=sys.stderr)
        return 3
    except Refused as refused:
        print(f"trunkline-gateway: {refused}", file=sys.stderr)
        return 1


def answer(words):
    match words:
        case ["stage"]:
            with Lock():
                return {"staged": bundle.stage(sys.stdin.read(bundle.LARGEST + 1))}
        case ["apply", name, "--confirm-within", within]:
            seconds = duration(within)
            with Lock():
                return apply.apply(name, seconds)
        case ["confirm", name]:
            with Lock():
                return apply.confirm(name)
        case ["revert"]:
            with Lock():
                return apply.revert("asked for")
        case ["revert", "--unless-confirmed", name]:
            # The timer must not give up because a slow apply still holds the lock.
            with Lock(wait_seconds=600):
                return apply.revert("not confirmed in time", only=name)
        case ["boot"]:
            with Lock():
                reverted = apply.revert("the machine started again before it was confirmed", live=False)
                # Nobody starts daemons any more who did before; FRR's file is as the next start shall find it.
                drain.undrain("restart", live=False)
                return reverted
        case ["health"]:
            return health.health(None)
        case ["health", name]:
            return health.health(name)
        case ["status"]:
            return status.status()
        case ["links"]:
            links.make_links()
            return {"links": sorted(links.read_links())}
        case ["drain" | "undrain" as verb, *reason] if len(reason) < 2:
            change = drain.drain if verb == "drain" else drain.undrain
            return change(drain.known(*reason or ["operator"]))
        case ["before-restart"]:
            return drain.before_restart()
        case ["after-restart"]:
            return drain.after_restart(health.tunnels_missing)
        case _:
            raise Usage


def duration(text):
    found = re.fullmatch(r"(\d{1,4})s", text)
    if not found or not 5 <= int(found.group(1)) <= 3600:
        raise Usage
    return int(found.group(1))
