"""strongSwan has no checker, so a charon of its own judges a release: without network, in mounts of its own."""

import pathlib
import shutil
import tempfile

from .blame import with_lines
from .place import ROOT, STATE, place
from .programs import ENVIRONMENT, attempt, run

# Files appear where they will stand: Debian's AppArmor profile lets swanctl read nowhere else, and what it says then
# names the right file.
SCRIPT = """
mount --bind "$1/swanctl" /etc/swanctl
mount --bind "$1/strongswan.conf" /etc/strongswan.conf
mount -t tmpfs -o mode=0755 trial /run
charon-systemd > /dev/null 2> /dev/null &
tries=0
until [ -S /run/charon.vici ]; do
  tries=$((tries + 1))
  if ! kill -0 $! 2> /dev/null || [ $tries -gt 200 ]; then
    echo "/etc/strongswan.conf: error: charon does not start with it" >&2
    exit 1
  fi
  sleep 0.05
done
swanctl --load-all --noprompt
"""


def complaints(staged, key_epoch):
    """What charon would not take of the files below `staged`. Nothing of the gateway's own charon is touched."""
    if ROOT or shutil.which("charon-systemd", path=ENVIRONMENT["PATH"]) is None:
        # Below another root there is no daemon; on a gateway the release's packages were installed just now.
        return []
    key = place(f"{STATE}/keys/{key_epoch}.pem")
    with tempfile.TemporaryDirectory(dir=place(STATE)) as folder:
        arranged = pathlib.Path(folder)
        shutil.copytree("/etc/swanctl", arranged / "swanctl", ignore=shutil.ignore_patterns("trunkline*"), symlinks=True)
        shutil.copytree(f"{staged}/etc/swanctl", arranged / "swanctl", dirs_exist_ok=True)
        shutil.copy(f"{staged}/etc/strongswan.conf", arranged / "strongswan.conf")
        if key.exists():
            shutil.copy(key, arranged / "swanctl/private/trunkline.pem")
        done = attempt(
            "unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--",
            "sh", "-euc", SCRIPT, "trial", folder,
        )  # fmt: skip
        found = with_lines(done, lambda path: arranged / path.removeprefix("/etc/"))
        if done.returncode != 0 and not found:
            found = [f"/etc/swanctl: strongSwan refuses it: {(done.stderr or done.stdout).strip()[-500:]}"]
        return found or strangers(arranged / "swanctl/x509/trunkline.pem", key)


def strangers(certificate, key):
    """charon takes a certificate without its key, and fails only when a peer asks."""
    if not key.exists():
        return []
    ours = run("openssl", "pkey", "-pubout", "-in", str(key))
    theirs = run("openssl", "x509", "-noout", "-pubkey", "-in", str(certificate))
    if ours == theirs:
        return []
    return [f"/etc/swanctl/x509/trunkline.pem: is for another key than {key}"]
