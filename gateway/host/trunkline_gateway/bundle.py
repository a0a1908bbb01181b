"""A release comes as one JSON document and is kept under its hash."""

import base64
import binascii
import hashlib
import json
import os
import pathlib
import re
import shutil
import tempfile

from .place import STATE, Refused, place, release_folder, sync_folder, write

LARGEST = 64 * 1024 * 1024


def stage(text):
    """Checks every hash, then keeps the release; the same release again changes nothing."""
    if len(text) > LARGEST:
        raise Refused("the bundle is larger than any release")
    manifest_text, files = read_bundle(text)
    name = hashlib.sha256(manifest_text.encode()).hexdigest()
    manifest = parse_manifest(manifest_text)
    if sorted(files) != sorted(manifest["files"]):
        raise Refused("the bundle's files are not those of its manifest")
    for path, about in manifest["files"].items():
        check_path(path)
        if hashlib.sha256(files[path]).hexdigest() != about["sha256"]:
            raise Refused(f"{path} does not have the hash that the manifest says")
    folder = release_folder(name)
    if not folder.exists():
        releases = place(f"{STATE}/releases")
        releases.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = pathlib.Path(tempfile.mkdtemp(dir=releases, prefix=".draft-"))
        try:
            for path, about in manifest["files"].items():
                write(f"{draft}/files{path}", files[path], int(about["mode"], 8))
            write(draft / "manifest.json", manifest_text.encode())
            os.replace(draft, folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        sync_folder(releases)
    return name


def read_bundle(text):
    try:
        bundle = json.loads(text)
        files = {path: base64.b64decode(data, validate=True) for path, data in bundle["files"].items()}
        return bundle["manifest"], files
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise Refused(f"what came is no bundle: {error}") from error


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
        raise Refused(f"the manifest is damaged: {error}") from error


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
    """Releases that are neither current nor the way back."""
    for folder in place(f"{STATE}/releases").iterdir():
        if folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)
