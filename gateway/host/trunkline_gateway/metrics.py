"""What Prometheus' node-exporter reads from its textfile folder: one file, replaced as a whole.

Traffic is counted by the XFRM interfaces, since an SA's own counters begin anew with each rekey. strongSwan's `counters`
plugin counts messages and rekeys; retransmissions and failed authentications it does not count, so they are read from
the journal, where charon writes the connection beside each line.
"""

import json
import re
import time

from . import apply, clock, counters, daemons, drain, routes
from .place import STATE, Refused, place, read_json, write
from .programs import attempt
from .sas import ike_sas, parse_raw
from .standing import is_up

# Debian's prometheus-node-exporter reads *.prom here.
TARGET = "/var/lib/prometheus/node-exporter/trunkline.prom"
SEEN = "/run/trunkline/journal-counted.json"
RETRANSMISSION = re.compile(r"retransmit \d+ of request")
# One line per failure: what charon says of a peer that it does not believe, or that does not believe it.
NOT_AUTHENTICATED = re.compile(
    r"received AUTHENTICATION_FAILED notify|no trusted .* public key found|signature validation failed"
    r"|constraint check failed|no matching peer config found"
)
REKEYS = {"ike-rekey-init": "ike", "ike-rekey-resp": "ike", "child-rekey": "child"}
MESSAGE = re.compile(r"(ike-init|ike-auth|create-child|info)-(in|out)-(req|resp)")


class Page:
    """Samples by metric, in the order of their first mention; HELP and TYPE once each."""

    def __init__(self):
        self.metrics = {}

    def add(self, name, kind, about, value, /, **labels):
        _, _, samples = self.metrics.setdefault(name, (kind, about, []))
        inside = ",".join(f'{label}="{escaped(text)}"' for label, text in labels.items())
        samples.append(f"{name}{{{inside}}} {value}" if inside else f"{name} {value}")

    def text(self):
        return "".join(
            f"# HELP {name} {about}\n# TYPE {name} {kind}\n" + "".join(f"{sample}\n" for sample in samples)
            for name, (kind, about, samples) in self.metrics.items()
        )


def escaped(text):
    return str(text).replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def write_metrics():
    page = Page()
    manifest = manifest_now()
    about_release(page, manifest)
    about_daemons(page)
    page.add("trunkline_drained", "gauge", "1 while the gateway is drained, whoever asked for it.", int(bool(drain.reasons())))
    about_routes(page)
    page.add(
        "trunkline_refused_packets_total", "counter", "Packets to the gateway itself from whom it is not for.",
        counters.packets().get("refused", 0),
    )  # fmt: skip
    about_tunnels(page, manifest["expects"]["connections"] if manifest else [])
    about_certificates(page)
    about_neighbours(page)
    write(place(TARGET), page.text().encode(), 0o644)
    return {"metrics": TARGET}


def manifest_now():
    running = apply.pending() or apply.current()
    return read_json(place(f"{STATE}/releases/{running['release']}/manifest.json")) if running else None


def about_release(page, manifest):
    confirmed, waiting = apply.current(), apply.pending()
    if confirmed and manifest:
        page.add(
            "trunkline_release_info", "gauge", "The confirmed release of this gateway; always 1.", 1,
            gateway=manifest["gateway"], release=confirmed["release"],
        )  # fmt: skip
        changed = place(f"{STATE}/current.json").stat().st_mtime
        page.add("trunkline_release_confirmed_seconds", "gauge", "When it was confirmed, since 1970.", round(changed))
    page.add("trunkline_release_pending", "gauge", "1 while a release waits for its confirmation.", int(waiting is not None))
    kept = len(list(place(f"{STATE}/releases").glob("*/manifest.json")))
    page.add("trunkline_releases_kept", "gauge", "Releases on the disk.", kept)


def about_daemons(page):
    for name in daemons.SERVICES:
        page.add("trunkline_daemon_up", "gauge", "1 while systemd says that the daemon runs.", int(daemons.active(name)), daemon=name)


def about_routes(page):
    """Where gateways move the network's routes."""
    said = routes.said()
    if said is None:
        return
    page.add("trunkline_routes_held", "gauge", "1 while the network's routes lead to this gateway.", int(said["act"] == "hold"))
    if "address" in said:
        page.add("trunkline_address_held", "gauge", "1 while the pair's address is at this gateway.", int(said["address"]["here"]))
    page.add("trunkline_routes_moves_total", "counter", "How often it has taken them, since its program started.", said["moves"])
    page.add("trunkline_routes_failing", "gauge", "1 while the cloud's API does not do what it is asked.", int(said["failed"] is not None))


def about_tunnels(page, expected):
    sas = {}
    for name, sa in ike_sas():
        sas.setdefault(name, []).append(sa)
    names = sorted({*expected, *sas})
    for name in names:
        up = [sa for sa in sas.get(name, []) if is_up(sa)]
        page.add("trunkline_tunnel_up", "gauge", "1 with an established IKE SA and an installed child SA.", int(bool(up)), tunnel=name)
        seconds = max((int(sa.get("established", 0)) for sa in up), default=0)
        page.add("trunkline_tunnel_established_seconds", "gauge", "Age of its oldest IKE SA; 0 while down.", seconds, tunnel=name)
        page.add("trunkline_ike_sas", "gauge", "IKE SAs of the tunnel, whatever their state.", len(sas.get(name, [])), tunnel=name)
    about_traffic(page)
    about_exchanges(page)
    about_failures(page, names)


def about_traffic(page):
    tunnels = tunnel_by_interface()
    for link in listed("ip", "-json", "-statistics", "link", "show", "type", "xfrm"):
        counted = link.get("stats64")
        tunnel = tunnels.get(link.get("ifname"))
        if counted is None or tunnel is None:
            continue
        for word, direction in (("rx", "in"), ("tx", "out")):
            for what in ("bytes", "packets", "errors", "dropped"):
                page.add(
                    f"trunkline_tunnel_{what}_total", "counter", f"Of its XFRM interface: {what}.", counted[word][what],
                    tunnel=tunnel, direction=direction,
                )  # fmt: skip


def tunnel_by_interface():
    """From the comments of `/etc/trunkline/links`."""
    try:
        lines = place("/etc/trunkline/links").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return {line.split()[0]: line.partition("#")[2].strip() for line in lines if "#" in line and line.partition("#")[0].strip()}


def listed(*words):
    try:
        return [item for item in json.loads(attempt(*words).stdout) if item]
    except ValueError:
        return []


def about_exchanges(page):
    for tunnel, counted in exchanges().items():
        rekeys = {"ike": 0, "child": 0}
        for word, value in counted.items():
            found = MESSAGE.fullmatch(word)
            if word in REKEYS:
                rekeys[REKEYS[word]] += int(value)
            elif found:
                exchange, direction, kind = found.groups()
                page.add(
                    "trunkline_ike_messages_total", "counter",
                    "IKE messages; INFORMATIONAL is dead-peer detection but for deletes.", int(value),
                    tunnel=tunnel, exchange=exchange, direction=direction, kind=kind,
                )  # fmt: skip
        for sa, value in rekeys.items():
            page.add("trunkline_rekeys_total", "counter", "Rekeys of the tunnel's SAs.", value, tunnel=tunnel, sa=sa)


def exchanges():
    """`get-counters reply {counters {NAME {word=value …}}}`; without the plugin, nothing."""
    found = re.search(r"(\{.*\})", attempt("swanctl", "--counters", "--all", "--raw").stdout)
    if found is None:
        return {}
    named = parse_raw(f"reply {found.group(1)}").get("reply", {}).get("counters", {})
    return {name: counted for name, counted in named.items() if name and isinstance(counted, dict)}


def about_failures(page, names):
    counted = count_journal()
    for name in sorted({*names, *counted}):
        seen = counted.get(name, {})
        page.add(
            "trunkline_ike_retransmissions_total", "counter", "Requests sent again for want of an answer.",
            seen.get("retransmissions", 0), tunnel=name,
        )  # fmt: skip
        page.add(
            "trunkline_authentication_failures_total", "counter",
            "Peers that failed to authenticate, or did not believe us; tunnel is empty for strangers.",
            seen.get("authenticationFailures", 0), tunnel=name,
        )  # fmt: skip


def count_journal():
    """Totals by tunnel since the machine started, with where the journal was read to."""
    seen = read_json(place(SEEN)) or {"since": None, "counted": {"": {}}}
    words = ["--after-cursor", seen["since"]] if seen["since"] else ["--boot"]
    said = attempt("journalctl", "-u", "strongswan.service", "-o", "json", "--output-fields=MESSAGE,IKE_SA_NAME", "-q", *words)
    for line in said.stdout.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        seen["since"] = entry.get("__CURSOR", seen["since"])
        message = str(entry.get("MESSAGE"))
        what = (
            "retransmissions" if RETRANSMISSION.search(message)
            else "authenticationFailures" if NOT_AUTHENTICATED.search(message)
            else None
        )  # fmt: skip
        if what:
            of = seen["counted"].setdefault(str(entry.get("IKE_SA_NAME", "")), {})
            of[what] = of.get(what, 0) + 1
    write(place(SEEN), json.dumps(seen).encode(), 0o600)
    return seen["counted"]


def about_certificates(page):
    files = [place(clock.OWN), *sorted(place(clock.AUTHORITIES).glob("trunkline-*.pem"))]
    for file in files:
        dates = clock.dates_of(file) if file.is_file() else None
        if dates is not None:
            left = round((dates[1] - time.time()) / 86400, 3)
            page.add("trunkline_certificate_days_left", "gauge", "Days until it ends; negative when it has.", left, file=file.name)


def about_neighbours(page):
    try:
        neighbours = json.loads(attempt("vtysh", "-c", "show bgp neighbors json").stdout)
    except (ValueError, Refused):
        neighbours = {}
    for address, about in neighbours.items():
        if not isinstance(about, dict):
            continue
        labels = {"neighbour": address, "description": about.get("nbrDesc", "")}
        family = (about.get("addressFamilyInfo") or {}).get("ipv4Unicast") or {}
        page.add("trunkline_bgp_up", "gauge", "1 while the session is Established.", int(about.get("bgpState") == "Established"), **labels)
        page.add("trunkline_bgp_established_total", "counter", "How often it was.", about.get("connectionsEstablished", 0), **labels)
        page.add("trunkline_bgp_prefixes_accepted", "gauge", "After our filters.", family.get("acceptedPrefixCounter", 0), **labels)
        page.add("trunkline_bgp_prefixes_sent", "gauge", "After our filters.", family.get("sentPrefixCounter", 0), **labels)
