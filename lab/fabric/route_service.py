"""One route service or transit gateway: its routers, their peers, and the tables that it writes.

The file names what is wanted; SIGHUP says that it has changed. Each endpoint has bgpd, bfdd and zebra of its own in a
namespace of its own. bgpd's best paths appear among the kernel's routes there, with the peer's address as next hop;
from there they are copied into the network's tables as soon as they change. A prefix has one next hop in the cloud's
table: the one that it has, as long as an endpoint still offers it. Or, where flows are spread, every next hop that a
router heard the shortest AS path from. A table takes so many and no more: what is in it stays, and what is new enters as
long as there is room.
"""

import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback

FILE = sys.argv[1]
PROTO = "186"
LOOK_SECONDS = 3
# Without mgmtd, zebra looks for it a hundred times a second, for ever.
DAEMONS = ("mgmtd", "zebra", "bfdd", "bgpd")
# Of equally good paths one is chosen: a cloud's table has no equal-cost routes.
DEFAULT_LINES = ("maximum-paths 1",)
# Of a next hop's two addresses (RFC 2545 section 3) the global one says which machine it is.
GLOBAL_NEXT_HOP = "global-next-hop"
ENDED = []


class Endpoint:
    """FRR for one endpoint, apart from the others by its path space."""

    def __init__(self, about):
        self.name = about["id"]
        self.local = about.get("local", False)
        self.stands = about.get("stands", False)
        self.asn = about["asn"]
        self.peers = about["peers"]
        self.lines = about["lines"]
        etc = pathlib.Path("/etc/frr", self.name)
        self.run = pathlib.Path("/run/frr", self.name)
        for folder in (etc, self.run):
            folder.mkdir(parents=True, exist_ok=True)
            shutil.chown(folder, "frr", "frr")
        lines = [
            f"route-map {GLOBAL_NEXT_HOP} permit 10",
            " set ipv6 next-hop prefer-global",
            f"router bgp {self.asn}",
            f" bgp router-id {about['address']}",
            " no bgp ebgp-requires-policy",
            " bgp graceful-restart-disable",
            *(f" {line}" for line in self.lines or DEFAULT_LINES),
            *(f" {line}" for peer in self.peers for line in peer["lines"]),
            *(f" {line}" for line in ipv6_lines(self.peers)),
        ]
        for daemon in DAEMONS:
            text = "\n".join(lines) + "\n" if daemon == "bgpd" else ""
            (etc / f"{daemon}.conf").write_text(text, encoding="utf-8")
        for peer in self.peers:
            self.route("replace", peer)
        self.processes = [
            subprocess.Popen(
                ["ip", "netns", "exec", self.name, f"/usr/lib/frr/{daemon}", "-N", self.name, "-A", "127.0.0.1",
                 "-P", "0", *(["-n"] if daemon == "bgpd" and self.local else []), *([] if daemon == "mgmtd" else ["-f", str(etc / f"{daemon}.conf")])],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            for daemon in DAEMONS
        ]  # fmt: skip
        self.monitor = subprocess.Popen(["ip", "-n", self.name, "monitor", "route"], stdout=subprocess.PIPE)
        self.told = time.monotonic()
        self.ends = [os.pidfd_open(process.pid) for process in (*self.processes, self.monitor)]

    def follow(self, peers):
        """False while bgpd does not listen yet, or bfdd does not know all of them."""
        gone = [peer for peer in self.peers if peer not in peers]
        new = [peer for peer in peers if peer not in self.peers]
        lines = [f"no neighbor {peer['address']} remote-as {peer['asn']}" for peer in gone]
        lines += [line for peer in new for line in peer["lines"]] + ipv6_lines(new)
        if lines and not self.configure(lines):
            return False
        for peer in gone:
            self.route("del", peer)
        for peer in new:
            self.route("replace", peer)
        self.peers = peers
        return self.registered()

    def registered(self):
        """
        Whether bfdd knows every peer that has BFD. bgpd tells it of a neighbour once, and what it tells before both have
        found zebra is lost for good (FRR 10.3: "Status: Unknown, Last update: never"): so it is told again.
        """
        wanted = [peer for peer in self.peers if any(line.split()[2] == "bfd" for line in peer["lines"])]
        known = self.talk("bfdd", ["enable", "show bfd peers brief"]) if wanted else ""
        lost = [peer for peer in wanted if known is None or peer["address"] not in known.split()]
        if lost and known is not None and time.monotonic() > self.told + 2:
            self.told = time.monotonic()
            print(f"{self.name}: bfdd does not know {', '.join(peer['address'] for peer in lost)}; telling it again", flush=True)
            for peer in lost:
                again = [line for line in peer["lines"] if line.split()[2] in ("bfd", "update-source")]
                # bgpd looks for BFD's own address only when the source changes.
                gone = [f"no neighbor {peer['address']} {word}" for word in ("bfd", "update-source")]
                self.configure([*gone, *again])
        return not lost

    def configure(self, lines):
        return self.talk("bgpd", ["enable", "configure terminal", f"router bgp {self.asn}", *lines]) is not None

    def talk(self, daemon, lines):
        """
        A daemon's own terminal, as vtysh uses it: commands end with a zero byte, answers with three and a status. All
        that it said; None when it does not listen.
        """
        all_said = []
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as terminal:
                terminal.settimeout(5)
                terminal.connect(str(self.run / f"{daemon}.vty"))
                for line in lines:
                    terminal.sendall(line.encode() + b"\0")
                    said = b""
                    while len(said) < 4 or said[-4:-1] != b"\0\0\0":
                        part = terminal.recv(4096)
                        if not part:
                            return None
                        said += part
                    if said[-1] != 0 and not line.startswith("no "):
                        print(f"{self.name}: {line}: {said[:-4].decode(errors='replace')}", flush=True)
                    all_said.append(said[:-4].decode(errors="replace"))
        except OSError:
            return None
        return "\n".join(all_said)

    def route(self, verb, peer):
        # The peer's own address as next hop, so that a route tells which of them it came from.
        if self.local:
            return
        run("ip", "-n", self.name, "route", verb, f"{peer['address']}/32", "dev", peer.get("device", "wan"))
        if peer["ipv6"]:
            run("ip", "-n", self.name, "route", verb, f"{peer['ipv6']}/128", "dev", "wan")

    def learned(self):
        """Prefix to next hop of every best path, of both families."""
        found = {}
        for family in ("-4", "-6") if any(peer["ipv6"] for peer in self.peers) else ("-4",):
            done = run("ip", "-json", "-n", self.name, family, "route", "show", "proto", "bgp")
            routes = json.loads(done.stdout or "[]") if done.returncode == 0 else []
            found |= {route["dst"]: route["gateway"] for route in routes if "gateway" in route}
        return found

    def heard(self):
        """Prefix to every (AS path, MED, next hop) that a peer told; the hop is the endpoint where that one passes packets on."""
        peers = {peer["address"] for peer in self.peers}
        said = self.talk("bgpd", ["enable", "show bgp ipv4 unicast json"])
        try:
            routes = json.loads(said or "{}").get("routes", {})
        except ValueError:
            return {}
        return {
            prefix: [
                (path.get("path", ""), path.get("metric", 0), self.name if self.stands else path["nexthops"][0]["ip"])
                for path in paths
                if path.get("valid") and path.get("nexthops") and (not self.stands or path["nexthops"][0]["ip"] in peers)
            ]
            for prefix, paths in routes.items()
        }

    def lives(self):
        ended = [process.args[-1] for process in (*self.processes, self.monitor) if process.poll() is not None]
        if ended:
            print(f"{self.name}: ended by itself: {', '.join(ended)}; starting afresh", flush=True)
        return not ended

    def end(self):
        for handle in self.ends:
            os.close(handle)
        for process in (*self.processes, self.monitor):
            process.kill()
            process.wait()
        for folder in ("/etc/frr", "/run/frr"):
            shutil.rmtree(pathlib.Path(folder, self.name), ignore_errors=True)


class RouteService:
    def __init__(self):
        self.endpoints = {}
        self.written = {}
        self.hops = {}
        self.rejected = set()

    def follow(self, want):
        """Makes the endpoints as wanted; False while one of them is not ready for its peers."""
        wanted = {about["id"]: about for about in want["endpoints"]}
        # A cloud's endpoint never stays down: whoever lost a daemon starts afresh, with all of them.
        kept = {
            name
            for name, endpoint in self.endpoints.items()
            if name in wanted and endpoint.lines == wanted[name]["lines"] and endpoint.lives()
        }
        for name in set(self.endpoints) - kept:
            self.endpoints.pop(name).end()
        for name, about in wanted.items():
            if name not in self.endpoints:
                self.endpoints[name] = Endpoint(about)
        return all([self.endpoints[name].follow(about["peers"]) for name, about in wanted.items()])

    def tell_rejected(self, rejected):
        if rejected != self.rejected:
            print(f"no room for {len(rejected)}: {', '.join(sorted(rejected)) or 'all routes are in'}", flush=True)
        self.rejected = rejected

    def write(self, want):
        ways = want["ways"]
        if want["spread"]:
            offered = spread([endpoint.heard() for endpoint in self.endpoints.values()], ways, want.get("comparesMed", False))
        else:
            offered = chosen([endpoint.learned() for endpoint in self.endpoints.values()], self.hops, ways)
        fit = first_of if want.get("dropsLast") else fitting
        self.hops = fit(offered, self.hops, want["most"])
        self.tell_rejected(set(offered) - set(self.hops))
        now = written(want, self.hops)
        for namespace, lines in changes(self.written, now).items():
            # -force: a link that is gone has taken its routes along.
            run("ip", "-force", "-n", namespace, "-batch", "-", input="\n".join(lines) + "\n")
        self.written = now


def ipv6_lines(peers):
    """MP-BGP (RFC 4760) with those that have an IPv6 address; the caps are each peer's, as of IPv4."""
    told = [peer for peer in peers if peer["ipv6"]]
    caps = [line.partition(" maximum-prefix ")[2] for peer in told for line in peer["lines"] if " maximum-prefix " in line]
    lines = [
        f"neighbor {peer['address']} {word}"
        for peer, cap in zip(told, caps)
        for word in ("activate", f"maximum-prefix {cap}", f"route-map {GLOBAL_NEXT_HOP} in")
    ]
    return ["address-family ipv6 unicast", *lines, "exit-address-family"] if lines else []


def fitting(offered, before, most):
    kept = [prefix for prefix in offered if prefix in before]
    new = sorted(prefix for prefix in offered if prefix not in before)
    return {prefix: offered[prefix] for prefix in [*kept, *new][:most]}


def first_of(offered, _, most):
    """By the length of the mask, then as text, whoever was there before."""
    order = sorted(offered, key=lambda prefix: (int(prefix.partition("/")[2] or 32), prefix))
    return {prefix: offered[prefix] for prefix in order[:most]}


def chosen(offers, before, ways):
    now = {}
    for offer in offers:
        for prefix, hop in offer.items():
            if hop in ways and (prefix not in now or before.get(prefix) == hop):
                now[prefix] = hop
    return now


def spread(offers, ways, compares_med):
    """
    Every next hop of the shortest AS path, and of those of the lowest MED where it is compared; of several that are as good, of one,
    since flows go over equal ones alone.
    """
    now = {}
    for prefix in sorted({prefix for offer in offers for prefix in offer}):
        ranked = [
            ((len(path.split()), med if compares_med else 0, path), hop)
            for offer in offers
            for path, med, hop in offer.get(prefix, [])
            if hop in ways
        ]
        if ranked:
            best = min(rank for rank, _ in ranked)
            now[prefix] = tuple(sorted({hop for rank, hop in ranked if rank == best}))
    return now


def written(want, hops):
    """What each route is to be, by (namespace, table, prefix): by its next hops, and elsewhere by the one way that leads here."""
    here = {
        (want["namespace"], table, prefix): way(hop, want["ways"])
        for prefix, hop in hops.items()
        for table in want["tables"]
    }
    elsewhere = {
        (place["namespace"], table, prefix): place["way"]
        for place in want.get("beside", [])
        for prefix in hops
        for table in place["tables"]
    }
    return here | elsewhere


def changes(before, now):
    """Lines for ip -batch by namespace."""
    lines = {}
    for (namespace, table, prefix), words in now.items():
        if before.get((namespace, table, prefix)) != words:
            line = f"route replace {prefix} metric 100 proto {PROTO} table {table} {words}"
            lines.setdefault(namespace, []).append(line)
    for namespace, table, prefix in before:
        if (namespace, table, prefix) not in now:
            lines.setdefault(namespace, []).append(f"route del {prefix} metric 100 proto {PROTO} table {table}")
    return lines


def way(hop, ways):
    return ways[hop] if isinstance(hop, str) else " ".join(f"nexthop {ways[one]}" for one in hop)


def run(*words, **options):
    return subprocess.run(words, capture_output=True, text=True, check=False, **options)


def main():
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_read, False)
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGHUP, lambda *_: None)
    service = RouteService()
    heard = True
    try:
        while not ENDED:
            want = json.loads(pathlib.Path(f"{FILE}.json").read_text(encoding="utf-8"))
            ready = service.follow(want)
            # A path that is not the best comes and goes without news from the kernel.
            if heard or not ready or want["spread"]:
                service.write(want)
            changes = [endpoint.monitor.stdout.fileno() for endpoint in service.endpoints.values()] + [wake_read]
            ends = [handle for endpoint in service.endpoints.values() for handle in endpoint.ends]
            # Without news, too: what bfdd knows of a peer may go again while bgpd still makes up its mind.
            heard, _, _ = select.select([*changes, *ends], [], [], LOOK_SECONDS if ready else 0.2)
            for handle in heard:
                if handle in changes:
                    os.read(handle, 65536)
    finally:
        for endpoint in service.endpoints.values():
            endpoint.end()


# Not at once: a router that is just being started would be left.
signal.signal(signal.SIGTERM, lambda *_: ENDED.append(True))
while not ENDED and pathlib.Path(f"{FILE}.json").exists():
    try:
        main()
    except FileNotFoundError:
        # The file went while it was read: nobody wants this service any more.
        continue
    except Exception:  # noqa: BLE001 - the service goes on, and the log keeps why it had to begin again
        traceback.print_exc()
        sys.stderr.flush()
