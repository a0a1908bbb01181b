"""A vendor's ends of a gateway's VPN tunnels: one charon in its namespace, told of every tunnel.

The file names what is wanted; SIGHUP says that it has changed. A charon that ends is started again.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

FILE = pathlib.Path(sys.argv[1])
FOLDER = FILE
SETTINGS = """charon-systemd {
  load = random nonce x509 constraints pubkey pem openssl kdf kernel-netlink socket-default vici
  install_routes = no
  install_virtual_ip = no
  retransmit_timeout = %(seconds)s
  retransmit_base = 1
  retransmit_tries = %(tries)s
  plugins {
    vici {
      socket = unix://%(folder)s/charon.vici
    }
  }
  filelog {
    log {
      path = %(folder)s/charon.log
      default = 1
      enc = 0
      flush_line = yes
    }
  }
}
swanctl {
  load = pem x509 pubkey openssl random
}
"""
CHANGED = [True]
ENDED = []


def environment():
    return {
        "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        "STRONGSWAN_CONF": str(FOLDER / "strongswan.conf"),
        "SWANCTL_DIR": str(FOLDER / "swanctl"),
    }


def start(namespace, retransmit):
    (FOLDER / "swanctl").mkdir(mode=0o700, parents=True, exist_ok=True)
    (FOLDER / "strongswan.conf").write_text(SETTINGS % {"folder": FOLDER, **retransmit}, encoding="utf-8")
    (FOLDER / "charon.vici").unlink(missing_ok=True)
    return subprocess.Popen(
        ["ip", "netns", "exec", namespace, "/usr/sbin/charon-systemd"],
        env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def load(want):
    """Whether charon has taken what is wanted; it may not listen yet."""
    conf = FOLDER / "swanctl" / "swanctl.conf"
    conf.write_text(f"connections {{\n{want['connections']}}}\nsecrets {{\n{want['secrets']}}}\n", encoding="utf-8")
    for what in (["--load-creds", "--clear", "--noprompt"], ["--load-conns"]):
        done = subprocess.run(
            ["swanctl", *what, "--uri", f"unix://{FOLDER}/charon.vici"],
            env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            return False
    return True


def main():
    os.umask(0o077)
    charon = None
    waiting = True
    try:
        while not ENDED and FILE.with_suffix(".json").exists():
            want = json.loads(FILE.with_suffix(".json").read_text(encoding="utf-8"))
            if charon is None or charon.poll() is not None:
                charon = start(want["namespace"], want["retransmit"])
                waiting = True
            if CHANGED:
                CHANGED.clear()
                waiting = True
            if waiting:
                waiting = not load(want)
            time.sleep(0.2 if waiting else 1)
    except FileNotFoundError:
        # The file went while it was read: nobody wants this any more.
        pass
    finally:
        if charon is not None:
            charon.terminate()
            try:
                charon.wait(5)
            except subprocess.TimeoutExpired:
                charon.kill()
                charon.wait()


signal.signal(signal.SIGHUP, lambda *_: CHANGED.append(True))
signal.signal(signal.SIGTERM, lambda *_: ENDED.append(True))
main()
