#!/usr/bin/env python3
"""The programs that a gateway's own program calls, in a recorded lab: they remember what they were told.

Called by the name of the program that it stands in for, with TRUNKLINE_ROOT set to the machine's folder. Checkers find
nothing, daemons run when they were started, and no tunnel ever comes up: packets are for the kernels.
"""

import json
import os
import pathlib
import re
import sys

ROOT = os.environ["TRUNKLINE_ROOT"]
MEMORY = pathlib.Path(ROOT) / "run/stand-in.json"


def remembered():
    try:
        return json.loads(MEMORY.read_text())
    except FileNotFoundError:
        return {"active": ["ssh"], "links": {}}


def remember(memory):
    MEMORY.parent.mkdir(parents=True, exist_ok=True)
    draft = MEMORY.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(memory))
    draft.replace(MEMORY)


def systemctl(words):
    memory = remembered()
    words = [word for word in words if word != "-q"]
    units = [word.removesuffix(".service") for word in words[1:] if not word.startswith("-")]
    verb = words[0] if words else ""
    if verb == "is-active":
        return 0 if all(unit in memory["active"] for unit in units) else 3
    if verb in ("start", "restart", "reload-or-restart"):
        memory["active"] = sorted({*memory["active"], *units})
    if verb == "stop" or (verb == "disable" and "--now" in words):
        memory["active"] = [unit for unit in memory["active"] if unit not in units]
    remember(memory)
    return 0


def ip(words):
    memory = remembered()
    if "-batch" in words:
        for line in sys.stdin:
            change_link(memory["links"], line.split())
        remember(memory)
    elif "-json" in words:
        kind = words[words.index("type") + 1] if "type" in words else None
        links = sorted(memory["links"].items()) if "addr" in words else []
        made = [shown(name, link) for name, link in links if kind in (None, link["kind"])]
        print(json.dumps([*made, *(cards() if "addr" in words and kind is None else [])]))
    return 0


def cards():
    """The one interface that a cloud's machine has: what the release takes its address for."""
    path = pathlib.Path(ROOT) / "etc/trunkline/network"
    lines = path.read_text().splitlines() if path.exists() else []
    own = [line.split()[0] for line in lines if len(line.split("#")[0].split()) == 2]
    addresses = [{"local": address, "prefixlen": 24} for address in own]
    return [{"ifname": "ens5", "flags": ["UP"], "mtu": 1500, "addr_info": addresses}]


def change_link(links, words):
    # The family follows from the address.
    match [word for word in words if word not in ("-4", "-6")]:
        case ["link", "del", "dev", name]:
            links.pop(name, None)
        case ["link", "add", "name", name, "type", "xfrm", "if_id", if_id]:
            links[name] = {"kind": "xfrm", "about": {"if_id": if_id}, "mtu": 1500, "up": False, "addresses": []}
        case ["link", "add", "name", name, "type", "gre", "local", local, "remote", remote, "ttl", _]:
            about = {"local": local, "remote": remote}
            links[name] = {"kind": "gre", "about": about, "mtu": 1476, "up": False, "addresses": []}
        case ["link", "set", "dev", name, "mtu", mtu, "up"]:
            links[name].update(mtu=int(mtu), up=True)
        case ["addr", "replace", address, "dev", name, *_]:
            links[name]["addresses"] = sorted({*links[name]["addresses"], address})
        case ["addr", "del", address, "dev", name]:
            links[name]["addresses"].remove(address)
        case _:
            sys.exit(f"ip: the recorded lab does not know: {' '.join(words)}")


def shown(name, link):
    addresses = [address.split("/") for address in link["addresses"]]
    return {
        "ifname": name,
        "flags": ["UP"] if link["up"] else [],
        "mtu": link["mtu"],
        "linkinfo": {"info_kind": link["kind"], "info_data": link["about"]},
        "addr_info": [
            {"family": "inet6" if ":" in local else "inet", "local": local, "prefixlen": int(length)}
            for local, length in addresses
        ],
    }


def swanctl(words):
    if "--list-conns" in words and "strongswan" in remembered()["active"]:
        for name in connections():
            print(f"list-conn event {{{name} {{version=IKEv2}}}}")
    return 0


def connections():
    """Names one level below `connections {` in the configuration that is in place."""
    names = []
    for path in sorted((pathlib.Path(ROOT) / "etc/swanctl/conf.d").glob("*.conf")):
        depth, inside = 0, False
        for line in path.read_text().splitlines():
            bare = line.split("#")[0]
            opened = re.match(r"\s*(\S+)\s*\{", bare)
            if opened and depth == 0:
                inside = opened.group(1) == "connections"
            if opened and depth == 1 and inside:
                names.append(opened.group(1))
            depth += bare.count("{") - bare.count("}")
    return names


def vtysh(words):
    asked = words[words.index("-c") + 1] if "-c" in words else ""
    if not asked:
        return 0
    if "frr" not in remembered()["active"]:
        sys.exit("vtysh: failed to connect to any daemons.")
    print(json.dumps(neighbours() if asked == "show bgp neighbors json" else {}))
    return 0


def neighbours():
    path = pathlib.Path(ROOT) / "etc/frr/frr.conf"
    found = re.findall(r"^\s*neighbor (\S+) remote-as (\d+)", path.read_text(), re.M)
    return {address: {"remoteAs": int(asn), "bgpState": "Active"} for address, asn in found}


def dpkg_query(words):
    """`-W -f FORMAT PACKAGE...`: everything is installed, as it is in the lab's image."""
    for package in words[words.index("-f") + 2 :]:
        print(f"ii  {package}")
    return 0


known = {"systemctl": systemctl, "ip": ip, "swanctl": swanctl, "vtysh": vtysh, "dpkg-query": dpkg_query}
sys.exit(known.get(os.path.basename(sys.argv[0]), lambda _words: 0)(sys.argv[1:]))
