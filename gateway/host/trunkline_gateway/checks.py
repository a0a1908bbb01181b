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
    found = [
        complaint
        for path in manifest["files"]
        for complaint in check_file(path, f"{staged}{path}")
    ] or trial.complaints(staged, manifest["keyEpoch"])
    if found:
        raise Refused("\n".join(f"{manifest['gateway']}: {complaint}" for complaint in found))


def check_file(path, staged):
    if path == "/etc/frr/frr.conf":
        return complaints(path, staged, attempt("vtysh", "-C", "-f", staged))
    if path == "/etc/nftables.conf":
        return complaints(path, staged, attempt("nft", "-c", "-f", staged))
    if path.startswith("/etc/systemd/system/") and path.endswith(".service"):
        return check_unit(path, staged)
    if path.startswith("/etc/ssh/sshd_config.d/"):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as alone:
            alone.write(open(staged, encoding="utf-8").read())
            alone.flush()
            return complaints(path, alone.name, attempt("sshd", "-t", "-f", alone.name))
    if path.startswith("/etc/swanctl/conf.d/") or path == "/etc/strongswan.conf":
        return unbalanced(path, staged)
    return []


def check_unit(path, staged):
    """As it will stand: the program that it starts is installed by this very release."""
    with open(staged, encoding="utf-8") as file, tempfile.TemporaryDirectory() as folder:
        program = staged[: -len(path)] + PROGRAM
        alone = f"{folder}/{path.rsplit('/', 1)[1]}"
        with open(alone, "w", encoding="utf-8") as copy:
            copy.write(file.read().replace(PROGRAM, program))
        done = attempt("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", alone)
        # What systemd ignores it only mentions; what it mentions of other units is not ours.
        return [
            f"{path}{line_of(text)}: {text.replace(alone, path)}"
            for text in done.stderr.splitlines()
            if text.startswith(alone)
        ] or complaints(path, alone, done)


def unbalanced(path, staged):
    """A brace too few would make the next section a part of this one, which strongSwan may well take."""
    depth = 0
    for number, line in enumerate(open(staged, encoding="utf-8"), 1):
        bare = line.split("#")[0]
        depth += bare.count("{") - bare.count("}")
        if depth < 0:
            return [f"{path}:{number}: a brace closes what nothing opened"]
    return [f"{path}:{number}: a brace is not closed"] if depth else []
