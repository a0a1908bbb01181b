"""bgpd of every gateway of a fleet, with what its release says, all in one network namespace without a network.

Reads {"gateways": {ID: {"conf": TEXT, "addresses": [...]}}, "steps": [...]} and prints {"wrong": [[...], ...]}: for each
step what is not as wanted a minute later. A step may {"lose": ID}, {"begin": ID} and {"tell": {ID: [LINE, ...]}}, lines of
`router bgp` or of another mode; it wants {"wants": {ID: {PREFIX: [ADDRESS, ...]}}}, the peers whose paths are in use, and
looks until it has seen that for a second: what flaps is not as wanted.
"""

import json
import pathlib
import shutil
import socket
import subprocess
import sys
import time

FOLDER = pathlib.Path("/run/told")
given = json.load(sys.stdin)
running = {}


def begin(name):
    about = given["gateways"][name]
    etc = FOLDER / f"{name}.conf"
    etc.write_text(about["conf"], encoding="utf-8")
    (FOLDER / name).mkdir(exist_ok=True)
    listening = [word for address in about["addresses"] for word in ("-l", address)]
    # Without zebra every next hop counts as reachable: what is asked is which path is chosen.
    running[name] = subprocess.Popen(
        ["bgpd", "-Z", "-n", "-S", "-u", "root", "-g", "root", "-P", "0", "-f", str(etc),
         "--vty_socket", str(FOLDER / name), "-i", str(FOLDER / f"{name}.pid"), *listening],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def lose(name):
    running[name].kill()
    running.pop(name).wait()


def talk(name, *lines):
    """A daemon's own terminal, as vtysh uses it: the answer to the last line."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as terminal:
        terminal.settimeout(10)
        terminal.connect(str(FOLDER / name / "bgpd.vty"))
        said = b""
        for line in ("enable", *lines):
            terminal.sendall(line.encode() + b"\0")
            said = b""
            while len(said) < 4 or said[-4:-1] != b"\0\0\0":
                part = terminal.recv(65536)
                if not part:
                    raise OSError(f"{name}: {line}: closed")
                said += part
            if said[-1] != 0:
                raise ValueError(f"{name}: {line}: {said[:-4].decode(errors='replace')}")
        return said[:-4].decode()


def used(name):
    """By prefix, the peers whose paths are in use."""
    table = json.loads(talk(name, "show bgp ipv4 unicast json"))["routes"]
    return {
        prefix: sorted(path["peerId"] for path in paths if path.get("bestpath") or path.get("multipath"))
        for prefix, paths in table.items()
    }


def unlike(wants):
    wrong = []
    for name, prefixes in wants.items():
        found = used(name)
        wrong += [
            [name, prefix, peers, found.get(prefix, [])]
            for prefix, peers in prefixes.items()
            if found.get(prefix, []) != sorted(peers)
        ]
    return wrong


def looked(wants):
    deadline = time.monotonic() + 60
    since = None
    while True:
        try:
            wrong = unlike(wants)
        except OSError as error:
            # It does not listen yet.
            wrong = [[str(error)]]
        now = time.monotonic()
        since = None if wrong else since or now
        if since is not None and now - since > 1:
            return []
        if now > deadline:
            return wrong or [["it does not stay so"]]
        time.sleep(0.2)


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    # In the lab's fabric IPv6 is off until it is asked for.
    pathlib.Path("/proc/sys/net/ipv6/conf/all/disable_ipv6").write_text("0")
    lines = ["link set lo up"] + [
        f"addr add {address}/128 dev lo" for about in given["gateways"].values() for address in about["addresses"]
    ]
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True)
    wrong = []
    try:
        for name in given["gateways"]:
            begin(name)
        for step in given["steps"]:
            if "lose" in step:
                lose(step["lose"])
            if "begin" in step:
                begin(step["begin"])
            for name, words in step.get("tell", {}).items():
                talk(name, "configure terminal", *words)
            wrong.append(looked(step["wants"]))
    finally:
        for name in list(running):
            lose(name)
    print(json.dumps({"wrong": wrong}))


main()
