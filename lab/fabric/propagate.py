"""Copies what a route service has learned into the network's route tables, as soon as it changes.

One process per route service. It listens to the kernel's route events in each endpoint's namespace; bgpd's best path
appears there with the peer's address as next hop. A prefix has one next hop in the cloud's table: the one that it
has, as long as an endpoint still offers it.
"""

import json
import os
import select
import signal
import subprocess
import sys

FILE = sys.argv[1]
PROTO = "186"


def settings():
    with open(f"{FILE}.json", encoding="utf-8") as file:
        return json.load(file)


def learned(endpoint):
    """Prefix to next hop of every BGP route of one endpoint."""
    done = subprocess.run(
        ["ip", "-json", "-n", endpoint, "-4", "route", "show", "proto", "bgp"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    routes = json.loads(done.stdout or "[]") if done.returncode == 0 else []
    return {route["dst"]: route["gateway"] for route in routes if "gateway" in route}


def chosen(offers, before, devices):
    now = {}
    for offer in offers:
        for prefix, hop in offer.items():
            if hop in devices and (prefix not in now or before.get(prefix) == hop):
                now[prefix] = hop
    return now


class Propagation:
    def __init__(self):
        self.want = settings()
        self.monitors = {}
        self.written = {}
        self.hops = {}

    def listen(self):
        for endpoint in list(self.monitors):
            if endpoint not in self.want["endpoints"]:
                self.monitors.pop(endpoint).kill()
        for endpoint in self.want["endpoints"]:
            known = self.monitors.get(endpoint)
            if known is None or known.poll() is not None:
                self.monitors[endpoint] = subprocess.Popen(
                    ["ip", "-n", endpoint, "-4", "monitor", "route"], stdout=subprocess.PIPE
                )

    def write(self):
        want = self.want
        self.hops = chosen([learned(endpoint) for endpoint in want["endpoints"]], self.hops, want["devices"])
        now = {
            (table, prefix): want["devices"][hop] for prefix, hop in self.hops.items() for table in want["tables"]
        }
        lines = [
            f"route replace {prefix} via {want['via']} dev {device} onlink metric 100 proto {PROTO} table {table}"
            for (table, prefix), device in now.items()
            if self.written.get((table, prefix)) != device
        ] + [
            f"route del {prefix} metric 100 proto {PROTO} table {table}"
            for (table, prefix) in self.written
            if (table, prefix) not in now
        ]
        self.written = now
        if lines:
            # -force: a link that is gone has taken its routes along.
            subprocess.run(
                ["ip", "-force", "-n", want["network"], "-batch", "-"],
                input="\n".join(lines) + "\n", text=True, check=False,
            )  # fmt: skip


def main():
    with open(f"{FILE}.pid", "w", encoding="utf-8") as file:
        file.write(str(os.getpid()))
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGHUP, lambda *_: None)
    propagation = Propagation()
    while True:
        propagation.want = settings()
        propagation.listen()
        propagation.write()
        ready = {monitor.stdout.fileno(): monitor for monitor in propagation.monitors.values()}
        heard, _, _ = select.select([*ready, wake_read], [], [])
        for handle in heard:
            os.read(handle, 65536)
        # A namespace that is gone ends its monitor; the settings that follow no longer name it.
        if all(handle in ready and ready[handle].poll() is not None for handle in heard):
            select.select([wake_read], [], [], 1)


try:
    main()
except FileNotFoundError:
    sys.exit(0)
