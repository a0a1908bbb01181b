"""`ssh` in a recorded lab: hands its arguments and input to the lab, which answers for the machine.

    ssh.py SOCKET ARGUMENT...
"""

import base64
import json
import os
import socket
import sys


def main(path, arguments):
    # `-n` and a terminal mean that nobody feeds us.
    silent = "-n" in arguments or sys.stdin is None or sys.stdin.isatty()
    stdin = b"" if silent else sys.stdin.buffer.read()
    try:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.connect(path)
    except OSError as error:
        print(f"ssh: the lab does not answer ({error.strerror})", file=sys.stderr)
        return 255
    request = {
        "id": 1,
        "op": "ssh",
        "argv": arguments,
        "stdin": base64.b64encode(stdin).decode(),
        "workingDirectory": os.getcwd(),
    }
    line.sendall((json.dumps(request) + "\n").encode())
    with line.makefile("r", encoding="utf-8") as answers:
        said = json.loads(answers.readline() or '{"ok": false, "message": "the lab closed the connection"}')
    if not said["ok"]:
        print(f"ssh: {said['message']}", file=sys.stderr)
        return 255
    sys.stdout.write(said["value"]["stdout"])
    sys.stderr.write(said["value"]["stderr"])
    return said["value"]["code"]


sys.exit(main(sys.argv[1], sys.argv[2:]))
