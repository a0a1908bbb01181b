"""The command line: one JSON document on standard output, sentences for people on standard error."""

import contextlib
import json
import re
import sys

from . import apply, bundle, drain, espinudp, health, lease, links, metrics, network, repair, rollback, status, transfer, watch
from .place import Busy, Lock, Refused, no_room

USAGE = """usage: trunkline-gateway stage < BUNDLE
       trunkline-gateway apply RELEASE --confirm-within SECONDSs
       trunkline-gateway confirm RELEASE
       trunkline-gateway revert [--unless-confirmed RELEASE]
       trunkline-gateway rollback --confirm-within SECONDSs
       trunkline-gateway end
       trunkline-gateway health [RELEASE]
       trunkline-gateway status
       trunkline-gateway metrics
       trunkline-gateway watch
       trunkline-gateway links
       trunkline-gateway network
       trunkline-gateway boot
       trunkline-gateway drain | undrain [operator|restart]
       trunkline-gateway before-restart | after-restart
       trunkline-gateway espinudp
       trunkline-gateway routes
       trunkline-gateway repair

A push of several steps adds --pusher USER@HOST/PROCESS/SEAT to each, and --clock SECONDS to health."""


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
    except OSError as error:
        print(f"trunkline-gateway: {no_room(error)}", file=sys.stderr)
        return 1


@contextlib.contextmanager
def turn(pusher, last=False):
    """The lease for the whole push, and the lock for this step; after the last one the next pusher may come."""
    lease.guard(pusher)
    with Lock():
        yield
        if pusher is not None and last:
            lease.end(pusher)
        elif pusher is not None:
            # A step may have taken minutes.
            lease.take(pusher)


def answer(words):
    pusher, words = lease.pusher_in(words)
    clock, words = transfer.clock_in(words)
    if clock is not None:
        transfer.check_clock(clock)
    match words:
        case ["stage"]:
            with turn(pusher):
                return {"staged": bundle.stage(sys.stdin)}
        case ["apply", name, "--confirm-within", within]:
            seconds = duration(within)
            with turn(pusher):
                return apply.apply(name, seconds)
        case ["rollback", "--confirm-within", within]:
            seconds = duration(within)
            with turn(pusher):
                return rollback.rollback(seconds)
        case ["confirm", name]:
            with turn(pusher, last=True):
                return apply.confirm(name)
        case ["end"] if pusher is not None:
            return lease.end(pusher)
        case ["revert"]:
            # Whoever wants it back may have it at once, whoever pushes.
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
        case ["metrics"]:
            return metrics.write_metrics()
        case ["watch"]:
            return watch.watch()
        case ["links"]:
            links.make_links()
            return {"links": sorted(links.read_links())}
        case ["network"]:
            return {"held": network.hold_addresses()}
        case ["routes"]:
            # It speaks HTTPS, which takes the other verbs too long to load.
            from . import mover

            return mover.follow()
        case ["repair"]:
            return repair.follow()
        case ["espinudp"]:
            return espinudp.take()
        case ["drain" | "undrain" as verb, *reason] if len(reason) < 2:
            change = drain.drain if verb == "drain" else drain.undrain
            return change(drain.known(*reason or ["operator"]))
        case ["before-restart"]:
            return drain.before_restart()
        case ["after-restart"]:
            return drain.after_restart(health.tunnels_missing, health.sessions_missing)
        case _:
            raise Usage


def duration(text):
    found = re.fullmatch(r"(\d{1,4})s", text)
    if not found or not 5 <= int(found.group(1)) <= 3600:
        raise Usage
    return int(found.group(1))
