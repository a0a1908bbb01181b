"""Whether this machine's clock can be right: by the certificates that must be valid now. Trunkline sets no clock."""

import re
import ssl
import time

from .place import Refused, place, release_folder
from .programs import attempt

OWN = "/etc/swanctl/x509/trunkline.pem"
AUTHORITIES = "/etc/swanctl/x509ca/"


def check_release(name, manifest):
    """Refused when a certificate of the release is not valid by this machine's clock."""
    found = [
        complaint
        for path in manifest["files"]
        if path == OWN or path.startswith(AUTHORITIES)
        for complaint in complaints(path, f"{release_folder(name)}/files{path}")
    ]
    if found:
        raise Refused("\n".join(f"{manifest['gateway']}: {complaint}" for complaint in found))


def complaints(path, file):
    dates = dates_of(file)
    if dates is None:
        # No certificate at all: strongSwan's trial says so, with its own words.
        return []
    begins, ends = dates
    now = time.time()
    if now < begins:
        return [f"{path} is valid from {stamp(begins)}, and the clock here says {stamp(now)}: it is behind; set it"]
    if now > ends:
        return [
            f"{path} ended at {stamp(ends)}, and the clock here says {stamp(now)}: "
            "renew the certificate, or set the clock if it is ahead"
        ]
    return []


def dates_of(file):
    """(notBefore, notAfter) in seconds since 1970 of the first certificate, or None."""
    done = attempt("openssl", "x509", "-noout", "-dates", "-in", str(file))
    found = dict(re.findall(r"^(notBefore|notAfter)=(.+)$", done.stdout, re.M))
    if done.returncode != 0 or len(found) != 2:
        return None
    return ssl.cert_time_to_seconds(found["notBefore"]), ssl.cert_time_to_seconds(found["notAfter"])


def peers_not_valid_yet():
    """A peer that authenticated cannot have a certificate of tomorrow: then it is we who live in yesterday."""
    found = []
    subject = None
    for line in attempt("swanctl", "--list-certs", "--type", "x509").stdout.splitlines():
        named = re.match(r'\s*subject:\s+"(.*)"', line)
        if named:
            subject = named.group(1)
        elif re.search(r"not before .*not valid yet", line):
            found.append(f"the clock is behind: the certificate of {subject} is not valid yet, it says")
    return found


def own_dates():
    return dates_of(place(OWN))


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
