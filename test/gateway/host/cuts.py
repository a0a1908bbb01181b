"""Cuts a transfer anywhere, again and again, and asks what is still missing, as the push script does.

    cuts.py PACKAGE BUNDLE CUT,CUT,… …   one word per try: where each of its transfers is cut, as a part of 1000

Prints a JSON list per try: how many contents were sent in each transfer, and whether the release is whole at the end.
"""

import io
import json
import os
import pathlib
import shutil
import sys
import tempfile

package, bundle_file, *tries = sys.argv[1:]
sys.path.insert(0, package)
bundle = pathlib.Path(bundle_file).read_text(encoding="utf-8").splitlines(keepends=True)
program, manifest, *contents = bundle

for cuts in tries:
    root = tempfile.mkdtemp(dir=os.environ["TMPDIR"])
    os.environ["TRUNKLINE_ROOT"] = root
    for name in [name for name in sys.modules if name.startswith("trunkline_gateway")]:
        del sys.modules[name]
    from trunkline_gateway import bundle as bundles, transfer
    from trunkline_gateway.place import Refused

    sent = []
    whole = None
    for part in [*map(int, cuts.split(",")), 1000]:
        lacking = set(transfer.missing(manifest.strip()))
        lines = [line for line in contents if line.split(" ")[0] in lacking]
        sent.append(len(lines))
        text = program + manifest + "".join(lines)
        head = len(program + manifest)
        whole_text = text[: head + (len(text) - head) * part // 1000]
        try:
            whole = bundles.stage(io.StringIO(whole_text))
        except Refused:
            whole = None
    print(json.dumps({"sent": sent, "whole": whole}))
    shutil.rmtree(root)
