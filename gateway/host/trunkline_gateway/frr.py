"""Questions to FRR, answered in JSON."""

import json

from .programs import attempt


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
