"""IPv6 of the machine's own interface, as `/etc/trunkline/network` says: the address that the cloud has given it already, and
the ways to peers that are reached by it.

No router's advertisement is needed for either, and no way leads to anybody else.
"""

import ipaddress
import json
import pathlib

from .place import Refused, place, write
from .programs import attempt, run

# In the kernel's table, whose routes these are: a number that iproute2 gives to nobody (rt_protos).
PROTOCOL = "84"


def hold_addresses():
    """The IPv6 addresses that are held then; ways are as the file says, and none where it says none."""
    wanted, ways = read_network()
    interface = None
    if wanted:
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
    hold_ways(ways, interface["ifname"] if interface else None)
    return [address for _, address in wanted]


def hold_ways(ways, device):
    """What is as wanted stays: packets are under way."""
    found = json.loads(run("ip", "-json", "-6", "route", "show", "proto", PROTOCOL) or "[]")
    present = {route["dst"]: (route.get("gateway"), route.get("dev")) for route in found if route}
    for peer in present.keys() - ways.keys():
        run("ip", "-6", "route", "del", peer, "proto", PROTOCOL)
    for peer, router in ways.items():
        if present.get(peer) != (router, device):
            run("ip", "-6", "route", "replace", peer, "via", router, "dev", device, "proto", PROTOCOL)


def tell_networkd(interface, address):
    """Where networkd sets the interface up, it takes away what it has not given whenever it starts again: it gives this too."""
    if attempt("systemctl", "is-active", "-q", "systemd-networkd.service").returncode != 0:
        return
    file = json.loads(run("networkctl", "--json=short", "status", interface) or "{}").get("NetworkFile")
    if file is not None:
        drop_in = place(f"/run/systemd/network/{pathlib.PurePath(file).name}.d/50-trunkline.conf")
        write(drop_in, f"[Address]\nAddress={address}\nDuplicateAddressDetection=none\n".encode())


def read_network():
    """Lines of the file: the IPv4 address that tells the interface, and its IPv6 address with the prefix length; then
    `to PEER via ROUTER`."""
    try:
        lines = place("/etc/trunkline/network").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return [], {}
    wanted, ways = [], {}
    for number, line in enumerate(lines, 1):
        match line.split("#")[0].split():
            case []:
                pass
            case [own, address]:
                wanted.append((own, address))
            case ["to", peer, "via", router] if wanted and is_address(peer) and is_address(router):
                ways[peer] = router
            case _:
                raise Refused(f"/etc/trunkline/network:{number}: {line!r} names no interface and address, and no way to a peer")
    return wanted, ways


def is_address(text):
    try:
        return str(ipaddress.IPv6Address(text)) == text
    except ValueError:
        return False
