"""Starts and ends the lab's kernels, and holds their cables.

JSON lines on stdin (requests, each with an `id`) and stdout (answers with that `id`, and `{"event": "exit", ...}`).
Node can neither make datagram socket pairs nor hand descriptors to a child by number; Python's standard library can.

    {"id": 1, "do": "boot", "machine": "i-0a", "kernel": PATH, "arguments": [...], "console": FILE, "temporary": FOLDER,
     "serial": SOCKET, "cables": [{"end": "machine", "cable": 3, "device": 0}]}
    {"id": 2, "do": "kill", "machine": "i-0a"}          SIGKILL to every process of it; answers when they are gone
    {"id": 3, "do": "memory"}                           resident bytes per machine

A cable with a `mac` ends in a card that goes down and comes up again. A cable is a pair of datagram sockets; this process holds both ends for as long as it lives, so that a machine without
power looks like a dark line to the other end, not like an error. A kernel is a session of its own, because killing only
its main process would leave its helpers.

Nothing outlives the lab: when stdin ends (the daemon is gone, however) all kernels are killed; when this process
itself is killed, a watcher in a session of its own sees its pipe close, and does the same.
"""

import ctypes
import json
import os
import select
import selectors
import signal
import socket
import sys
import threading
import time

LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
BUFFER = 4 * 1024 * 1024
DEPTH = 128


class Cables:
    def __init__(self, count):
        self.pairs = []
        for _ in range(count):
            pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            for end in pair:
                end.setblocking(False)
                # The kernel cuts this to net.core.wmem_max for an ordinary user; less only means drops under load.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
                end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            self.pairs.append(dict(zip(("fabric", "machine"), pair)))

    def end(self, asked):
        return self.pairs[asked["cable"]][asked["end"]]

    @staticmethod
    def drain(end):
        """Frames that were sent to a machine which has lost its power since must not reach its next life."""
        while True:
            try:
                end.recv(65536)
            except BlockingIOError:
                return


class Sockets:
    """Where a cable can be pulled out of a machine and put in again.

    A kernel closes the descriptor of its cable when the device goes down, and cannot open it again. To a Unix socket it
    connects anew each time (Linux, arch/um/drivers/vector_user.c, transport "bess"): one packet is one frame.
    """

    def __init__(self):
        self.paths = {}

    def path(self, cable, end, folder):
        if cable not in self.paths:
            path = os.path.join(folder, f"cable-{cable}.sock")
            try:
                os.unlink(path)
            except FileNotFoundError:
                pass
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            listener.bind(path)
            listener.listen(1)
            threading.Thread(target=self.serve, args=(listener, end), daemon=True).start()
            self.paths[cable] = path
        return self.paths[cable]

    @classmethod
    def serve(cls, listener, end):
        while True:
            plug, _ = listener.accept()
            # What came while nothing was plugged in is lost.
            Cables.drain(end)
            try:
                cls.carry(plug, end)
            except OSError:
                pass
            plug.close()

    @staticmethod
    def carry(plug, end):
        """Frames both ways until the plug is pulled; what has no room is dropped, as a network does."""
        ways = {plug: end, end: plug}
        while True:
            for ready in select.select(list(ways), [], [])[0]:
                try:
                    frame = ready.recv(65536, socket.MSG_DONTWAIT)
                except BlockingIOError:
                    continue
                if not frame and ready is plug:
                    return
                try:
                    ways[ready].send(frame, socket.MSG_DONTWAIT)
                except BlockingIOError:
                    pass


def members(session):
    """Processes of a session, from /proc: pid → state."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            found[int(name)] = fields[0]
    return found


def resident(session):
    """Bytes of memory that a kernel's processes hold, shared pages counted once: guests map their memory shared."""
    most = 0
    for pid in members(session):
        try:
            with open(f"/proc/{pid}/statm", encoding="ascii") as file:
                most = max(most, int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE"))
        except OSError:
            continue
    return most


def kill_session(session):
    try:
        os.killpg(session, signal.SIGKILL)
    except ProcessLookupError:
        pass
    for pid in members(session):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Launcher:
    def __init__(self, cables, watcher):
        self.cables = cables
        self.sockets = Sockets()
        self.watcher = watcher
        self.sessions = {}
        self.ending = {}
        self.parent = os.getpid()

    def say(self, message):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()

    def boot(self, asked):
        machine = asked["machine"]
        if machine in self.sessions:
            raise RuntimeError(f"{machine} is already running")
        arguments = [asked["kernel"]]
        keep = []
        for cable in asked["cables"]:
            end = self.cables.end(cable)
            if cable["end"] == "machine":
                self.cables.drain(end)
            if "mac" in cable:
                path = self.sockets.path(cable["cable"], end, os.path.dirname(asked["serial"]))
                arguments.append(f"vec{cable['device']}:transport=bess,dst={path},mac={cable['mac']}")
                continue
            keep.append(end.fileno())
            arguments.append(f"vec{cable['device']}:transport=fd,fd={end.fileno()},depth={DEPTH}")
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 256 * 1024)
            line.connect(asked["serial"])
            line.sendall((json.dumps({"machine": machine}) + "\n").encode())
            keep.append(line.fileno())
            arguments.append(f"ssl0=fd:{line.fileno()}")
            # Last, because what follows a `--` in them is init's.
            arguments += asked["arguments"]
            pid = self.start(arguments, keep, asked)
        finally:
            line.close()
        self.sessions[machine] = pid
        os.write(self.watcher, f"+{pid}\n".encode())
        return {"pid": pid}

    def start(self, arguments, keep, asked):
        console = os.open(asked["console"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open("/dev/null", os.O_RDONLY)
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": "/", "TMPDIR": asked["temporary"]}
        pid = os.fork()
        if pid != 0:
            os.close(console)
            os.close(nothing)
            return pid
        try:
            os.setsid()
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != self.parent:
                os._exit(1)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            os.dup2(nothing, 0)
            os.dup2(console, 1)
            os.dup2(console, 2)
            for fd in keep:
                os.set_inheritable(fd, True)
            os.execve(arguments[0], arguments, environment)
        except BaseException as error:  # noqa: BLE001 - the child must never return into the parent's loop
            os.write(2, f"launcher: {error}\n".encode())
        os._exit(127)

    def kill(self, asked):
        session = self.sessions.get(asked["machine"])
        if session is None:
            return {}
        self.ending.setdefault(session, []).append(asked["id"])
        # It may not have its session yet. It is not reaped, so the number is nobody else's.
        os.kill(session, signal.SIGKILL)
        kill_session(session)
        return None

    def memory(self, _):
        return {"memory": {machine: resident(session) for machine, session in self.sessions.items()}}

    def obey(self, line):
        asked = json.loads(line)
        verbs = {"boot": self.boot, "kill": self.kill, "memory": self.memory}
        try:
            answer = verbs[asked["do"]](asked)
        except (OSError, RuntimeError, KeyError, IndexError) as error:
            return self.say({"id": asked["id"], "ok": False, "message": f"{type(error).__name__}: {error}"})
        if answer is not None:
            self.say({"id": asked["id"], "ok": True, **answer})

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            machine = next((name for name, session in self.sessions.items() if session == pid), None)
            if machine is not None:
                self.ended(machine, pid, status)

    def ended(self, machine, session, status):
        """The main process is gone: so must be its helpers, before anybody hears of it."""
        deadline = time.monotonic() + 5
        while members(session) and time.monotonic() < deadline:
            kill_session(session)
            try:
                while os.waitpid(-session, os.WNOHANG)[0] != 0:
                    pass
            except ChildProcessError:
                pass
        del self.sessions[machine]
        os.write(self.watcher, f"-{session}\n".encode())
        code = os.waitstatus_to_exitcode(status)
        self.say({"event": "exit", "machine": machine, "pid": session, "code": code})
        for request in self.ending.pop(session, []):
            self.say({"id": request, "ok": True})

    def close(self):
        for session in list(self.sessions.values()):
            kill_session(session)
        deadline = time.monotonic() + 5
        while any(members(session) for session in self.sessions.values()) and time.monotonic() < deadline:
            try:
                os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return


def watch(pipe):
    """In a process of its own: kills what is left when the launcher's end of the pipe closes."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    running = set()
    with os.fdopen(pipe, encoding="ascii") as lines:
        for line in lines:
            (running.add if line[0] == "+" else running.discard)(int(line[1:]))
    for session in running:
        kill_session(session)
    os._exit(0)


def start_watcher(cables):
    theirs, ours = os.pipe()
    if os.fork() == 0:
        os.close(ours)
        for pair in cables.pairs:
            for end in pair.values():
                end.close()
        nothing = os.open("/dev/null", os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(nothing, fd)
        watch(theirs)
    os.close(theirs)
    return ours


def main():
    count = int(sys.argv[1])
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    cables = Cables(count)
    launcher = Launcher(cables, start_watcher(cables))
    # The daemon ends this process by closing stdin, in its own time; a Ctrl-C in its terminal is not for us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    wake_read, wake_write = os.pipe()
    for fd in (wake_read, wake_write):
        os.set_blocking(fd, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    waiting = selectors.DefaultSelector()
    waiting.register(0, selectors.EVENT_READ)
    waiting.register(wake_read, selectors.EVENT_READ)
    launcher.say({"event": "ready", "pid": os.getpid()})
    heard = b""
    try:
        while True:
            for key, _ in waiting.select():
                if key.fd == wake_read:
                    os.read(wake_read, 4096)
                    launcher.reap()
                    continue
                data = os.read(0, 65536)
                if not data:
                    return
                *lines, heard = (heard + data).split(b"\n")
                for line in lines:
                    launcher.obey(line)
    finally:
        launcher.close()


if __name__ == "__main__":
    main()
