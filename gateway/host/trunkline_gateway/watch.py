"""
The watchdog: a daemon that runs and answers nobody is started afresh. One that answers, however late, is left alone, and FRR
is given the static routes that it lost of its file.
"""

import re
import sys

from . import daemons, frr
from .place import Busy, Lock, Refused, now
from .programs import attempt, run

QUESTIONS = {"strongswan": ("swanctl", "--stats"), "frr": ("vtysh", "-c", "show version")}
ANSWER_SECONDS = 5
TRIES = 3
# A daemon with hundreds of tunnels is a while at its start; systemd has deadlines of its own for that.
SETTLED_SECONDS = 60


def watch():
    """{"restarted": [names], "routes": [lines that FRR was given again]}; what it found is also in the journal."""
    silent = [name for name in QUESTIONS if settled(name) and hangs(name)]
    lost = "frr" not in silent and settled("frr") and frr.lost_routes()
    if not silent and not lost:
        return {"restarted": [], "routes": []}
    try:
        # Nobody changes anything meanwhile, and it may just have been a release that kept the daemon busy.
        with Lock():
            return {
                "restarted": [name for name in silent if settled(name) and not answers(name) and restart(name)],
                "routes": frr.take_routes() if lost else [],
            }
    except Busy:
        return {"restarted": [], "routes": [], "skipped": "a release is on its way"}


def settled(name):
    """It runs, and has run for a while: then what it needed to come back is forgotten (the delay of the next restart)."""
    said = attempt("systemctl", "show", f"{name}.service", "-p", "ActiveState,ActiveEnterTimestampMonotonic,NRestarts").stdout
    about = dict(re.findall(r"^(\w+)=(.*)$", said, re.M))
    since = int(about.get("ActiveEnterTimestampMonotonic") or 0) / 1e6
    if about.get("ActiveState") != "active" or now() - since < SETTLED_SECONDS:
        return False
    if about.get("NRestarts", "0") != "0":
        attempt("systemctl", "reset-failed", f"{name}.service")
    return True


def hangs(name):
    return not any(answers(name) for _ in range(TRIES))


def answers(name):
    try:
        return attempt(*QUESTIONS[name], seconds=ANSWER_SECONDS).returncode == 0
    except Refused:
        return False


def restart(name):
    print(f"{name} runs and did not answer {TRIES} times within {ANSWER_SECONDS} s each: it is started afresh", file=sys.stderr)
    # What hangs does not end when asked to.
    attempt("systemctl", "kill", "--signal=SIGKILL", f"{name}.service")
    run("systemctl", "restart", f"{name}.service", seconds=90)
    return daemons.active(name)
