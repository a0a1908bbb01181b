"""IPv6 addresses of the machine's own network, as `/etc/trunkline/network` says: the cloud has given them already."""

import json
import pathlib

from .place import Refused, place, write
from .programs import attempt, run


def hold_addresses():
    """The IPv6 addresses that are held then."""
    wanted = read_network()
    if not wanted:
        return []
    present = {
        address["local"]: interface
        for interface in json.loads(run("ip", "-json", "addr", "show") or "[]")
        if interface
        for address in interface.get("addr_info", [])
    }
    for own, address in wanted:
        interface = present.get(own)
        if interface is None:
            raise Refused(f"/etc/trunkline/network: no interface has {own}")
        # One by DHCPv6 has 128 bits, and says nothing of the subnet that the router is in.
        if address not in [f"{held['local']}/{held['prefixlen']}" for held in interface["addr_info"]]:
            run("ip", "addr", "replace", address, "dev", interface["ifname"], "nodad")
        tell_networkd(interface["ifname"], address)
    return [address for _, address in wanted]


def tell_networkd(interface, address):
    """Where networkd sets the interface up, it takes away what it has not given whenever it starts again: it gives this too."""
    if attempt("systemctl", "is-active", "-q", "systemd-networkd.service").returncode != 0:
        return
    file = json.loads(run("networkctl", "--json=short", "status", interface) or "{}").get("NetworkFile")
    if file is not None:
        drop_in = place(f"/run/systemd/network/{pathlib.PurePath(file).name}.d/50-trunkline.conf")
        write(drop_in, f"[Address]\nAddress={address}\nDuplicateAddressDetection=none\n".encode())


def read_network():
    """Lines of the file: the IPv4 address that tells the interface, and the IPv6 address with its prefix length."""
    try:
        lines = place("/etc/trunkline/network").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    wanted = []
    for number, line in enumerate(lines, 1):
        words = line.split("#")[0].split()
        if len(words) not in (0, 2):
            raise Refused(f"/etc/trunkline/network:{number}: {line!r} names no interface and address")
        if words:
            wanted.append(words)
    return wanted
