"""The daemons' own checkers judge a release before any of it is in place."""

import re
import tempfile

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
    ]
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
    if path.startswith("/etc/swanctl/conf.d/"):
        return unbalanced(path, staged)
    return []


def check_unit(path, staged):
    """As it will stand: the program that it starts is installed by this very release."""
    with open(staged, encoding="utf-8") as file, tempfile.TemporaryDirectory() as folder:
        program = staged[: -len(path)] + PROGRAM
        alone = f"{folder}/{path.rsplit('/', 1)[1]}"
        with open(alone, "w", encoding="utf-8") as copy:
            copy.write(file.read().replace(PROGRAM, program))
        return complaints(path, alone, attempt("systemd-analyze", "verify", "--man=no", alone))


def complaints(path, staged, done):
    if done.returncode == 0:
        return []
    said = [line.strip() for line in f"{done.stderr}\n{done.stdout}".splitlines() if line.strip()]
    return [f"{path}{line_of(text)}: {text.replace(staged, path)}" for text in said[:20]] or [
        f"{path}: refused with exit code {done.returncode}"
    ]


def line_of(text):
    """Checkers write `file:12:3`, `line 12` or `failure on line 12`."""
    found = re.search(r"(?:\bline[: ]+|:)(\d+)(?::\d+)?", text)
    return f":{found.group(1)}" if found else ""


def unbalanced(path, staged):
    """swanctl checks only what it loads; a brace too few would swallow the next section before that."""
    depth = 0
    for number, line in enumerate(open(staged, encoding="utf-8"), 1):
        bare = line.split("#")[0]
        depth += bare.count("{") - bare.count("}")
        if depth < 0:
            return [f"{path}:{number}: a brace closes what nothing opened"]
    return [f"{path}:{number}: a brace is not closed"] if depth else []
