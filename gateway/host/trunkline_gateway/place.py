"""Where things are, and writing them so that a loss of power leaves the old or the new."""

import errno
import fcntl
import json
import os
import pathlib
import shutil
import time

# Everything below one folder in tests and in a recorded lab; nothing else differs there.
ROOT = os.environ.get("TRUNKLINE_ROOT", "")
STATE = "/var/lib/trunkline"
HOST_KEY = "/etc/ssh/trunkline_host_ed25519"


class Refused(Exception):
    """One sentence for a person; exit code 1."""


class Busy(Exception):
    """Another run holds the lock; exit code 3."""


def place(path):
    return pathlib.Path(ROOT + path)


def release_folder(name):
    return place(f"{STATE}/releases/{name}")


def write(path, data, mode=0o644):
    """Atomic and durable: a draft beside the file, synced, renamed, and the folder synced."""
    target = pathlib.Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = draft_of(target)
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        # On a full disk even half a draft is in the way of whoever makes room.
        draft.unlink(missing_ok=True)
        raise
    os.replace(draft, target)
    sync_folder(target.parent)


def no_room(error):
    """The sentence for a failed write; any other fault of the system's goes on as it is."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT) and "No space left" not in str(error):
        raise error
    folder = place(STATE)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return f"the disk of this gateway is full ({free // 1024} KiB are free): make room and push again"


def draft_of(target):
    """One name for ever, so that what a killed run left is found again: daemons read whole folders."""
    return target.with_name(f".{target.name}.draft")


def remove(path):
    target = pathlib.Path(path)
    if target.exists() or target.is_symlink():
        target.unlink()
        sync_folder(target.parent)


def sync_folder(folder):
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_json(path):
    """None when it is absent; a damaged file is a refusal that names it."""
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise Refused(f"{path} is damaged: {error}") from error


def now():
    """Seconds since the machine started: a clock that nobody sets."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Lock:
    """One change at a time; the kernel drops it with the process, however that ends."""

    def __init__(self, wait_seconds=0, file=f"{STATE}/lock"):
        self.wait_seconds = wait_seconds
        self.file = file

    def __enter__(self):
        path = place(self.file)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + self.wait_seconds
        while True:
            try:
                fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return self
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    os.close(self.handle)
                    raise Busy("another change of this gateway is under way") from error
                time.sleep(0.2)

    def __exit__(self, *_):
        os.close(self.handle)
