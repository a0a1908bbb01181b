"""Runs a program on a disk that is full from its Nth written file on, until what was set aside for that is removed."""

import errno
import os
import runpy
import stat
import sys

at = int(sys.argv[1])
sys.argv = sys.argv[2:]
written = 0
room = False


def fsync(handle, does=os.fsync):
    global written
    if stat.S_ISREG(os.fstat(handle).st_mode):
        written += 1
        if written >= at and not room:
            print("FULL", file=sys.stderr)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    does(handle)


def unlink(path, *words, does=os.unlink, **options):
    global room
    room = room or os.path.basename(str(path)) == "reserve"
    does(path, *words, **options)


os.fsync = fsync
os.unlink = unlink
runpy.run_path(sys.argv[0], run_name="__main__")
