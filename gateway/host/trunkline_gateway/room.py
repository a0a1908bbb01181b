"""Room on the disk for the way back, set aside before anything changes: a release must not fill what its return needs."""

import os
import shutil

from . import transfer
from .place import STATE, Refused, place, release_folder, remove

RESERVE = f"{STATE}/reserve"
# Notes, drafts of folders, and what the daemons write while they are told.
SPARE_BYTES = 1024 * 1024


def set_aside(names):
    """Blocks for every file of these releases once more. Refused, with nothing changed, where there are none."""
    needed = SPARE_BYTES + sum(size_of(name) for name in names if name is not None)
    # What a killed run set aside is there already.
    there = place(RESERVE).stat().st_blocks * 512 if place(RESERVE).exists() else 0
    free = shutil.disk_usage(place(STATE)).free + there
    # As much again for the way there.
    if free < 2 * needed:
        raise Refused(
            f"the disk of this gateway is full ({free // 1024} KiB are free, a release and its way back need "
            f"{2 * needed // 1024}): make room and push again"
        )
    handle = os.open(place(RESERVE), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.posix_fallocate(handle, 0, needed)
        os.fsync(handle)
    finally:
        os.close(handle)


def release():
    """Whoever goes back, or stays, needs it now; so does the room of what only waits to be pushed again."""
    remove(place(RESERVE))
    shutil.rmtree(place(transfer.INCOMING), ignore_errors=True)


def size_of(name):
    return sum(path.stat().st_blocks * 512 for path in release_folder(name).rglob("*") if path.is_file())
