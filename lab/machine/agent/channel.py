"""Programs, terminals and connections: what the agent makes for the host, one channel each."""

import errno
import fcntl
import json
import os
import selectors
import signal
import socket
import struct
import termios
import time

from frames import CREDIT, DATA, END, EOF, ERRORS, OPENED, WINDOW

PIECE = 16 * 1024
# More than this waiting for the line: stop reading from programs, so that short answers are not stuck behind them.
BACKLOG = 48 * 1024
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "USER": "root",
    "LOGNAME": "root",
    "SHELL": "/bin/bash",
    "LANG": "C.UTF-8",
}


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
