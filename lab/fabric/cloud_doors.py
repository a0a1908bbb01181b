"""The doors of a cloud in the fabric: each machine's metadata service, DHCP and resolver, and the API on the internet,
over TLS.

What comes in as HTTP is told to the host, a line of JSON each, on standard output; answers come back on standard input,
and so does the lease that DHCP gives. What a cloud does with a request is the host's to know. The first line is the
authority that the API's certificate is from, which machines of the lab trust.
"""

import base64
import json
import os
import pathlib
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

import dhcp
import resolver

METADATA = "169.254.169.254"
ADDRESS, NAMES = sys.argv[1], sys.argv[2].split(",")
KNOWN = {name: ADDRESS for name in NAMES}
LONGEST = 65536
# linux/in.h
IP_PKTINFO, IP_TRANSPARENT = 8, 19
PACKET_INFO = struct.Struct("=i4s4s")

telling = threading.Lock()
waiting = {}


def tell(line):
    with telling:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def socket_in(namespace, kind):
    """It stays in the namespace in which it was made."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        os.setns(there, os.CLONE_NEWNET)
        return socket.socket(socket.AF_INET, kind)
    finally:
        os.setns(home, os.CLONE_NEWNET)
        os.close(there)
        os.close(home)


def listen(namespace, address, port, ttl=None):
    listener = socket_in(namespace, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if ttl is not None:
        # What a machine forwards shall not have it (AWS: the hop limit of the metadata service's answers).
        listener.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
    listener.bind((address, port))
    listener.listen(16)
    return listener


def listen_datagrams(namespace, port):
    """For addresses that the namespace has not: lab/fabric/hosts.ts leads them here."""
    listener = socket_in(namespace, socket.SOCK_DGRAM)
    for level, option in ((socket.SOL_SOCKET, socket.SO_BROADCAST), (socket.SOL_IP, IP_PKTINFO), (socket.SOL_IP, IP_TRANSPARENT)):
        listener.setsockopt(level, option, 1)
    # The machine's side alone.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"host")
    listener.bind(("", port))
    return listener


def serve_datagrams(listener, answer_to):
    """`answer_to` makes of a datagram and the address it came to: the answer, and where it goes from and to."""
    while True:
        try:
            heard, ancillary, _, sender = listener.recvmsg(4096, 128)
        except OSError:
            return
        if listener.fileno() < 0:
            return
        came_to = next((PACKET_INFO.unpack(data)[2] for _, kind, data in ancillary if kind == IP_PKTINFO), None)
        said = answer_to(heard, came_to, sender) if heard and came_to is not None else None
        if said is None:
            continue
        body, source, to = said
        try:
            listener.sendmsg([body], [(socket.SOL_IP, IP_PKTINFO, PACKET_INFO.pack(0, source, bytes(4)))], 0, to)
        except OSError:
            # The machine is gone, or has no address yet: it asks again.
            pass


def lease_for(card):
    def answer_to(heard, _, __):
        number, reply = put_aside()
        tell({"id": number, "door": "lease", "interface": card})
        lease = (reply.get(10) or {}).get("lease")
        said = None if lease is None else dhcp.answer(heard, lease)
        return None if said is None else (said[0], socket.inet_aton(lease["router"]), (said[1], 68))

    return answer_to


def resolve(heard, came_to, sender):
    said = resolver.answer(heard, KNOWN)
    return None if said is None else (said, came_to, sender)


def serve(listener, about, context=None):
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=answer, args=(client, about, context), daemon=True).start()


def answer(client, about, context):
    try:
        client.settimeout(10)
        if context is not None:
            client = context.wrap_socket(client, server_side=True)
        request = read(client)
        if request is None:
            return
        number, reply = put_aside()
        tell({"id": number, **about, **request})
        said = reply.get(10)
        if said is None:
            return
        body = said["body"].encode()
        head = f"HTTP/1.1 {said['status']} -\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        client.sendall(head.encode() + body)
    except OSError:
        pass
    finally:
        client.close()


class Reply:
    def __init__(self):
        self.there = threading.Event()
        self.value = None

    def get(self, seconds):
        return self.value if self.there.wait(seconds) else None


def put_aside():
    with telling:
        number = put_aside.next = getattr(put_aside, "next", 0) + 1
        reply = waiting[number] = Reply()
    return number, reply


def read(client):
    heard = b""
    while b"\r\n\r\n" not in heard:
        part = client.recv(4096)
        if not part or len(heard) > LONGEST:
            return None
        heard += part
    head, _, body = heard.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", "0"))
    while len(body) < min(length, LONGEST):
        part = client.recv(4096)
        if not part:
            return None
        body += part
    return {"method": method, "path": path, "headers": headers, "body": base64.b64encode(body).decode()}


def authority():
    """One of this lab's own, and the API's certificate by it; both live as long as the fabric's kernel."""
    folder = pathlib.Path(tempfile.mkdtemp(dir="/run"))
    names = ",".join(f"DNS:{name}" for name in NAMES)
    (folder / "api.ext").write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n", encoding="utf-8")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650")
    # What Python 3.13 wants by default (VERIFY_X509_STRICT): key usage of an authority, key identifiers of what is by it.
    openssl(folder, "req", "-x509", *curve, "-addext", "keyUsage=critical,keyCertSign", "-subj", "/CN=Authority of a Trunkline lab", "-keyout", "ca.key", "-out", "ca.pem")
    openssl(folder, "req", "-new", *curve[:5], "-subj", "/CN=API of a Trunkline lab", "-keyout", "api.key", "-out", "api.csr")
    openssl(folder, "x509", "-req", "-in", "api.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "3650", "-extfile", "api.ext", "-out", "api.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "api.pem", folder / "api.key")
    digest = openssl(folder, "x509", "-hash", "-noout", "-in", "ca.pem").strip()
    return context, (folder / "ca.pem").read_text(encoding="utf-8"), digest


def openssl(folder, *words):
    return subprocess.run(("openssl", *words), cwd=folder, check=True, capture_output=True, text=True).stdout


def doors():
    """Opens one at each interface of a machine, for as long as that is there."""
    open_doors = {}
    while True:
        there = {}
        for path in pathlib.Path("/run/netns").glob("nic-*"):
            try:
                there[path.name, path.stat().st_ino] = path
            except FileNotFoundError:
                continue
        for gone in set(open_doors) - set(there):
            for listener in open_doors.pop(gone):
                # Whoever waits at it does not notice a close.
                try:
                    listener.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                listener.close()
        for name, inode in set(there) - set(open_doors):
            card = name.removeprefix("nic-")
            try:
                listeners = (listen(name, METADATA, 80, ttl=1), listen_datagrams(name, 67), listen_datagrams(name, 53))
            except OSError:
                # Its address comes a moment after the namespace.
                continue
            open_doors[name, inode] = listeners
            web, lease, names = listeners
            about = {"door": "metadata", "interface": card}
            for how, *what in ((serve, web, about), (serve_datagrams, lease, lease_for(card)), (serve_datagrams, names, resolve)):
                threading.Thread(target=how, args=what, daemon=True).start()
        time.sleep(0.5)


def main():
    context, certificate, digest = authority()
    tell({"authority": certificate, "hash": digest})
    api = listen("internet", ADDRESS, 443)
    threading.Thread(target=serve, args=(api, {"door": "api", "interface": ""}, context), daemon=True).start()
    threading.Thread(target=doors, daemon=True).start()
    for line in sys.stdin:
        said = json.loads(line)
        reply = waiting.pop(said["id"], None)
        if reply is not None:
            reply.value = said
            reply.there.set()


main()
