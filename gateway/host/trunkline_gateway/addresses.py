"""The private address that the pair's public one is moved to: on the machine's own interface, beside its first.

The cloud tells a machine of its first address alone (AWS, "Secondary IP addresses for your EC2 instances"). It stands there
whether or not the public one is here: without that, the cloud lets nothing out that comes from it.
"""

import json

from .place import place, read_json
from .programs import run
from .routes import WANTED

LABEL = ":moved"


def settle():
    """As the release wants it; what an earlier one has left behind goes. Nothing while the first is not there yet."""
    wanted = read_json(place(WANTED)) or {}
    address = wanted.get("address")
    own = address["privateAddresses"][wanted["place"]] if address else None
    found = json.loads(run("ip", "-json", "-4", "addr", "show") or "[]")
    here = [(link["ifname"], at) for link in found if link for at in link.get("addr_info", [])]
    for device, at in here:
        if at.get("label", "").endswith(LABEL) and at["local"] != own:
            run("ip", "addr", "del", f"{at['local']}/{at['prefixlen']}", "dev", device)
    if own is None or any(at["local"] == own for _, at in here):
        return
    for device, at in here:
        if at["local"] == address["beside"]:
            run("ip", "addr", "add", f"{own}/32", "dev", device, "label", f"{device}{LABEL}"[-15:])
