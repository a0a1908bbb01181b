"""The lab's agent: runs programs and opens streams in a lab kernel, asked over a serial line (frames.py).

Python 3 standard library, one thread. As process 1 (the fabric) it also mounts what it needs and reaps orphans.
"""

import collections
import errno
import json
import os
import selectors
import signal
import struct
import sys
import termios
import time
import tty

from channel import BACKLOG, ENVIRONMENT, Channel
from frames import CLOSE, CREDIT, DATA, EOF, HELLO, OPEN, PING, PONG, READ, READY, RESIZE, Parser, frame

# READ is sent for at least so many bytes.
READ_STEP = 512


class Agent:
    def __init__(self, line, described):
        self.line = line
        self.described = described
        self.nonce = os.urandom(8).hex()
        self.greeted = False
        self.parser = Parser()
        self.counted_from = 0
        self.reported = 0
        self.sent = 0
        self.expected = 0
        self.outgoing = collections.deque()
        self.flushed = 0
        self.waiting = 0
        self.channels = {}
        self.programs = {}
        self.selector = selectors.DefaultSelector()
        self.announced = 0.0
        self.wake_read, wake_write = os.pipe()
        for fd in (self.wake_read, wake_write):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.selector.register(self.wake_read, selectors.EVENT_READ)
        self.selector.register(self.line, selectors.EVENT_READ)

    def send(self, kind, channel, payload):
        self.queue(frame(kind, channel, self.sent, payload))
        self.sent += 1

    def queue(self, whole):
        self.outgoing.append(whole)
        self.waiting += len(whole)

    def announce(self):
        self.announced = time.monotonic()
        ready = json.dumps({"nonce": self.nonce, "pid": os.getpid()} | self.described).encode()
        self.queue(frame(READY, 0, 0, ready))

    def forget(self, fd):
        try:
            self.selector.unregister(fd)
        except (KeyError, ValueError):
            pass

    def close(self, fd):
        self.forget(fd)
        os.close(fd)

    def want(self, fd, events, channel):
        try:
            key = self.selector.get_key(fd)
        except KeyError:
            if events:
                self.selector.register(fd, events, channel)
            return
        if not events:
            self.selector.unregister(fd)
        elif key.events != events or key.data is not channel:
            self.selector.modify(fd, events, channel)

    def interests(self):
        """What to wait for, from the state of each channel; cheap for the few channels that a lab has."""
        busy = self.waiting >= BACKLOG
        self.want(self.line, selectors.EVENT_READ | (selectors.EVENT_WRITE if self.outgoing else 0), None)
        for channel in list(self.channels.values()):
            if channel.connecting:
                continue
            wanted = {}
            for fd in channel.sources:
                wanted[fd] = 0 if busy or channel.credit <= 0 else selectors.EVENT_READ
            if channel.sink is not None:
                wanted[channel.sink] = wanted.get(channel.sink, 0) | (selectors.EVENT_WRITE if channel.pending else 0)
            for fd, events in wanted.items():
                self.want(fd, events, channel)

    def run(self):
        self.announce()
        while True:
            for channel in list(self.channels.values()):
                if channel.status is not None and channel.credit > 0 and self.waiting < BACKLOG:
                    channel.exited(channel.status)
            self.interests()
            for key, events in self.selector.select(self.patience()):
                if key.fd == self.wake_read:
                    self.reap()
                elif key.fd == self.line:
                    if events & selectors.EVENT_WRITE:
                        self.flush()
                    if events & selectors.EVENT_READ:
                        self.hear()
                elif key.data is not None and key.data.number in self.channels:
                    self.serve(key.data, key.fd, events)
            self.tick()

    def patience(self):
        now = time.monotonic()
        ends = [channel.deadline for channel in self.channels.values() if channel.deadline is not None]
        if not self.greeted:
            ends.append(self.announced + 1)
        return None if ends == [] else max(0.0, min(ends) - now)

    def tick(self):
        now = time.monotonic()
        for channel in list(self.channels.values()):
            if channel.deadline is not None and now >= channel.deadline:
                channel.deadline = None
                channel.timed_out = True
                if channel.connecting:
                    channel.fail("ConnectFailed", "no answer before the deadline", "ETIMEDOUT")
                else:
                    channel.kill()
        if not self.greeted and now >= self.announced + 1:
            self.announce()

    def serve(self, channel, fd, events):
        if channel.connecting:
            return channel.connected()
        if events & selectors.EVENT_WRITE:
            channel.write()
        if events & selectors.EVENT_READ and fd in channel.sources and channel.credit > 0:
            channel.read(fd)

    def flush(self):
        while self.outgoing:
            head = self.outgoing[0]
            try:
                count = os.write(self.line, head[self.flushed : self.flushed + 4096])
            except BlockingIOError:
                return
            self.flushed += count
            self.waiting -= count
            if self.flushed == len(head):
                self.outgoing.popleft()
                self.flushed = 0

    def hear(self):
        try:
            data = os.read(self.line, 65536)
        except BlockingIOError:
            return
        if not data:
            # The line was hung up: whoever started us opens it anew.
            sys.exit(0)
        for kind, number, sequence, payload in self.parser.feed(data):
            if kind == HELLO:
                if json.loads(payload)["nonce"] == self.nonce:
                    self.reset()
                    self.counted_from = self.reported = self.parser.passed()
                continue
            if not self.greeted:
                continue
            if sequence != self.expected:
                # Something was lost. The host hears READY again and fails what it had open; so do we.
                self.nonce = os.urandom(8).hex()
                self.reset(greeted=False)
                self.parser = Parser()
                self.announce()
                return
            self.expected += 1
            self.obey(kind, number, payload)
        if self.greeted and self.parser.fed - self.reported >= READ_STEP:
            self.reported = self.parser.fed
            self.send(READ, 0, struct.pack(">Q", self.reported - self.counted_from))

    def reset(self, greeted=True):
        for channel in list(self.channels.values()):
            channel.kill()
            channel.fail("LineFault", "the line lost bytes")
        # Counted anew; what still waits belongs to the time before, but a frame that has begun must end.
        begun = [self.outgoing[0]] if self.flushed > 0 else []
        self.outgoing = collections.deque(begun)
        self.waiting = sum(map(len, begun)) - self.flushed
        self.sent = 0
        self.expected = 1
        self.greeted = greeted
        if greeted:
            self.send(PONG, 0, b"")

    def obey(self, kind, number, payload):
        if kind == OPEN:
            return self.open(number, json.loads(payload))
        if kind == PING:
            return self.send(PONG, number, payload)
        channel = self.channels.get(number)
        if channel is None:
            return
        if kind == DATA:
            channel.take(payload)
        elif kind == EOF:
            channel.sink_ends = True
            channel.write()
        elif kind == CREDIT:
            channel.credit += struct.unpack(">I", payload)[0]
        elif kind == CLOSE:
            channel.close()
        elif kind == RESIZE:
            channel.resize(json.loads(payload))

    def open(self, number, asked):
        channel = self.channels[number] = Channel(self, number, asked)
        makers = {"exec": channel.spawn, "terminal": channel.spawn_terminal, "connect": channel.connect}
        try:
            makers[asked["kind"]](asked)
        except FileNotFoundError as error:
            missing = str(error.filename)
            if missing.startswith("/run/netns/"):
                channel.fail("NoSuchNamespace", f"there is no network namespace {asked.get('namespace')}")
            else:
                channel.fail("ProgramNotFound", f"{asked['argv'][0]}: no such program")
        except OSError as error:
            code = "ConnectFailed" if asked["kind"] == "connect" else "StartFailed"
            channel.fail(code, error.strerror or str(error), errno.errorcode.get(error.errno))
        except (KeyError, TypeError, ValueError) as error:
            channel.fail("BadRequest", f"{type(error).__name__}: {error}")

    def reap(self):
        try:
            while os.read(self.wake_read, 4096):
                pass
        except BlockingIOError:
            pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            channel = self.programs.pop(pid, None)
            if channel is not None and channel.number in self.channels:
                channel.exited(status)


def be_init():
    """Process 1 of the fabric: no systemd there, it would only cost time."""
    os.umask(0o022)
    os.environ.update(ENVIRONMENT)
    os.system(
        "mount -t sysfs sysfs /sys; mountpoint -q /dev || mount -t devtmpfs devtmpfs /dev; mkdir -p /dev/pts /dev/shm;"
        "mount -t devpts devpts /dev/pts; mount -t tmpfs tmpfs /dev/shm; mount -t tmpfs tmpfs /tmp;"
        "mount -t tmpfs -o mode=755 tmpfs /var/log; mkdir -p /run/netns /run/lock /run/frr;"
        "mount --bind /run/netns /run/netns; mount --make-shared /run/netns; hostname fabric; ip link set lo up"
    )


def open_line(name):
    """A device, or `fd:N`, a socket that is there already."""
    if name.startswith("fd:"):
        line = int(name[3:])
        os.set_blocking(line, False)
        os.set_inheritable(line, False)
        return line
    line = os.open(name, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    tty.setraw(line, termios.TCSANOW)
    termios.tcflush(line, termios.TCIOFLUSH)
    return line


def read_text(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def main(name):
    if os.getpid() == 1:
        be_init()
    line = open_line(name)
    os.chdir("/")
    uptime = float(read_text("/proc/uptime").split()[0])
    Agent(line, {"boot": read_text("/proc/sys/kernel/random/boot_id"), "uptime": uptime}).run()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "/dev/ttyS0")
