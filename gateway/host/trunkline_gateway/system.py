"""A release is written for one system: another's daemons may not know its words."""

import re

from .place import Refused, place


def require(manifest):
    """Refused when the machine runs another system, as after an upgrade by hand. Before anything changes."""
    wanted, here = manifest.get("system"), running()
    if wanted is not None and here is not None and wanted != here:
        raise Refused(
            f"{manifest['gateway']}: the release is for {wanted}, and this machine runs {here}: "
            "replace the machine (raise its image epoch)"
        )


def running():
    """`debian-12`, `ubuntu-24.04`; None where nothing says so (os-release(5))."""
    try:
        text = place("/etc/os-release").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    known = dict(re.findall(r'^(ID|VERSION_ID)="?([\w.-]+)"?$', text, re.MULTILINE))
    return f"{known.get('ID')}-{known.get('VERSION_ID')}" if len(known) == 2 else None
