"""The daemons' own checkers judge a release before any of it is in place."""

import tempfile

from . import trial
from .blame import complaints, line_of
from .place import Refused, release_folder
from .programs import attempt


PROGRAM = "/usr/local/sbin/trunkline-gateway"


def check(name, manifest):
    """Refused with gateway, file and line of everything that a daemon would not take."""
    staged = f"{release_folder(name)}/files"
    units = [path for path in manifest["files"] if path.startswith("/etc/systemd/system/") and path.endswith(".service")]
    found = [
        complaint
        for path in manifest["files"]
        for complaint in check_file(path, f"{staged}{path}")
    ] + check_units(units, staged) or trial.complaints(staged, manifest["keyEpoch"])
    if found:
        raise Refused("\n".join(f"{manifest['gateway']}: {complaint}" for complaint in found))


def check_file(path, staged):
    if path == "/etc/frr/frr.conf":
        return complaints(path, staged, attempt("vtysh", "-C", "-f", staged))
    if path == "/etc/nftables.conf":
        return complaints(path, staged, attempt("nft", "-c", "-f", staged))
    if path.startswith("/etc/ssh/sshd_config.d/"):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as alone:
            alone.write(open(staged, encoding="utf-8").read())
            alone.flush()
            return complaints(path, alone.name, attempt("sshd", "-t", "-f", alone.name))
    if path.startswith("/etc/swanctl/conf.d/") or path == "/etc/strongswan.conf":
        return unbalanced(path, staged)
    return []


def check_units(paths, staged):
    """As they will stand: the program that they start is installed by this very release."""
    with tempfile.TemporaryDirectory() as folder:
        copies = {f"{folder}/{path.rsplit('/', 1)[1]}": path for path in paths}
        for copy, path in copies.items():
            with open(f"{staged}{path}", encoding="utf-8") as file, open(copy, "w", encoding="utf-8") as written:
                written.write(file.read().replace(PROGRAM, f"{staged}{PROGRAM}"))
        if not copies:
            return []
        done = attempt("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *copies)
    # What systemd ignores it only mentions, with the file; what it refuses, at times with the unit's name alone. What it
    # mentions of other units is not ours.
    found = [
        f"{path}{line_of(text)}: {text.replace(copy, path)}"
        for text in done.stderr.splitlines()
        for copy, path in copies.items()
        if text.startswith(copy) or (done.returncode != 0 and text.startswith(path.rsplit("/", 1)[1]))
    ]
    return found or complaints("/etc/systemd/system", folder, done)


def unbalanced(path, staged):
    """A brace too few would make the next section a part of this one, which strongSwan may well take."""
    depth = 0
    for number, line in enumerate(open(staged, encoding="utf-8"), 1):
        bare = line.split("#")[0]
        depth += bare.count("{") - bare.count("}")
        if depth < 0:
            return [f"{path}:{number}: a brace closes what nothing opened"]
    return [f"{path}:{number}: a brace is not closed"] if depth else []
