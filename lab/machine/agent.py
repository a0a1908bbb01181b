"""The lab's agent: runs programs and opens streams in a lab kernel, asked over a serial line.

Frames on the line, both ways, big-endian (lab/machine/frames.ts is the other end):

    magic 0x5AA7 (2) | type (1) | channel (4) | sequence (4) | length (4) | CRC-32 of these | payload | CRC-32 of it

After each start the agent sends READY with a nonce; the host answers HELLO with it, and both count sequences from
zero. A frame that is damaged is skipped; the gap in the sequence numbers then ends every open channel, because bytes
of some stream are gone. Each direction of a channel has a window of WINDOW bytes, renewed by CREDIT. READ tells how many
bytes have been read since HELLO: the host never has more under way than the terminal layer buffers (4096), because a
user-mode Linux line that was throttled once never wakes up again (arch/um/drivers/line.c, line_unthrottle).

Python 3 standard library, one thread. As process 1 (the fabric) it also mounts what it needs and reaps orphans.
"""

import collections
import errno
import fcntl
import json
import os
import selectors
import signal
import socket
import struct
import sys
import termios
import time
import tty
import zlib

MAGIC = 0x5AA7
HEADER = struct.Struct(">HBIII")
READY, HELLO, OPEN, DATA, ERRORS, EOF, CREDIT, OPENED, END, CLOSE, RESIZE, PING, PONG, READ = range(1, 15)
WINDOW = 128 * 1024
LONGEST = 4 * 1024 * 1024
PIECE = 16 * 1024
# More than this waiting for the line: stop reading from programs, so that short answers are not stuck behind them.
BACKLOG = 48 * 1024
# READ is sent for at least so many bytes.
READ_STEP = 512
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "USER": "root",
    "LOGNAME": "root",
    "SHELL": "/bin/bash",
    "LANG": "C.UTF-8",
}


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


class Namespace:
    """Puts the (single) thread into a network namespace for as long as a program or socket is made there."""

    home = None

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        if self.name is None:
            return
        if Namespace.home is None:
            Namespace.home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        there = os.open("/run/netns/" + self.name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.setns(there, os.CLONE_NEWNET)
        finally:
            os.close(there)

    def __exit__(self, *_):
        if self.name is not None:
            os.setns(Namespace.home, os.CLONE_NEWNET)


class Channel:
    """One program or connection. `sources` are read to the host, `sink` is written from it."""

    def __init__(self, agent, number, asked):
        self.agent = agent
        self.number = number
        self.credit = WINDOW
        self.sources = {}
        self.sink = None
        self.pending = bytearray()
        self.sink_ends = False
        self.pid = None
        self.status = None
        self.socket = None
        self.connecting = False
        self.terminal = None
        self.timed_out = False
        seconds = asked.get("deadlineSeconds")
        self.deadline = None if seconds is None else time.monotonic() + seconds

    # What is made

    def spawn(self, asked):
        stdin = asked.get("stdin", False)
        close = []
        actions = []
        try:
            if stdin:
                theirs, ours = os.pipe()
                close.append(theirs)
                self.sink = ours
                os.set_blocking(ours, False)
                actions.append((os.POSIX_SPAWN_DUP2, theirs, 0))
            else:
                actions.append((os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0))
            for target, kind in ((1, DATA), (2, ERRORS)):
                ours, theirs = os.pipe()
                close.append(theirs)
                os.set_blocking(ours, False)
                self.sources[ours] = kind
                actions.append((os.POSIX_SPAWN_DUP2, theirs, target))
            self.start(asked, actions, ENVIRONMENT)
        finally:
            for fd in close:
                os.close(fd)

    def spawn_terminal(self, asked):
        ours, theirs = os.openpty()
        name = os.ttyname(theirs)
        try:
            self.terminal = ours
            self.resize(asked)
            os.set_blocking(ours, False)
            self.sink = ours
            self.sources[ours] = DATA
            # The first terminal that a session leader opens becomes its controlling one.
            actions = [(os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0)]
            actions += [(os.POSIX_SPAWN_DUP2, 0, target) for target in (1, 2)]
            self.start(asked, actions, ENVIRONMENT | {"TERM": asked.get("term", "xterm")})
        finally:
            os.close(theirs)

    def start(self, asked, actions, environment):
        argv = asked["argv"]
        with Namespace(asked.get("namespace")):
            self.pid = os.posix_spawnp(
                argv[0],
                argv,
                environment,
                file_actions=actions,
                setsid=True,
                setsigmask=[],
                setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
            )
        self.agent.programs[self.pid] = self

    def resize(self, asked):
        size = struct.pack("HHHH", asked.get("rows", 24), asked.get("columns", 80), 0, 0)
        if self.terminal is not None:
            fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, size)

    def connect(self, asked):
        family = socket.AF_INET6 if ":" in asked["address"] else socket.AF_INET
        with Namespace(asked.get("namespace")):
            self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connecting = True
        try:
            self.socket.connect((asked["address"], asked["port"]))
        except BlockingIOError:
            pass
        self.agent.selector.register(self.socket.fileno(), selectors.EVENT_WRITE, self)

    def connected(self):
        failure = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self.agent.selector.unregister(self.socket.fileno())
        if failure:
            return self.fail("ConnectFailed", os.strerror(failure), errno.errorcode.get(failure))
        self.connecting = False
        self.deadline = None
        self.sink = self.socket.fileno()
        self.sources[self.socket.fileno()] = DATA
        self.agent.send(OPENED, self.number, b"{}")

    # What moves

    def read(self, fd):
        try:
            data = os.read(fd, min(PIECE, self.credit))
        except BlockingIOError:
            return False
        except OSError as error:
            # A terminal whose last program has gone answers EIO.
            data = b""
            if error.errno not in (errno.EIO, errno.ECONNRESET):
                raise
            if error.errno == errno.ECONNRESET:
                self.fail("ConnectionReset", "the other end reset the connection", "ECONNRESET")
                return False
        if data:
            self.credit -= len(data)
            self.agent.send(self.sources[fd], self.number, data)
            return True
        self.drop(fd)
        if self.socket is not None:
            self.agent.send(EOF, self.number, b"")
        self.finish()
        return False

    def drop(self, fd):
        """No more is read from `fd`. A socket or terminal stays open for the other direction."""
        del self.sources[fd]
        if self.socket is None and fd != self.terminal:
            self.agent.close(fd)

    def take(self, data):
        if self.sink is None:
            # The program closed its input, or ended: what comes late is thrown away, and paid for.
            self.agent.send(CREDIT, self.number, struct.pack(">I", len(data)))
            return
        self.pending += data
        self.write()

    def write(self):
        if self.sink is None:
            return
        while self.pending:
            try:
                count = os.write(self.sink, self.pending[:PIECE])
            except BlockingIOError:
                return
            except OSError:
                count = len(self.pending)
                self.pending.clear()
                self.agent.send(CREDIT, self.number, struct.pack(">I", count))
                return self.end_sink()
            del self.pending[:count]
            self.agent.send(CREDIT, self.number, struct.pack(">I", count))
        if self.sink_ends:
            self.end_sink()

    def end_sink(self):
        if self.sink is None:
            return
        if self.socket is not None:
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        elif self.terminal is None:
            self.agent.close(self.sink)
        self.sink = None
        self.finish()

    # How it ends

    def finish(self):
        """Ends the channel when there is nothing left to say."""
        if self.number not in self.agent.channels:
            return
        if self.socket is not None and not self.connecting:
            if self.sources == {} and self.sink is None:
                self.end({})
        elif self.status is not None and self.sources == {}:
            self.end(self.outcome())

    def outcome(self):
        code = os.waitstatus_to_exitcode(self.status)
        signalled = {"signal": -code} if code < 0 else {}
        return {"code": code if code >= 0 else 128 - code, "timedOut": self.timed_out} | signalled

    def exited(self, status):
        self.status = status
        # A daemon it left behind may hold the pipes open: what has been written is read, no more is waited for.
        for fd in list(self.sources):
            while fd in self.sources and self.credit > 0 and self.agent.waiting < BACKLOG:
                if not self.read(fd):
                    break
            if fd in self.sources and self.credit > 0 and self.agent.waiting < BACKLOG:
                self.drop(fd)
        self.finish()

    def fail(self, code, message, number=None):
        self.end({"error": {"code": code, "message": message, "errno": number}})

    def end(self, outcome):
        self.agent.channels.pop(self.number, None)
        if self.socket is not None:
            self.agent.forget(self.socket.fileno())
            self.socket.close()
        else:
            for fd in {*self.sources, self.sink, self.terminal} - {None}:
                self.agent.close(fd)
        self.sources = {}
        self.sink = self.terminal = None
        self.agent.send(END, self.number, json.dumps(outcome).encode())

    def kill(self):
        if self.pid is not None and self.status is None:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def close(self):
        """The host wants no more of it. A program's end is reported when it has been reaped."""
        self.kill()
        if self.pid is None or self.status is not None:
            self.fail("Closed", "closed by the host")


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


def lateness():
    """Sleeps 20 ms at a time until stdin ends, then prints the worst delay beyond that."""
    worst = 0.0
    samples = 0
    watcher = selectors.DefaultSelector()
    watcher.register(0, selectors.EVENT_READ)
    os.set_blocking(0, False)
    print("started", flush=True)
    due = time.monotonic() + 0.02
    while not watcher.select(0):
        time.sleep(max(0.0, due - time.monotonic()))
        now = time.monotonic()
        worst = max(worst, now - due)
        samples += 1
        due = now + 0.02
    print(json.dumps({"worstMs": round(worst * 1000, 3), "samples": samples}))


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


def main(arguments):
    if arguments[:1] == ["lateness"]:
        return lateness()
    if os.getpid() == 1:
        be_init()
    path = arguments[0] if arguments else "/dev/ttyS0"
    line = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    if os.isatty(line):
        tty.setraw(line, termios.TCSANOW)
        termios.tcflush(line, termios.TCIOFLUSH)
    os.chdir("/")
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        boot = file.read().strip()
    Agent(line, {"boot": boot, "uptime": round(float(open("/proc/uptime").read().split()[0]), 2)}).run()


if __name__ == "__main__":
    main(sys.argv[1:])
