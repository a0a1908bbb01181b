"""Apply with commit-confirm. The journal says at every moment which way is back.

Order, each step durable before the next:
1. journal {release, previous, deadline}   -- from here on a reboot or the timer reverts
2. the timer
3. files, daemons
4. confirm: current := release, journal removed, timer stopped

Killed after 1, 2 or 3: the timer or the boot reverts. Killed in 4: either not yet confirmed (reverts) or confirmed.
"""

import json
import time

from . import bundle, checks, daemons
from .place import STATE, Refused, place, read_json, remove, release_folder, write

BOOTSTRAP = (
    "/etc/ssh/sshd_config.d/40-trunkline-bootstrap.conf",
    "/etc/ssh/sshd_config.d/45-trunkline-host-key.conf",
    "/etc/ssh/trunkline_bootstrap_ecdsa",
)
TIMER = "trunkline-revert"


def current():
    """{"release", "previous"} of what is confirmed, or None on a new machine."""
    return read_json(place(f"{STATE}/current.json"))


def pending():
    """{"release", "previous", "deadline"} of what waits for a confirmation, or None."""
    return read_json(place(f"{STATE}/journal.json"))


def apply(name, within):
    manifest = bundle.manifest_of(name)
    waiting = pending()
    confirmed = current()
    if waiting is not None:
        if waiting["release"] != name:
            # Whoever started it is gone: one change at a time is what the lock is for.
            revert("superseded by another release")
        else:
            return {"applied": name, "deadline": arm(name, waiting["previous"], within)}
    elif confirmed is not None and confirmed["release"] == name:
        repair(manifest, name)
        return {"unchanged": name}
    daemons.install(manifest["packages"])
    checks.check(name, manifest)
    previous = confirmed["release"] if confirmed else None
    deadline = arm(name, previous, within)
    try:
        switch(previous, name, manifest)
    except Refused as refused:
        revert(str(refused))
        raise Refused(f"{manifest['gateway']}: {refused}\nthe gateway is back on {(previous or 'no release')[:12]}") from refused
    return {"applied": name, "deadline": deadline}


def arm(name, previous, within):
    deadline = time.time() + within
    journal = {"release": name, "previous": previous, "deadline": deadline}
    write(place(f"{STATE}/journal.json"), json.dumps(journal).encode(), 0o600)
    disarm()
    daemons.run(
        "systemd-run", "--quiet", "--collect", f"--unit={TIMER}", f"--on-active={within}", "--timer-property=AccuracySec=100ms",
        "--", program(name), "revert", "--unless-confirmed", name,
    )  # fmt: skip
    return deadline


def disarm():
    daemons.attempt("systemctl", "-q", "stop", f"{TIMER}.timer")


def program(name):
    """The program of the release itself: it is there before it is installed, and after it is replaced."""
    return f"{release_folder(name)}/files/usr/local/sbin/trunkline-gateway"


def switch(before, after, manifest):
    """Puts the files of `after` in place of those of `before`, and makes the daemons follow."""
    if before is None:
        keep_originals(manifest)
    old = bundle.manifest_of(before)["files"] if before else {}
    changed = put(after, manifest)
    for path in old:
        if path not in manifest["files"]:
            remove(place(path))
            changed.append(path)
    daemons.activate(changed, manifest["keyEpoch"])


def keep_originals(manifest):
    """What the distribution had in those places, for the way back from a first release."""
    for path in manifest["files"]:
        kept = place(f"{STATE}/originals{path}")
        if place(path).is_file() and not kept.exists():
            write(kept, place(path).read_bytes(), place(path).stat().st_mode & 0o7777)


def put(name, manifest):
    """Writes what differs from what is in place."""
    changed = []
    for path, about in manifest["files"].items():
        data = (release_folder(name) / f"files{path}").read_bytes()
        target = place(path)
        mode = int(about["mode"], 8)
        if target.is_file() and target.read_bytes() == data and target.stat().st_mode & 0o7777 == mode:
            continue
        write(target, data, mode)
        changed.append(path)
    return changed


def repair(manifest, name):
    """The release is there already; files that somebody changed by hand go back to what it says."""
    changed = put(name, manifest)
    if changed or not all(daemons.active(service) for service in daemons.SERVICES):
        daemons.activate(changed, manifest["keyEpoch"])


def confirm(name):
    confirmed = current()
    waiting = pending()
    if waiting is None:
        if confirmed is not None and confirmed["release"] == name:
            return {"confirmed": name}
        raise Refused(f"release {name[:12]} is not applied here: it went back, or never came")
    if waiting["release"] != name:
        raise Refused(f"release {waiting['release'][:12]} waits for its confirmation, not {name[:12]}")
    record = {"release": name, "previous": waiting["previous"]}
    write(place(f"{STATE}/current.json"), json.dumps(record).encode(), 0o600)
    remove(place(f"{STATE}/journal.json"))
    disarm()
    forget_bootstrap()
    bundle.prune({name, waiting["previous"]})
    return {"confirmed": name}


def forget_bootstrap():
    """The key that came with user data has done its work: the first connection."""
    there = [path for path in BOOTSTRAP if place(path).exists()]
    for path in there:
        remove(place(path))
    if there:
        daemons.run("systemctl", "reload", "ssh")


def revert(why, only=None):
    """Back to the release before the one that waits; nothing waits: nothing happens."""
    waiting = pending()
    if waiting is None or (only is not None and waiting["release"] != only):
        return {"reverted": None}
    confirmed = current()
    if confirmed is not None and confirmed["release"] == waiting["release"]:
        # Killed between the two writes of a confirmation: it is confirmed.
        remove(place(f"{STATE}/journal.json"))
        return {"reverted": None}
    previous = waiting["previous"]
    failed = bundle.manifest_of(waiting["release"])
    if previous is None:
        for path in failed["files"]:
            kept = place(f"{STATE}/originals{path}")
            if kept.is_file():
                write(place(path), kept.read_bytes(), kept.stat().st_mode & 0o7777)
            else:
                remove(place(path))
        daemons.deactivate()
        daemons.attempt("systemctl", "daemon-reload")
        daemons.attempt("systemctl", "reload", "ssh")
    else:
        switch(waiting["release"], previous, bundle.manifest_of(previous))
    write(
        place(f"{STATE}/reverted.json"),
        json.dumps({"release": waiting["release"], "why": why, "at": time.time()}).encode(),
        0o600,
    )
    remove(place(f"{STATE}/journal.json"))
    disarm()
    return {"reverted": waiting["release"], "current": previous}
