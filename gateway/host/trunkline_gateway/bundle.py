"""A release is put together from files by their hash, and kept under the hash of its manifest."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import tempfile

from . import transfer
from .compiled import compile_program
from .place import STATE, Refused, place, release_folder, sync_folder, write

# Confirmed releases that stay besides the running one: `rollback` goes back over them.
OLD_RELEASES_KEPT = 3


def stage(lines):
    """Takes what comes, checks every hash, then keeps the release; the same release again changes nothing."""
    first = lines.readline(transfer.LARGEST).strip()
    # A whole bundle begins with the program that receives it, which is here already.
    manifest_text = lines.readline(transfer.LARGEST).strip() if first.startswith("trunkline.bundle/2 ") else first
    manifest = parse_manifest(manifest_text)
    for path in manifest["files"]:
        check_path(path)
    transfer.receive(lines)
    name = hashlib.sha256(manifest_text.encode()).hexdigest()
    here = transfer.known()
    lacking = [path for path, about in manifest["files"].items() if about["sha256"] not in here]
    if lacking:
        raise Refused(f"{len(lacking)} files of the release have not come, {lacking[0]} first: push again, it goes on")
    if not whole(name, manifest):
        keep(name, manifest_text, manifest, here)
    shutil.rmtree(place(transfer.INCOMING), ignore_errors=True)
    return name


def whole(name, manifest):
    try:
        return manifest_of(name) == manifest
    except Refused:
        return False


def keep(name, manifest_text, manifest, here):
    folder = release_folder(name)
    releases = place(f"{STATE}/releases")
    releases.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = pathlib.Path(tempfile.mkdtemp(dir=releases, prefix=".draft-"))
    try:
        for path, about in manifest["files"].items():
            write(f"{draft}/files{path}", here[about["sha256"]].read_bytes(), int(about["mode"], 8))
        compile_program(f"{draft}/files")
        write(draft / "manifest.json", manifest_text.encode())
        # Damaged, or this would not be reached.
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    sync_folder(releases)


def parse_manifest(text):
    try:
        manifest = json.loads(text)
        if manifest["format"] != "trunkline.release/1":
            raise Refused(f"this program reads trunkline.release/1, not {manifest['format']}")
        for about in manifest["files"].values():
            int(about["mode"], 8)
        manifest["gateway"], manifest["packages"], manifest["keyEpoch"], manifest["expects"]
        return manifest
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(f"what came is no bundle: its manifest is damaged ({error})") from error


def check_path(path):
    """Only plain absolute paths in folders that a release may write."""
    plain = re.fullmatch(r"(/[A-Za-z0-9._@-]+)+", path) and "/../" not in path and "/./" not in path
    if not plain or not path.startswith(("/etc/", "/usr/local/")):
        raise Refused(f"a release may not write {path}")


def manifest_of(name):
    """The manifest of a kept release, its files checked again: a disk may have lost what was not synced."""
    if not re.fullmatch(r"[0-9a-f]{64}", name):
        raise Refused(f"{name!r} is no release")
    folder = release_folder(name)
    try:
        text = (folder / "manifest.json").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise Refused(f"release {name[:12]} is not staged here") from error
    if hashlib.sha256(text.encode()).hexdigest() != name:
        raise Refused(f"the manifest of release {name[:12]} is damaged; stage it again")
    manifest = parse_manifest(text)
    for path, about in manifest["files"].items():
        try:
            data = (folder / f"files{path}").read_bytes()
        except FileNotFoundError as error:
            raise Refused(f"release {name[:12]} lacks {path}; stage it again") from error
        if hashlib.sha256(data).hexdigest() != about["sha256"]:
            raise Refused(f"{path} of release {name[:12]} is damaged; stage it again")
    return manifest


def prune(keep):
    """Releases that are neither current nor a way back."""
    for folder in place(f"{STATE}/releases").iterdir():
        if folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)
