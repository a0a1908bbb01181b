"""How a release comes: only the files that the machine lacks, each kept whole as soon as it is there.

A new machine has no program yet, so `gateway/push.ts` sends this file, with what it imports, in front of the bundle.

    missing [--pusher P] [--clock T]   prints the hashes that are not here, one a line
    stage   [--pusher P] [--clock T]   takes what comes, then hands over to the release's own `stage`
    end      --pusher P                the pusher is done, or gives up

A bundle is lines of text: this program in base64; the manifest; `HASH BASE64` for each file. What is cut off on the
way is a file fewer, and the next push asks again.
"""

import base64
import binascii
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from .place import STATE, Busy, Refused, no_room, place, write
from .lease import end, pusher_in, take

INCOMING = f"{STATE}/incoming"
LARGEST = 64 * 1024 * 1024
# Beyond this a certificate that one of the two finds valid may not be so for the other.
CLOCKS_APART_SECONDS = 120


def known():
    """Path by hash of everything here that a release may be made of: what came before, and the releases kept."""
    roots = [place(INCOMING), *sorted(place(f"{STATE}/releases").glob("*/files"))]
    return {
        hashlib.sha256(path.read_bytes()).hexdigest(): path
        for root in roots
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def wanted(manifest_text):
    """Hash by path."""
    try:
        return {path: about["sha256"] for path, about in json.loads(manifest_text)["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(f"what came is no bundle: {error}") from error


def missing(manifest_text):
    here = known()
    return sorted({sha256 for sha256 in wanted(manifest_text).values() if sha256 not in here})


def receive(lines):
    """Keeps each whole line that came; what follows one that was cut is not looked at."""
    for line in lines:
        sha256, _, text = line.strip().partition(" ")
        if not sha256:
            continue
        try:
            data = base64.b64decode(text, validate=True)
        except binascii.Error:
            data = b""
        if hashlib.sha256(data).hexdigest() != sha256:
            return
        target = place(f"{INCOMING}/{sha256}")
        if not target.exists():
            write(target, data, 0o600)


def check_clock(pushers):
    """A wrong clock would have every certificate refused, here or at the peers."""
    apart = time.time() - pushers
    if abs(apart) > CLOCKS_APART_SECONDS:
        raise Refused(
            f"the gateway's clock is {abs(apart):.0f} s {'ahead of' if apart > 0 else 'behind'} the pusher's, and "
            f"certificates would not be valid: set the clock that is wrong (at most {CLOCKS_APART_SECONDS} s apart)"
        )


def clock_in(words):
    """Takes `--clock SECONDS` out of the words: (seconds since 1970 or None, the other words)."""
    if "--clock" not in words[:-1]:
        return None, words
    at = words.index("--clock")
    text = words[at + 1]
    return (int(text), [*words[:at], *words[at + 2 :]]) if text.isdigit() else (None, ["?"])


def hand_over(manifest_text, words):
    """The rest is the release's own program's, which came with it."""
    files = wanted(manifest_text)
    here = known()
    with tempfile.TemporaryDirectory() as folder:
        for path, sha256 in files.items():
            if path.startswith("/usr/local/") and sha256 in here:
                os.makedirs(os.path.dirname(folder + path), exist_ok=True)
                shutil.copyfile(here[sha256], folder + path)
        program = f"{folder}/usr/local/sbin/trunkline-gateway"
        if not os.path.exists(program):
            raise Refused("the connection was cut before the release was here; what came is kept")
        # The folder it runs in vanishes below it: -B leaves no compiled files behind.
        done = subprocess.run([sys.executable, "-EsB", program, "stage", *words], input=manifest_text, text=True, check=False)
        return done.returncode


def main(words):
    os.umask(0o077)
    options = words[1:]
    pusher, rest = pusher_in(options)
    clock, rest = clock_in(rest)
    instead = rest[1] if rest[:1] == ["--instead-of"] and len(rest) == 2 else None
    if words[:1] not in (["missing"], ["stage"], ["end"]) or (rest and instead is None):
        print("usage: missing|stage [--pusher P] [--clock T] [--instead-of P]", file=sys.stderr)
        return 2
    try:
        if words[0] == "end":
            end(pusher)
            return 0
        manifest_text = sys.stdin.readline(LARGEST).strip()
        if clock is not None:
            check_clock(clock)
        if pusher is not None:
            take(pusher, instead)
        if words[0] == "missing":
            for sha256 in missing(manifest_text):
                print(sha256)
            return 0
        receive(sys.stdin)
        return hand_over(manifest_text, ["--pusher", pusher] if pusher is not None else [])
    except Busy as busy:
        print(f"trunkline-gateway: {busy}", file=sys.stderr)
        return 3
    except Refused as refused:
        print(f"trunkline-gateway: {refused}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"trunkline-gateway: {no_room(error)}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
