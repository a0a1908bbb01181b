"""Makes the daemons run what is in place, touching only what changed."""

import shutil
import sys

from . import addresses
from .blame import with_lines
from .compiled import LIBRARY, compile_program
from .links import make_links
from .network import hold_addresses
from .place import ROOT, STATE, Refused, place, write
from .programs import ENVIRONMENT, attempt, run

# In this order: addresses before whoever listens on them, the firewall before anything that answers.
SERVICES = ("nftables", "strongswan", "frr")
OWN = ("trunkline-links", "trunkline-boot")
CREDENTIALS = (
    "/etc/swanctl/x509",
    "/etc/swanctl/private/",
    "/etc/swanctl/conf.d/trunkline-ppk.conf",
    "/etc/swanctl/conf.d/trunkline-psk.conf",
)
# What a release of an earlier program does not have.
SOCKET = "trunkline-espinudp.socket"
ADDED = (
    SOCKET,
    "trunkline-espinudp.service",
    "trunkline-network.service",
    "trunkline-repair.service",
    "trunkline-routes.service",
    "trunkline-watch.timer",
    "trunkline-metrics.timer",
)
UNITS = (*(f"{name}.service" for name in (*OWN, *SERVICES)), *ADDED)


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


def prepare(changed, key_epoch):
    """All that must be so before daemons start; nothing is started, so the boot itself may do it."""
    install_key(key_epoch)
    if touched(changed, LIBRARY):
        compile_program(ROOT)
    if touched(changed, "/etc/systemd/"):
        run("systemctl", "-q", "--no-reload", "enable", *units())
        run("systemctl", "daemon-reload")


def units():
    """Those that there are."""
    return [unit for unit in UNITS if unit not in ADDED or place(f"/etc/systemd/system/{unit}").exists()]


def activate(changed, key_epoch):
    """Loads what changed. `changed` holds the paths that were written or removed."""
    prepare(changed, key_epoch)
    if touched(changed, "/etc/sysctl.d/"):
        run("sysctl", "-q", "-p", str(place("/etc/sysctl.d/90-trunkline.conf")))
    make_links()
    addresses.settle()
    hold_addresses()
    if not active("nftables"):
        run("systemctl", "restart", "nftables")
    elif touched(changed, "/etc/nftables.conf"):
        run("nft", "-f", str(place("/etc/nftables.conf")))
    if touched(changed, "/etc/ssh/"):
        run("systemctl", "reload", "ssh")
    stopped = [name for name in ("strongswan", "frr") if not active(name)]
    if touched(changed, "/etc/frr/daemons") and "frr" not in stopped:
        stopped.append("frr")
    if stopped:
        # Both at once: a start is mostly waiting.
        run("systemctl", "restart", *stopped, seconds=90)
    started = "strongswan" in stopped
    load_strongswan(
        settings=touched(changed, "/etc/strongswan.conf") and not started,
        credentials=touched(changed, CREDENTIALS) and not started,
    )
    if touched(changed, "/etc/frr/frr.conf") and "frr" not in stopped:
        reload_frr()
    if touched(changed, "/etc/systemd/journald.conf.d/"):
        # Its streams survive that: systemd holds them.
        run("systemctl", "try-restart", "systemd-journald.service")
    if touched(changed, f"/etc/systemd/system/{SOCKET}") and SOCKET in units() and attempt("systemctl", "is-active", "-q", SOCKET).returncode == 0:
        # One that listens already takes no further address.
        run("systemctl", "restart", SOCKET, "trunkline-espinudp.service")
    if touched(changed, "/etc/systemd/system/trunkline-"):
        added = [unit for unit in units() if unit in ADDED]
        if added:
            run("systemctl", "start", *added)
        for unit in set(ADDED) - set(added):
            attempt("systemctl", "-q", "stop", unit)
    follow_routes(changed)


def follow_routes(changed):
    """What moves routes, or repairs them, takes its program and what it is told when it starts."""
    for name in ("routes", "repair"):
        told = (f"/etc/trunkline/{name}.json", "/usr/local/lib/trunkline/")
        if active(f"trunkline-{name}") and touched(changed, told):
            run("systemctl", "restart", f"trunkline-{name}.service")


def reload_frr():
    done = attempt("frr-reload.py", "--reload", str(place("/etc/frr/frr.conf")), seconds=60)
    if done.returncode != 0:
        # `vtysh -C` took the file, so what failed is the change, or a daemon died of it: the whole file, from the start.
        print(f"frr-reload.py failed, so FRR is restarted: {done.stderr.strip()[-500:]}", file=sys.stderr)
        run("systemctl", "restart", "frr", seconds=90)
    else:
        # What a filter says now holds for what came and went before it, too: FRR asks peers again without dropping them.
        families = ("ipv4", "ipv6") if "address-family ipv6" in place("/etc/frr/frr.conf").read_text(encoding="utf-8") else ("ipv4",)
        attempt("vtysh", *(word for family in families for word in ("-c", f"clear bgp {family} unicast * soft")))


def load_strongswan(settings, credentials):
    if settings:
        # Settings of the daemon itself; its tunnels stay up.
        run("systemctl", "reload", "strongswan")
    # Unchanged connections keep their SAs; credentials are replaced as a whole, so that what is gone is gone. Where
    # none changed they are not cleared: that would make charon forget the certificates that its peers presented.
    clear = ("--clear",) if credentials else ()
    for what in (("--load-creds", *clear, "--noprompt"), ("--load-conns",)):
        done = attempt("swanctl", *what)
        found = with_lines(done, place)
        if found or done.returncode != 0:
            raise Refused("\n".join(found) or f"swanctl {what[0]} failed: {done.stderr.strip()[-500:]}")


def deactivate(live):
    """The way back from a first release: there was nothing before it."""
    # During the boot these are about to start: a queued stop takes their place, and waiting for it would be for ever.
    how = () if live else ("--no-block",)
    for unit in reversed(UNITS):
        attempt("systemctl", "-q", *how, "disable", "--now", unit, seconds=60)
    attempt("systemctl", "daemon-reload")
    shutil.rmtree(place(f"{LIBRARY}/__pycache__"), ignore_errors=True)
    if live:
        attempt("nft", "delete", "table", "inet", "trunkline")
        make_links()
        attempt("systemctl", "reload", "ssh")


def install_key(epoch):
    """
    A copy where the daemon looks for it. A link would not do: Debian's AppArmor profile lets swanctl read below
    /etc/swanctl only, and judges by where a link leads.
    """
    key = place(f"{STATE}/keys/{epoch}.pem")
    if not key.exists():
        raise Refused(f"this machine has no private key of epoch {epoch}: bring the trust stack up first")
    copy = place("/etc/swanctl/private/trunkline.pem")
    if copy.is_symlink() or not copy.is_file() or copy.read_bytes() != key.read_bytes():
        write(copy, key.read_bytes(), 0o600)


def active(service):
    return attempt("systemctl", "is-active", "-q", f"{service}.service").returncode == 0


def touched(changed, prefix):
    return any(path.startswith(prefix) for path in changed)
