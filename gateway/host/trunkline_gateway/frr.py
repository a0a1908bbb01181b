"""Questions to FRR, answered in JSON, and what it lost of its file."""

import json
import sys

from .place import place
from .programs import attempt, run


def vtysh(*commands):
    """The answers of several questions: a process for each would take most of the time. None: FRR is silent."""
    words = [word for command in commands for word in ("-c", command)]
    text = attempt("vtysh", *words).stdout
    answers = []
    decoder = json.JSONDecoder()
    try:
        for _ in commands:
            text = text.lstrip()
            answer, end = decoder.raw_decode(text)
            answers.append(answer)
            text = text[end:]
    except ValueError:
        return None
    return answers


def lost_routes():
    """
    Static routes of FRR's file that it does not run, as lines. At the start of a busy machine FRR 10.3 may lose all of
    them: mgmtd takes the file, staticd joins it meanwhile, and nobody says a word. The gateway would never tell anybody of
    its own network again.
    """
    file = place("/etc/frr/frr.conf")
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    wanted = [line for line in text.splitlines() if line.startswith(("ip route ", "ipv6 route "))]
    said = attempt("vtysh", "-c", "show running-config") if wanted else None
    if said is None or said.returncode != 0:
        return []
    has = set(said.stdout.splitlines())
    return [line for line in wanted if line not in has]


def take_routes():
    """Gives FRR what it lost of them, and returns it."""
    lost = lost_routes()
    if lost:
        print(f"FRR did not run all of its file, and is given: {', '.join(lost)}", file=sys.stderr)
        run("vtysh", "-c", "configure terminal", *(word for line in lost for word in ("-c", line)))
    return lost
