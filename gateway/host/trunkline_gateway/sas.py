"""What strongSwan says, from `swanctl --raw`: `list-sa event {name {key=value list=[a b] child {…}}}`."""

import re

from .place import Refused
from .programs import attempt

TOKEN = re.compile(r"[{}]|([^\s{}=\[\]]+)=\[([^\]]*)\]|([^\s{}=\[\]]+)=([^{}\[\]]*?)(?=\s+[^\s{}=\[\]]+=|\s+[^\s{}=\[\]]+ \{|\s*[{}]|\s*$)|([^\s{}=\[\]]+)")


def parse_raw(line):
    """One line as nested dictionaries; values may hold spaces, lists become lists."""
    root = {}
    stack = [root]
    name = None
    for found in TOKEN.finditer(line):
        whole = found.group(0)
        if whole == "{":
            section = {}
            stack[-1][name] = section
            stack.append(section)
        elif whole == "}":
            if len(stack) < 2:
                raise Refused("swanctl printed what this program does not understand")
            stack.pop()
        elif found.group(1) is not None:
            stack[-1][found.group(1)] = found.group(2).split()
        elif found.group(3) is not None:
            stack[-1][found.group(3)] = found.group(4).strip()
        else:
            name = found.group(5)
    return root


def listed(word, *options):
    """Every event of one `swanctl --list-…`, merged by name; a charon that does not answer has none."""
    merged = []
    for line in attempt("swanctl", f"--list-{word}", "--raw", *options).stdout.splitlines():
        event = re.match(r"list-[a-z]+ event (\{.*\})\s*$", line)
        if event:
            inner = parse_raw(f"event {event.group(1)}").get("event", {})
            merged.extend(inner.items())
    return merged


def connections():
    return [name for name, _ in listed("conns")]


def ike_sas():
    return listed("sas")
