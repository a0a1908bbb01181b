"""Makes the daemons run what is in place, touching only what changed."""

import os

from .links import make_links
from .place import STATE, Refused, place, remove
from .programs import ENVIRONMENT, attempt, run

# In this order: addresses before whoever listens on them, the firewall before anything that answers.
SERVICES = ("nftables", "strongswan", "frr")


def install(packages):
    """What the release needs and the machine lacks, from the distribution."""
    known = attempt("dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\\n", *packages).stdout
    there = {words[1] for words in map(str.split, known.splitlines()) if words[0] == "ii"}
    missing = [name for name in packages if name not in there]
    if not missing:
        return
    quiet = {**ENVIRONMENT, "DEBIAN_FRONTEND": "noninteractive"}
    # No daemon may start with the package's own configuration before ours is in place.
    policy = place("/usr/sbin/policy-rc.d")
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    policy.chmod(0o755)
    try:
        run("apt-get", "-qq", "update", seconds=300, env=quiet)
        run("apt-get", "-qq", "-y", "--no-install-recommends", "install", *missing, seconds=900, env=quiet)
    finally:
        policy.unlink(missing_ok=True)


def activate(changed, key_epoch):
    """Loads what changed. `changed` holds the paths that were written or removed."""
    link_key(key_epoch)
    if touched(changed, "/etc/systemd/"):
        units = (f"{name}.service" for name in ("trunkline-links", "trunkline-boot", *SERVICES))
        run("systemctl", "-q", "--no-reload", "enable", *units)
        run("systemctl", "daemon-reload")
    if touched(changed, "/etc/sysctl.d/"):
        run("sysctl", "-q", "-p", str(place("/etc/sysctl.d/90-trunkline.conf")))
    make_links()
    if not active("nftables"):
        run("systemctl", "restart", "nftables")
    elif touched(changed, "/etc/nftables.conf"):
        run("nft", "-f", str(place("/etc/nftables.conf")))
    if touched(changed, "/etc/ssh/"):
        run("systemctl", "reload", "ssh")
    load_strongswan(changed)
    load_frr(changed)


def load_strongswan(changed):
    if not active("strongswan"):
        run("systemctl", "restart", "strongswan", seconds=60)
    elif touched(changed, "/etc/strongswan.conf"):
        # Settings of the daemon itself; its tunnels stay up.
        run("systemctl", "reload", "strongswan")
    # Unchanged connections keep their SAs; credentials are replaced as a whole, so that what is gone is gone.
    run("swanctl", "--load-creds", "--clear", "--noprompt")
    run("swanctl", "--load-conns")


def load_frr(changed):
    if not active("frr") or touched(changed, "/etc/frr/daemons"):
        run("systemctl", "restart", "frr", seconds=60)
    elif touched(changed, "/etc/frr/frr.conf"):
        run("frr-reload.py", "--reload", str(place("/etc/frr/frr.conf")), seconds=60)


def deactivate():
    """The way back from a first release: there was nothing before it."""
    for name in reversed(SERVICES):
        attempt("systemctl", "-q", "disable", "--now", f"{name}.service", seconds=60)
    attempt("nft", "delete", "table", "inet", "trunkline")
    make_links()


def link_key(epoch):
    """The daemon finds the release's private key by a link; the key itself never moves."""
    key = place(f"{STATE}/keys/{epoch}.pem")
    if not key.exists():
        raise Refused(f"this machine has no private key of epoch {epoch}: bring the trust stack up first")
    link = place("/etc/swanctl/private/trunkline.pem")
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.is_symlink() and os.readlink(link) == str(key):
        return
    draft = link.with_name(".trunkline.pem.draft")
    remove(draft)
    os.symlink(key, draft)
    os.replace(draft, link)


def active(service):
    return attempt("systemctl", "is-active", "-q", f"{service}.service").returncode == 0


def touched(changed, prefix):
    return any(path.startswith(prefix) for path in changed)
