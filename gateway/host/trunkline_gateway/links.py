"""XFRM interfaces, one per tunnel, as `/etc/trunkline/links` says, and GRE (`gre.py`). Unchanged ones are left alone."""

import json
import subprocess

from . import gre
from .place import Refused, place
from .programs import run


def make_links():
    """Lines of the file: interface, if_id, inside address, MTU."""
    wanted = read_links()
    present = existing_links()
    commands = []
    for name, link in present.items():
        if name not in wanted or wanted[name]["ifId"] != link["ifId"]:
            commands.append(f"link del dev {name}")
    for name, link in wanted.items():
        kept = present.get(name) if name in present and present[name]["ifId"] == link["ifId"] else None
        if kept is None:
            commands.append(f"link add name {name} type xfrm if_id {link['ifId']}")
        if kept is None or kept["mtu"] != link["mtu"] or not kept["up"]:
            commands.append(f"link set dev {name} mtu {link['mtu']} up")
        if kept is None or link["inside"] not in kept["addresses"]:
            # Of IPv4 there is no detection of duplicates to leave out.
            commands.append(f"addr replace {link['inside']} dev {name}{' nodad' if ':' in link['inside'] else ''}")
        for stale in (kept or {"addresses": []})["addresses"]:
            if stale != link["inside"] and not stale.startswith("fe80:"):
                commands.append(f"addr del {stale} dev {name}")
    commands += gre.commands()
    if commands:
        batch("\n".join(commands) + "\n")


def batch(text):
    """All in one process: in a machine with hundreds of tunnels a process each takes minutes."""
    done = subprocess.run(
        ["ip", "-batch", "-"], input=text, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise Refused(f"ip -batch: {done.stderr.strip()[-1000:]}")


def read_links():
    try:
        lines = place("/etc/trunkline/links").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    links = {}
    for number, line in enumerate(lines, 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        try:
            name, if_id, inside, mtu = words
            links[name] = {"ifId": int(if_id), "inside": inside, "mtu": int(mtu), "tunnel": line.partition("#")[2].strip()}
        except ValueError as error:
            raise Refused(f"/etc/trunkline/links:{number}: {line!r} is no link") from error
    return links


def existing_links():
    """Only XFRM interfaces whose names are ours."""
    found = json.loads(run("ip", "-json", "-details", "addr", "show", "type", "xfrm") or "[]")
    return {
        link["ifname"]: {
            "ifId": int(str(link["linkinfo"]["info_data"]["if_id"]), 0),
            "mtu": link["mtu"],
            "up": "UP" in link["flags"],
            "addresses": [f"{address['local']}/{address['prefixlen']}" for address in link.get("addr_info", [])],
        }
        for link in found
        if link and link.get("linkinfo", {}).get("info_kind") == "xfrm" and link["ifname"].startswith(("x", "p"))
    }
