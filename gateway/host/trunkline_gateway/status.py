"""What is live, read from daemons and kernel: the document whose schema stands in `gateway/status.ts`."""

import json
import time

from . import apply, drain, routes as cloud_routes
from .place import HOST_KEY, place, read_json, STATE
from .frr import vtysh
from .programs import attempt
from .sas import ike_sas


def status():
    waiting = apply.pending()
    confirmed = apply.current()
    neighbours, bfd = vtysh("show bgp neighbors json", "show bfd peers json") or ({}, [])
    return {
        "format": "trunkline.status/1",
        "clock": time.time(),
        "release": {
            "current": (confirmed or {}).get("release"),
            "previous": (confirmed or {}).get("previous"),
            "pending": (waiting or {}).get("release"),
            "reverted": read_json(place(f"{STATE}/reverted.json")),
        },
        "drained": sorted(drain.reasons()),
        "forwarded": drain.forwarded(),
        "hostKey": host_key(),
        "ikeSas": [ike_sa(name, sa) for name, sa in ike_sas()],
        "certificates": certificates(),
        "interfaces": interfaces(),
        "neighbours": sessions({at: about for at, about in neighbours.items() if isinstance(about, dict)}),
        "bfd": [{"peer": peer.get("peer"), "status": peer.get("status")} for peer in bfd],
        "routes": routes(),
        "cloudRoutes": cloud_routes.said(),
    }


def as_json(*words, empty=None):
    done = attempt(*words)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {} if empty is None else empty


def host_key():
    try:
        return " ".join(place(f"{HOST_KEY}.pub").read_text(encoding="utf-8").split()[:2])
    except FileNotFoundError:
        return None


def ike_sa(name, sa):
    return {
        "name": name,
        "id": int(sa.get("uniqueid", 0)),
        "state": sa.get("state"),
        "version": int(sa.get("version", 0)),
        "local": {"address": sa.get("local-host"), "identity": sa.get("local-id")},
        "remote": {"address": sa.get("remote-host"), "identity": sa.get("remote-id")},
        "udpEncapsulated": sa.get("nat-any") == "yes" or sa.get("remote-port") == "4500",
        "proposal": words_of(sa, ("encr-alg", "encr-keysize", "integ-alg", "prf-alg", "dh-group", "ake1")),
        "ppk": sa.get("ppk") == "yes",
        "spis": [sa.get("initiator-spi"), sa.get("responder-spi")],
        "establishedSeconds": int(sa.get("established", 0)),
        "childSas": [child_sa(child) for child in sa.get("child-sas", {}).values()],
    }


def child_sa(child):
    return {
        "name": child.get("name"),
        "state": child.get("state"),
        "mode": child.get("mode"),
        "udpEncapsulated": child.get("encap") == "yes",
        "ifId": int(child.get("if-id-in", "0"), 16),
        "proposal": words_of(child, ("encr-alg", "encr-keysize", "integ-alg", "dh-group")),
        "spis": {"in": child.get("spi-in"), "out": child.get("spi-out")},
        "bytes": {"in": int(child.get("bytes-in", 0)), "out": int(child.get("bytes-out", 0))},
        "packets": {"in": int(child.get("packets-in", 0)), "out": int(child.get("packets-out", 0))},
    }


def words_of(sa, keys):
    return {key: sa[key] for key in keys if key in sa}


def certificates():
    """Everything that strongSwan holds, peers' certificates as they were presented included, as PEM."""
    pem = attempt("swanctl", "--list-certs", "--pem").stdout
    found = []
    block = []
    for line in pem.splitlines():
        if line.startswith("-----BEGIN CERTIFICATE-----"):
            block = [line]
        elif block:
            block.append(line)
            if line.startswith("-----END CERTIFICATE-----"):
                found.append("\n".join(block) + "\n")
                block = []
    return found


def interfaces():
    return [
        {
            "name": link["ifname"],
            "mtu": link["mtu"],
            "up": "UP" in link["flags"],
            "addresses": [f"{at['local']}/{at['prefixlen']}" for at in link.get("addr_info", [])],
        }
        for link in as_json("ip", "-json", "addr", "show", empty=[])
        if link
    ]


def sessions(neighbours):
    """Every BGP neighbour with what it sent us and what we send it, after our own filters."""
    asked = [
        (address, family, which)
        for address, about in neighbours.items()
        for family in families(about)
        for which in ("routes", "advertised-routes")
    ]
    questions = [f"show bgp {family} unicast neighbors {address} {which} json" for address, family, which in asked]
    answers = (vtysh(*questions) if questions else []) or [{} for _ in questions]
    told = {(address, which): [] for address, _, which in asked}
    for (address, _, which), answer in zip(asked, answers):
        told[address, which] += answer.get("routes" if which == "routes" else "advertisedRoutes", {})
    return [
        {
            "address": address,
            "remoteAs": about.get("remoteAs"),
            "state": about.get("bgpState"),
            "role": {"local": about.get("localRole"), "remote": about.get("neighRole") or about.get("remoteRole")},
            "bfd": (about.get("peerBfdInfo") or {}).get("status"),
            "received": sorted(told[address, "routes"]),
            "sent": sorted(told[address, "advertised-routes"]),
        }
        for address, about in neighbours.items()
    ]


def families(neighbour):
    """Those that the neighbour is told of; every one of ours is told of IPv4."""
    both = "ipv6Unicast" in (neighbour.get("addressFamilyInfo") or {})
    return ("ipv4", "ipv6") if both else ("ipv4",)


def routes():
    """The kernel's routes that BGP made, of both families, with every next hop."""
    return [
        {
            "prefix": route["dst"],
            "nextHops": sorted(
                hop.get("dev", "") for hop in route.get("nexthops", [route]) if hop.get("dev")
            ),
        }
        for family in ("-4", "-6")
        for route in as_json("ip", "-json", family, "route", "show", "proto", "bgp", empty=[])
    ]
