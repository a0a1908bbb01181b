"""Runs a program and kills it, as kill -9 does, just before its Nth step that outlives it: a rename, a removal, a call."""

import os
import runpy
import signal
import subprocess
import sys

at = int(sys.argv[1])
sys.argv = sys.argv[2:]
steps = 0


def counted(does):
    def step(*words, **options):
        global steps
        steps += 1
        if steps == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return does(*words, **options)

    return step


os.replace = counted(os.replace)
os.unlink = counted(os.unlink)
subprocess.run = counted(subprocess.run)
runpy.run_path(sys.argv[0], run_name="__main__")
