"""A socket by which the kernel takes ESP in UDP while charon, whose own socket died with it, does not run.

systemd makes the socket and holds it, before this program runs and after it; nftables hands it what came for port 4500
when nobody listens there. The SA decides all else: the kernel looks at nothing but its address, SPI and key.
"""

import os
import socket

from .place import Refused

FIRST = 3
# <linux/udp.h>
UDP_ENCAP = 100
UDP_ENCAP_ESPINUDP = 2


def take():
    """{"ports": [...]} of the sockets that systemd passed on (sd_listen_fds(3)), one for each family that peers are reached by."""
    count = int(os.environ.get("LISTEN_FDS", "0")) if os.environ.get("LISTEN_PID") == str(os.getpid()) else 0
    if count == 0:
        raise Refused("systemd passed no socket: start trunkline-espinudp.socket")
    ports = []
    for number in range(FIRST, FIRST + count):
        with socket.socket(fileno=number) as passed:
            passed.setsockopt(socket.IPPROTO_UDP, UDP_ENCAP, UDP_ENCAP_ESPINUDP)
            ports.append(passed.getsockname()[1])
    return {"ports": ports}
