"""Apply with commit-confirm. What is on the disk says at every moment which way is back, and what is still to load.

Order, each step durable before the next:
1. reserve: room for the way back; the timer, which finds nothing to revert yet
2. journal.json {release, previous, deadline}             from here on the timer or a reboot reverts
3. unloaded.json [paths]; the files; the daemons; unloaded.json goes
4. confirm: current.json {release, previous, history}; journal.json and the reserve go

Killed after 1, 2 or 3: the timer or the boot reverts, or the next apply of the same release ends what was begun.
Killed in 4: before current.json it reverts, after it the release is confirmed and the journal means nothing.
"""

import json
import time

from . import bundle, checks, clock, daemons, drain, room, standing, system
from .place import STATE, Refused, draft_of, no_room, place, read_json, remove, release_folder, write

BOOTSTRAP = (
    "/etc/ssh/sshd_config.d/40-trunkline-bootstrap.conf",
    "/etc/ssh/sshd_config.d/45-trunkline-host-key.conf",
    "/etc/ssh/trunkline_bootstrap_ecdsa",
)
TIMER = "trunkline-revert"


def current():
    """{"release", "previous", "history"} of what is confirmed, or None on a new machine."""
    return read_json(place(f"{STATE}/current.json"))


def history_of(confirmed):
    """Releases confirmed before the running one, newest first; a note of an earlier program holds the last alone."""
    if confirmed is None:
        return []
    return confirmed.get("history", [confirmed["previous"]] if confirmed["previous"] else [])


def pending():
    """{"release", "previous", "deadline", "back", "before"} of what waits for a confirmation, or None."""
    journal = read_json(place(f"{STATE}/journal.json"))
    confirmed = current()
    if journal is not None and confirmed is not None and journal["release"] == confirmed["release"]:
        return None
    return journal


def apply(name, within, back=False):
    """`back`: the way back over the history, not a step of it."""
    manifest = bundle.manifest_of(name)
    waiting = pending()
    if waiting is not None and waiting["release"] != name:
        # Whoever started it is gone: one change at a time is what the lock is for.
        revert("superseded by another release")
        waiting = None
    confirmed = current()
    previous = confirmed["release"] if confirmed else None
    if waiting is None and previous == name:
        mend(name, manifest)
        return {"unchanged": name}
    system.require(manifest)
    clock.check_release(name, manifest)
    daemons.install(manifest["packages"])
    checks.check(name, manifest)
    room.set_aside([previous, name])
    deadline = arm(name, previous, within, back)
    try:
        switch(previous, name, manifest)
    except (Refused, OSError) as failed:
        why = no_room(failed) if isinstance(failed, OSError) else failed
        raise Refused(f"{manifest['gateway']}: {why}\n{way_back(str(why), previous)}") from failed
    return {"applied": name, "deadline": deadline}


def mend(name, manifest):
    """The confirmed release again: what somebody changed by hand goes back to what it says."""
    try:
        switch(name, name, manifest)
    except Refused as refused:
        raise Refused(f"{manifest['gateway']}: {refused}") from refused


def way_back(why, previous):
    try:
        revert(why)
    except (Refused, OSError) as failed:
        return f"the way back failed as well ({failed}); the gateway tries it again by itself"
    return f"the gateway is back on {'release ' + previous[:12] if previous else 'no release'}"


def arm(name, previous, within, back):
    deadline = time.time() + within
    waiting = pending()
    # Of a killed run's change the first look counts: what has fallen since may be its doing.
    before = waiting["before"] if waiting and "before" in waiting else standing.standing()
    disarm()
    daemons.run(
        "systemd-run", "--quiet", "--collect", f"--unit={TIMER}", f"--on-active={within}", "--timer-property=AccuracySec=100ms",
        # A way back that fails, for want of room or of a daemon, is tried again.
        "--property=Restart=on-failure", "--property=RestartSec=10s",
        # An older release's program may not know what the newer one's journal says.
        "--", program(previous if back else name), "revert", "--unless-confirmed", name,
    )  # fmt: skip
    journal = {"release": name, "previous": previous, "deadline": deadline, "back": back, "before": before}
    write(place(f"{STATE}/journal.json"), json.dumps(journal).encode(), 0o600)
    return deadline


def disarm():
    daemons.attempt("systemctl", "-q", "stop", f"{TIMER}.timer")


def program(name):
    """The program of the release itself: it is there before it is installed, and after it is replaced."""
    return f"{release_folder(name)}/files/usr/local/sbin/trunkline-gateway"


def switch(before, after, manifest, live=True):
    """
    Puts the files of `after` in place of those of `before`, and makes the daemons follow. The same release twice mends
    what somebody changed by hand. Without `live` the daemons are not told: they have yet to start.
    """
    old = bundle.manifest_of(before)["files"] if before else {}
    gone = [path for path in old if path not in manifest["files"]]
    changed = remember_unloaded([*differing(after, manifest), *(path for path in gone if place(path).exists())])
    keep_originals(path for path in manifest["files"] if path not in old)
    for path in changed:
        if path in manifest["files"]:
            put(after, path, manifest["files"][path])
    for path in gone:
        restore(path)
    forget_drafts(changed)
    finish(changed, manifest, live)


def finish(changed, manifest, live):
    if not live:
        daemons.prepare(changed, manifest["keyEpoch"])
    else:
        daemons.activate(changed, manifest["keyEpoch"])
        remove(place(f"{STATE}/unloaded.json"))


def remember_unloaded(paths):
    """Everything that is about to differ from what daemons loaded, with what an interrupted run left behind."""
    before = read_json(place(f"{STATE}/unloaded.json")) or []
    changed = sorted({*before, *paths})
    if changed != before:
        write(place(f"{STATE}/unloaded.json"), json.dumps(changed).encode(), 0o600)
    return changed


def forget_drafts(paths):
    """What a killed run left half-written."""
    for path in paths:
        remove(draft_of(place(path)))


def differing(name, manifest):
    return [path for path, about in manifest["files"].items() if not same(staged(name, path), path, about)]


def staged(name, path):
    return release_folder(name) / f"files{path}"


def same(source, path, about):
    target = place(path)
    return (
        target.is_file()
        and target.read_bytes() == drain.overlay(path, source.read_bytes())
        and target.stat().st_mode & 0o7777 == int(about["mode"], 8)
    )


def put(name, path, about):
    if not same(staged(name, path), path, about):
        write(place(path), drain.overlay(path, staged(name, path).read_bytes()), int(about["mode"], 8))


def keep_originals(paths):
    """What the distribution had in those places, noted once, before we first write there."""
    record = place(f"{STATE}/originals.json")
    known = read_json(record) or {}
    new = {}
    for path in paths:
        if path not in known:
            target = place(path)
            new[path] = target.is_file()
            if new[path]:
                write(place(f"{STATE}/originals{path}"), target.read_bytes(), target.stat().st_mode & 0o7777)
    if new:
        write(record, json.dumps({**known, **new}).encode(), 0o600)


def restore(path):
    kept = place(f"{STATE}/originals{path}")
    if kept.is_file():
        write(place(path), kept.read_bytes(), kept.stat().st_mode & 0o7777)
    else:
        remove(place(path))


def confirm(name):
    confirmed = current()
    waiting = pending()
    if waiting is not None and waiting["release"] != name:
        raise Refused(f"release {waiting['release'][:12]} waits for its confirmation, not {name[:12]}")
    if waiting is None and (confirmed is None or confirmed["release"] != name):
        raise Refused(f"release {name[:12]} is not applied here: it went back, or never came")
    if waiting is not None:
        confirmed = {"release": name, **after(confirmed, waiting)}
        write(place(f"{STATE}/current.json"), json.dumps(confirmed).encode(), 0o600)
    # A confirmation that was killed after the line above is ended by the next one.
    remove(place(f"{STATE}/journal.json"))
    disarm()
    room.release()
    forget_bootstrap()
    bundle.prune({confirmed["release"], *history_of(confirmed)})
    return {"confirmed": name}


def after(confirmed, waiting):
    """What the confirmation leaves of the history: a step back takes its newest away, any other adds the former."""
    former = history_of(confirmed)
    history = former[1:] if waiting.get("back") else [waiting["previous"], *former] if waiting["previous"] else []
    history = [name for name in dict.fromkeys(history) if name != waiting["release"]][: bundle.OLD_RELEASES_KEPT]
    return {"previous": history[0] if history else None, "history": history}


def forget_bootstrap():
    """The key that came with user data has done its work: the first connection."""
    there = [path for path in BOOTSTRAP if place(path).exists()]
    for path in there:
        remove(place(path))
    if there:
        daemons.run("systemctl", "reload", "ssh")


def revert(why, only=None, live=True):
    """Back to the release before the one that waits; nothing waits: nothing happens. `live`: see switch."""
    waiting = pending()
    if waiting is None or (only is not None and waiting["release"] != only):
        return {"reverted": None}
    room.release()
    previous = waiting["previous"]
    if previous is None:
        withdraw(bundle.manifest_of(waiting["release"]), live)
    else:
        switch(waiting["release"], previous, bundle.manifest_of(previous), live)
    write(
        place(f"{STATE}/reverted.json"),
        json.dumps({"release": waiting["release"], "why": why, "at": time.time()}).encode(),
        0o600,
    )
    remove(place(f"{STATE}/journal.json"))
    disarm()
    return {"reverted": waiting["release"], "current": previous}


def withdraw(manifest, live):
    """The way back from a first release: what the distribution had, and nothing of ours runs."""
    for path in manifest["files"]:
        restore(path)
    forget_drafts(manifest["files"])
    daemons.deactivate(live)
    remove(place(f"{STATE}/unloaded.json"))
