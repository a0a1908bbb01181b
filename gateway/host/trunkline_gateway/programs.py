"""Runs the distribution's programs, always with a deadline, and says in one sentence why one failed."""

import os
import subprocess

from .place import Refused


# FRR keeps its reload program beside its daemons.
ENVIRONMENT = {**os.environ, "PATH": f"{os.environ.get('PATH', '/usr/bin')}:/usr/sbin:/sbin:/usr/lib/frr", "LC_ALL": "C.UTF-8"}


def run(*words, seconds=30, **options):
    """Standard output as text. Refused when the program fails, is missing or takes too long."""
    done = attempt(*words, seconds=seconds, **options)
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}")[-2000:]
        raise Refused(f"{' '.join(words[:3])}: {said}")
    return done.stdout


def attempt(*words, seconds=30, **options):
    """Like run, but a failure is the caller's to judge."""
    try:
        return subprocess.run(
            words, **{"env": ENVIRONMENT, **options},
            capture_output=True, text=True, timeout=seconds, check=False, errors="replace",
        )  # fmt: skip
    except FileNotFoundError as error:
        raise Refused(f"{words[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise Refused(f"{' '.join(words[:3])} did not end within {seconds} s") from error
