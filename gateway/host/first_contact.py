"""What a new machine is asked before its first release: a host key of its own, and a certificate request.

Piped to `python3 -` over SSH, so it is one file and needs nothing but Debian's Python and openssh, openssl.
Keys are made here and never leave the machine. Both questions give the same answer when asked again.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = os.environ.get("TRUNKLINE_ROOT", "")
HOST_KEY = "/etc/ssh/trunkline_host_ed25519"
SSHD_CONFIG = "/etc/ssh/sshd_config.d/45-trunkline-host-key.conf"
KEYS = "/var/lib/trunkline/keys"
# By what a fleet file calls them (fleet/key-algorithm.ts).
ALGORITHMS = {
    "ecdsa-p256": ("EC", "ec_paramgen_curve:P-256"),
    "rsa-3072": ("RSA", "rsa_keygen_bits:3072"),
    "rsa-4096": ("RSA", "rsa_keygen_bits:4096"),
}


OPTIONS = ["--identity", "--epoch", "--algorithm"]


def place(path):
    return pathlib.Path(ROOT + path)


def run(*words, **options):
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{words[0]} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def write(path, text, mode):
    """Whole or not at all, also when the power goes."""
    target = place(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)


def host_key():
    key = place(HOST_KEY)
    if not key.exists():
        key.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=key.parent) as folder:
            draft = pathlib.Path(folder) / "key"
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "trunkline", "-f", str(draft))
            # The private key last: while it is absent, both are made anew.
            write(f"{HOST_KEY}.pub", pathlib.Path(f"{draft}.pub").read_text(encoding="utf-8"), 0o644)
            write(HOST_KEY, draft.read_text(encoding="utf-8"), 0o600)
    write(SSHD_CONFIG, f"HostKey {HOST_KEY}\n", 0o644)
    run("sshd", "-t") if not ROOT else None
    run("systemctl", "reload", "ssh")
    words = pathlib.Path(f"{key}.pub").read_text(encoding="utf-8").split()
    return {"hostKey": " ".join(words[:2])}


def certificate_request(identity, epoch, algorithm):
    # Its own name, and after a comma its pair's where that shares an address.
    names = identity.split(",")
    for name in names:
        if len(names) > 2 or not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?", name):
            sys.exit(f"{name!r} is no name that a certificate of a gateway may carry")
    if not re.fullmatch(r"[1-9][0-9]{0,5}", epoch):
        sys.exit(f"{epoch!r} is no key epoch")
    if algorithm not in ALGORITHMS:
        sys.exit(f"{algorithm!r} is no kind of key that a gateway makes: {', '.join(ALGORITHMS)}")
    folder = place(KEYS)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.chmod(folder, 0o700)
    key = folder / f"{epoch}.pem"
    if not key.exists():
        kind, option = ALGORITHMS[algorithm]
        made = run("openssl", "genpkey", "-algorithm", kind, "-pkeyopt", option)
        write(f"{KEYS}/{epoch}.pem", made, 0o600)
    # The common name is for people and holds 64 characters at most (X.520); what counts is the alternative name.
    csr = run(
        "openssl", "req", "-new", "-key", str(key), "-sha256", "-subj", f"/CN={names[0]}",
        "-addext", f"subjectAltName={','.join(f'DNS:{name}' for name in names)}",
    )  # fmt: skip
    return {"csr": csr}


def main(words):
    os.umask(0o077)
    if words == ["hostkey"]:
        print(json.dumps(host_key()))
    elif words[:1] == ["csr"] and len(words) == 7 and words[1::2] == OPTIONS:
        print(json.dumps(certificate_request(*words[2::2])))
    else:
        print("usage: first_contact hostkey | csr --identity FQDN[,FQDN] --epoch N --algorithm WORD", file=sys.stderr)
        sys.exit(2)


main(sys.argv[1:])
