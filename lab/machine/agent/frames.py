"""Frames on the line, both ways, big-endian (lab/machine/frames.ts is the other end):

    magic 0x5AA7 (2) | type (1) | channel (4) | sequence (4) | length (4) | CRC-32 of these | payload | CRC-32 of it

After each start the agent sends READY with a nonce; the host answers HELLO with it, and both count sequences from
zero. A frame that is damaged is skipped; the gap in the sequence numbers then ends every open channel, because bytes
of some stream are gone. Each direction of a channel has a window of WINDOW bytes, renewed by CREDIT. READ tells how many
bytes have been read since HELLO: the host never has more under way than the terminal layer buffers (4096), because a
user-mode Linux line that was throttled once never wakes up again (arch/um/drivers/line.c, line_unthrottle).
"""

import struct
import zlib

MAGIC = 0x5AA7
HEADER = struct.Struct(">HBIII")
READY, HELLO, OPEN, DATA, ERRORS, EOF, CREDIT, OPENED, END, CLOSE, RESIZE, PING, PONG, READ = range(1, 15)
WINDOW = 128 * 1024
LONGEST = 4 * 1024 * 1024


def frame(kind, channel, sequence, payload):
    header = HEADER.pack(MAGIC, kind, channel, sequence & 0xFFFFFFFF, len(payload))
    return b"".join((header, checksum(header), payload, checksum(payload)))


def checksum(data):
    return struct.pack(">I", zlib.crc32(data))


class Parser:
    """Frames out of bytes; anything that is no whole, undamaged frame is skipped, byte by byte."""

    def __init__(self):
        self.buffer = bytearray()
        self.fed = 0

    def passed(self):
        """Bytes that belong to frames already returned, or were skipped."""
        return self.fed - len(self.buffer)

    def feed(self, data):
        """Yields frames; `passed()` counts up to the frame just returned."""
        self.buffer += data
        self.fed += len(data)
        while True:
            start = self.buffer.find(b"\x5a\xa7")
            if start < 0:
                keep = 1 if self.buffer.endswith(b"\x5a") else 0
                del self.buffer[: len(self.buffer) - keep]
                return
            del self.buffer[:start]
            if len(self.buffer) < HEADER.size + 4:
                return
            _, kind, channel, sequence, length = HEADER.unpack_from(self.buffer)
            start = HEADER.size + 4
            # A length is only believed when the header's own checksum holds: a false one would swallow what follows.
            if length > LONGEST or self.buffer[HEADER.size : start] != checksum(self.buffer[: HEADER.size]):
                del self.buffer[:1]
                continue
            if len(self.buffer) < start + length + 4:
                return
            payload = bytes(self.buffer[start : start + length])
            if self.buffer[start + length : start + length + 4] != checksum(payload):
                del self.buffer[:1]
                continue
            del self.buffer[: start + length + 4]
            yield kind, channel, sequence, payload
