"""GRE to the cloud's transit gateway, as `/etc/trunkline/gre` says; where it says nothing, there is none."""

import ipaddress
import json

from .place import Refused, place
from .programs import run

# The kernel's own devices of that kind, and a user's, have other names.
PREFIX = "transit"


def commands():
    """For `ip -batch`. What is as wanted is left alone: its sessions stay."""
    wanted, present = read(), existing()
    lines = [f"link del dev {name}" for name, tunnel in present.items() if not same(tunnel, wanted.get(name))]
    for name, tunnel in wanted.items():
        kept = present.get(name)
        if not same(kept, tunnel):
            kept = None
            lines.append(f"link add name {name} type gre local {tunnel['local']} remote {tunnel['remote']} ttl 64")
        if kept is None or kept["mtu"] != tunnel["mtu"] or not kept["up"]:
            lines.append(f"link set dev {name} mtu {tunnel['mtu']} up")
        if kept is None or tunnel["inside"] not in kept["addresses"]:
            lines.append(f"addr replace {tunnel['inside']} dev {name}")
        lines += [f"addr del {stale} dev {name}" for stale in (kept or {"addresses": []})["addresses"] if stale != tunnel["inside"]]
    return lines


def same(one, other):
    return one is not None and other is not None and all(one[end] == other[end] for end in ("local", "remote"))


def read():
    """Lines of the file: interface, own address, the other end's, inside address, MTU."""
    try:
        lines = place("/etc/trunkline/gre").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    tunnels = {}
    for number, line in enumerate(lines, 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        try:
            name, local, remote, inside, mtu = words
            if not name.startswith(PREFIX):
                raise ValueError(name)
            for address in (local, remote, inside):
                ipaddress.IPv4Interface(address)
            tunnels[name] = {"local": local, "remote": remote, "inside": inside, "mtu": int(mtu)}
        except ValueError as error:
            raise Refused(f"/etc/trunkline/gre:{number}: {line!r} is no tunnel") from error
    return tunnels


def existing():
    found = json.loads(run("ip", "-json", "-details", "addr", "show", "type", "gre") or "[]")
    return {
        link["ifname"]: {
            "local": link["linkinfo"]["info_data"].get("local"),
            "remote": link["linkinfo"]["info_data"].get("remote"),
            "mtu": link["mtu"],
            "up": "UP" in link["flags"],
            "addresses": [f"{at['local']}/{at['prefixlen']}" for at in link.get("addr_info", []) if at["family"] == "inet"],
        }
        for link in found
        if link and link.get("linkinfo", {}).get("info_kind") == "gre" and link["ifname"].startswith(PREFIX)
    }
