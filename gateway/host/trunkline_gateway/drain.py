"""Drain: traffic leaves the gateway while its tunnels stay up, by BGP's graceful shutdown (RFC 8326).

With it other regions and the partner prefer any other way to the ways through this gateway, and the gateway prefers its
partner's. What it then has from its partner alone goes no further, so the cloud's route service takes the partner, too.
Without a partner that has a way, everything stays where it is: a drain never takes the last way.

Who asked is kept by name, across reboots, and the gateway is drained while anybody asks: `operator`, and `restart` while
a daemon starts. First the file that says so, then FRR's file, then FRR: killed in between, the next step ends it.
"""

import json
import re
import time

from . import counters, daemons, frr, links, routes
from .place import STATE, Refused, place, read_json, remove, write
from .programs import attempt, run
from .sas import ike_sas

ASKED = f"{STATE}/drained.json"
FRR = "/etc/frr/frr.conf"
LINE = " bgp graceful-shutdown\n"
REASONS = ("operator", "restart")


def reasons():
    """{reason: seconds since 1970} of everybody who asks for it."""
    return read_json(place(ASKED)) or {}


def overlay(path, data):
    """What a release says, as it stands in place."""
    return with_line(data.decode()).encode() if path == FRR and reasons() else data


def with_line(text):
    return re.sub(r"(?m)^( bgp router-id .*\n)", rf"\1{LINE}", text, count=1)


def drain(reason):
    asked = reasons()
    if reason not in asked:
        write(place(ASKED), json.dumps({**asked, reason: time.time()}).encode(), 0o600)
    follow()
    return {"drained": sorted(reasons())}


def undrain(reason, live=True):
    left = {name: since for name, since in reasons().items() if name != reason}
    if left:
        write(place(ASKED), json.dumps(left).encode(), 0o600)
    else:
        remove(place(ASKED))
    follow(live)
    return {"drained": sorted(left)}


def follow(live=True):
    """FRR's file and, if it runs, FRR itself as those who ask want it. `live` as in apply.switch."""
    target = place(FRR)
    if not target.is_file():
        return
    before = target.read_text(encoding="utf-8")
    bare = before.replace(LINE, "")
    wanted = with_line(bare) if reasons() else bare
    if wanted != before:
        write(target, wanted.encode(), target.stat().st_mode & 0o7777)
    asn = re.search(r"(?m)^router bgp (\d+)$", bare)
    if live and asn and daemons.active("frr"):
        verb = LINE.strip() if reasons() else f"no {LINE.strip()}"
        run("vtysh", "-c", "configure terminal", "-c", f"router bgp {asn.group(1)}", "-c", verb)


def forwarded():
    """Packets that passed since the rules were loaded: through tunnels to other regions, and to or from the partner."""
    return {name: count for name, count in counters.packets().items() if name != "refused"}


def until_quiet(seconds):
    """Whether nothing passes any more: no counter moves for 300 ms, looked at ten times a second, within the time."""
    deadline = time.monotonic() + seconds
    before = forwarded()
    still = 0
    while still < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
        now = forwarded()
        still = still + 1 if now == before else 0
        before = now
    return still >= 3


def before_restart():
    """
    A daemon is about to start, and may take SAs or routes along: what can pass elsewhere does, first. Where a pair shares an
    address nothing can, and to move that would cost every tunnel; the program that follows it calls again by itself.
    """
    if routes.shares_address():
        return {"drained": sorted(reasons()), "quiet": False}
    drain("restart")
    # Without an SA nothing passes here: at the machine's start nobody waits.
    return {"drained": sorted(reasons()), "quiet": not held() or until_quiet(3)}


def after_restart(tunnels_missing, sessions_missing, seconds=80):
    """
    The end of `restart`, once all is up or it is late. Whoever shares an address waits for nobody: it was not drained.
    """
    if not routes.shares_address():
        until_whole(tunnels_missing, sessions_missing, seconds)
    # Nobody shall be told that this gateway carries while it tells nobody of its own network.
    frr.take_routes()
    return undrain("restart")


def until_whole(tunnels_missing, sessions_missing, seconds):
    """
    Until all tunnels and sessions have been up for two seconds, since BFD takes one to say that a tunnel has failed; or the
    time is over. A charon that was killed leaves its SAs in the kernel, and packets still pass: the peer that used to call
    notices nothing, until it rekeys and loses them. So after two seconds whoever has such SAs calls, whichever end it is. At
    first it makes the IKE SA alone: with it the peer drops what it had, and its next packet has it make the child SA. Were
    both ends to make one, both would stay.
    """
    started = whole = time.monotonic()
    while (waited := time.monotonic() - started) < seconds:
        missing = tunnels_missing()
        if missing or sessions_missing():
            whole = time.monotonic()
        elif time.monotonic() - whole > 2:
            return
        if missing and waited > 2:
            for tunnel in sorted(missing & orphans()):
                call(tunnel, tunnels_missing)
        time.sleep(0.2)


def call(tunnel, tunnels_missing):
    """The peer has six seconds from the IKE SA on, however long that took on a busy machine."""
    stands = any(name == tunnel and int(sa.get("established", 0)) >= 6 for name, sa in ike_sas() if sa.get("state") == "ESTABLISHED")
    if not stands:
        attempt("swanctl", "--initiate", "--ike", tunnel, "--timeout", "5")
    elif tunnel in tunnels_missing():
        attempt("swanctl", "--initiate", "--child", tunnel, "--timeout", "5")


def orphans():
    """Tunnels with SAs in the kernel, whether or not charon knows them."""
    ids = held()
    return {link["tunnel"] for link in links.read_links().values() if link["ifId"] in ids}


def held():
    """Interface ids (`if_id`) of the SAs in the kernel."""
    listed = run("ip", "xfrm", "state", "list")
    return {
        int(found.group(1), 16)
        for state in re.split(r"(?m)^(?=src )", listed)
        if "spi 0x00000000" not in state and (found := re.search(r"if_id (0x[0-9a-f]+)", state))
    }


def known(reason):
    if reason not in REASONS:
        raise Refused(f"{reason!r} is no reason to drain; there are {', '.join(REASONS)}")
    return reason
