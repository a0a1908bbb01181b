"""ProxyCommand of the lab's ssh: a TCP connection from the lab's management host on stdin and stdout.

    connect.py SOCKET ADDRESS PORT

Python because it starts in a fifth of Node's time, and every ssh starts one.
"""

import json
import os
import select
import socket
import sys


def main(path, address, port):
    try:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.connect(path)
    except OSError as error:
        sys.exit(f"The lab does not answer ({error.strerror}): is it up?")
    request = {"id": 1, "op": "connect", "address": address, "port": int(port)}
    line.sendall((json.dumps(request) + "\n").encode())
    heard = b""
    while b"\n" not in heard:
        data = line.recv(65536)
        if not data:
            sys.exit("The lab closed the connection.")
        heard += data
    answer, _, rest = heard.partition(b"\n")
    said = json.loads(answer)
    if not said["ok"]:
        sys.exit(f"{address} port {port}: {said['message']}")
    write(1, rest)
    relay(line)


def relay(line):
    reading = {0: line.fileno(), line.fileno(): 1}
    while reading:
        for source in select.select(list(reading), [], [])[0]:
            data = os.read(source, 65536)
            if data:
                write(reading[source], data)
                continue
            del reading[source]
            if source == 0:
                line.shutdown(socket.SHUT_WR)
            else:
                return


def write(target, data):
    while data:
        data = data[os.write(target, data) :]


try:
    main(*sys.argv[1:4])
except (BrokenPipeError, ConnectionResetError):
    sys.exit(255)
