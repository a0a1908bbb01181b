"""Whether a release may be confirmed: every daemon runs it, and accepts all of it."""

from . import apply, bundle, clock, daemons, standing
from .place import Refused
from .programs import attempt, run
from .sas import connections, ike_sas


def health(name):
    """{"healthy": release}; Refused with everything that is not as the release says."""
    waiting = apply.pending()
    confirmed = apply.current()
    running = (waiting or confirmed or {"release": None})["release"]
    if running is None or (name is not None and running != name):
        raise Refused(f"release {(name or '')[:12]} is not applied here")
    manifest = bundle.manifest_of(running)
    clock.check_release(running, manifest)
    found = [
        f"{service} is not running" for service in daemons.SERVICES if not daemons.active(service)
    ]
    if not found:
        missing = sorted(set(manifest["expects"]["connections"]) - set(connections()))
        found += [f"strongSwan did not take connection {connection}" for connection in missing]
        found += neighbours_missing(manifest["expects"]["neighbours"])
        found += clock.peers_not_valid_yet()
        found += standing.fallen(waiting["before"], manifest["expects"]) if waiting and "before" in waiting else []
    if found:
        raise Refused(f"{manifest['gateway']}: {'; '.join(found)}")
    return {"healthy": running}


def tunnels_missing():
    """Tunnels of the confirmed release that have no child SA."""
    confirmed = apply.current()
    if confirmed is None:
        return set()
    up = {
        name
        for name, sa in ike_sas()
        if any(child.get("state") == "INSTALLED" for child in sa.get("child-sas", {}).values())
    }
    return set(bundle.manifest_of(confirmed["release"])["expects"]["connections"]) - up


def sessions_missing():
    """BGP neighbours of the confirmed release without a session."""
    confirmed = apply.current()
    if confirmed is None:
        return set()
    return set(bundle.manifest_of(confirmed["release"])["expects"]["neighbours"]) - set(standing.neighbours())


def neighbours_missing(expected):
    if attempt("vtysh", "-c", "show bgp summary json").returncode != 0:
        return ["FRR does not answer"]
    present = run("vtysh", "-c", "show bgp neighbors json")
    return [f"FRR did not take neighbour {neighbour}" for neighbour in expected if f'"{neighbour}"' not in present]
