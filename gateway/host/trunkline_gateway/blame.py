"""From what a program says to the file and the line that it means."""

import re

CONNECTIONS = "/etc/swanctl/conf.d/trunkline.conf"


def complaints(path, staged, done):
    """One sentence per line that a checker printed, each with the path as it will stand on the gateway."""
    if done.returncode == 0:
        return []
    said = [line.strip() for line in f"{done.stderr}\n{done.stdout}".splitlines() if line.strip()]
    # What comes without a place repeats the line, or points below it.
    said = [text for text in said if line_of(text)] or said
    return [f"{path}{line_of(text)}: {text.replace(staged, path)}" for text in said[:20]] or [
        f"{path}: refused with exit code {done.returncode}"
    ]


def line_of(text):
    """Checkers write `file:12:3`, `line 12`, `on line 12:`."""
    found = re.search(r"(?:\bline[: ]+|[^\s:]:)(\d+)(?=[:\s]|$)", text)
    return f":{found.group(1)}" if found else ""


def with_lines(done, place):
    """
    swanctl's complaints. It names a connection and a setting, not where they stand:
    `loading connection 'NAME' failed: invalid value for: SETTING, config discarded`. A credential that it cannot read
    it mentions, and exits with 0.
    """
    found = []
    for line in map(str.strip, f"{done.stderr}\n{done.stdout}".splitlines()):
        named = re.match(r"loading connection '([^']+)' failed(?:: (?:invalid value for|unknown option): ([\w.-]+))?", line)
        if named:
            found.append(f"{CONNECTIONS}:{line_in(place(CONNECTIONS), *named.groups())}: {line}")
        elif re.match(r"(loading|parsing|building|opening|reading) .*failed", line):
            file = re.search(r"'(/[^']+)'", line)
            found.append(f"{file.group(1)}: {line}" if file else line)
        elif re.search(r"syntax error|invalid config file", line):
            # One file that cannot be read, whoever wrote it, and swanctl sees no connection at all; it exits with 0.
            found.append(line)
        elif done.returncode != 0 and re.search(r"error|invalid|unable", line):
            found.append(line)
    return found


def line_in(file, connection, setting):
    """Where the setting stands in the connection; where the connection begins, if it has no such line."""
    start = 0
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if start == 0 and re.match(rf"  {re.escape(connection)} \{{", line):
            start = number
        elif start and re.match(r"  \}", line):
            break
        elif start and setting and re.match(rf"\s+{re.escape(setting)} =", line):
            return number
    return start
