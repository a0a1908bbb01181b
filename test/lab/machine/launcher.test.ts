import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabError } from "../../../lab/client/client";
import { type KernelExit, Launcher } from "../../../lab/launcher/launcher";

/**
 * In place of a kernel: a program that starts a helper in its own process group, as user-mode Linux does, then waits for
 * its serial line to tell it how to end.
 */
const standIn = `#!/usr/bin/env python3
import os, subprocess, sys
print(" ".join(sys.argv[1:]), flush=True)
subprocess.Popen(["sleep", "1000"])
line = next(int(word.split(":")[1]) for word in sys.argv if word.startswith("ssl0="))
said = b""
while not said.endswith(b"\\n"):
    said += os.read(line, 100) or sys.exit(9)
os._exit(int(said))
`;

/** A kernel whose card goes down and comes up again, or one at the other end of its cable that answers. */
const plugging = `#!/usr/bin/env python3
import socket, sys
words = dict(part.split("=", 1) for part in sys.argv[1].removeprefix("vec0:").split(","))
if words["transport"] == "bess":
    for frame in (b"first", b"second"):
        card = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        card.connect(words["dst"])
        card.send(frame)
        print(words["mac"], card.recv(100).decode(), flush=True)
        card.close()
else:
    cable = socket.socket(fileno=int(words["fd"]))
    cable.setblocking(True)
    for _ in range(2):
        cable.send(b"heard " + cable.recv(100))
`;

describe("the launcher", () => {
  let folder: string;
  let server: Server;
  let launcher: Launcher;
  let exits: KernelExit[];
  let lines: Map<string, Socket>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "launcher-"));
    writeFileSync(join(folder, "kernel"), standIn);
    chmodSync(join(folder, "kernel"), 0o755);
    exits = [];
    lines = new Map();
    server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", (bytes) => lines.set(JSON.stringify(JSON.parse(bytes.toString())), socket));
    });
    await new Promise<void>((resolve) => server.listen(join(folder, "serial.sock"), resolve));
    launcher = await Launcher.start({
      cables: 3,
      onExit: (exit) => exits.push(exit),
      onError: () => undefined,
    });
  });

  afterEach(async () => {
    await launcher.close();
    for (const socket of lines.values()) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const boot = (machine: string, cable = 0) =>
    launcher.boot({
      machine,
      kernel: join(folder, "kernel"),
      arguments: ["mem=1M", "--", "word"],
      console: join(folder, `${machine}.log`),
      temporary: folder,
      serial: join(folder, "serial.sock"),
      cables: [{ end: "machine", cable, device: 0 }],
    });
  const line = (machine: string) => lines.get(JSON.stringify({ machine }));

  it("hands over cables and serial line, and keeps what the kernel prints", async () => {
    await boot("one", 2);
    await eventually(
      () => existsSync(join(folder, "one.log")) && readFileSync(join(folder, "one.log"), "utf8") !== "",
    );
    const printed = readFileSync(join(folder, "one.log"), "utf8");
    assert.match(printed, /^vec0:transport=fd,fd=\d+,depth=128 ssl0=fd:\d+ mem=1M -- word$/m);
  });

  it("carries frames of a card that goes down and comes up again", async () => {
    writeFileSync(join(folder, "kernel"), plugging);
    const plugged = (machine: string, cable: Parameters<Launcher["boot"]>[0]["cables"][number]) =>
      launcher.boot({
        machine,
        kernel: join(folder, "kernel"),
        arguments: [],
        console: join(folder, `${machine}.log`),
        temporary: folder,
        serial: join(folder, "serial.sock"),
        cables: [cable],
      });
    const mac = "02:00:00:00:00:01";
    await plugged("far", { end: "fabric", cable: 1, device: 0 });
    await plugged("near", { end: "machine", cable: 1, device: 0, mac });
    await eventually(() => exits.length === 2);
    assert.equal(readFileSync(join(folder, "near.log"), "utf8"), `${mac} heard first\n${mac} heard second\n`);
    // So does the next life of the machine.
    await plugged("far", { end: "fabric", cable: 1, device: 0 });
    await plugged("near", { end: "machine", cable: 1, device: 0, mac });
    await eventually(() => exits.length === 4);
    assert.equal(readFileSync(join(folder, "near.log"), "utf8").split("\n").length, 5);
  });

  it("kills a kernel with its helpers, and answers when none is left", async () => {
    const pid = await boot("one");
    await eventually(() => session(pid).length === 2);
    await launcher.kill("one");
    assert.deepEqual(session(pid), []);
    assert.deepEqual(exits, [{ event: "exit", machine: "one", pid, code: -9 }]);
  });

  it("reports a kernel that ends by itself, its helpers gone", async () => {
    const pid = await boot("one");
    await eventually(() => line("one") !== undefined && session(pid).length === 2);
    line("one")?.write("7\n");
    await eventually(() => exits.length === 1);
    assert.deepEqual(exits, [{ event: "exit", machine: "one", pid, code: 7 }]);
    assert.deepEqual(session(pid), []);
  });

  it("boots again what was killed, and refuses what runs", async () => {
    await boot("one");
    await assert.rejects(
      boot("one"),
      (error) => error instanceof LabError && /already running/.test(error.message),
    );
    await launcher.kill("one");
    await boot("one");
  });

  it("says why a kernel could not start", async () => {
    rmSync(join(folder, "kernel"));
    await boot("one");
    await eventually(() => exits.length === 1);
    assert.equal(exits[0]?.code, 127);
    assert.match(readFileSync(join(folder, "one.log"), "utf8"), /No such file/);
  });

  it("takes everything along when its starter has gone", async () => {
    const pids = await Promise.all([boot("one"), boot("two", 1)]);
    await eventually(() => pids.every((pid) => session(pid).length === 2));
    await launcher.close();
    await eventually(() => pids.every((pid) => session(pid).length === 0));
  });

  it("killed itself, it still takes everything along", async () => {
    const pids = await Promise.all([boot("one"), boot("two", 1)]);
    await eventually(() => pids.every((pid) => session(pid).length === 2));
    assert(launcher.pid !== undefined);
    process.kill(launcher.pid, "SIGKILL");
    await launcher.closed;
    await eventually(() => pids.every((pid) => session(pid).length === 0));
  });
});

/** Processes of a session that have not ended. */
function session(leader: number): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
      return Number(fields[3]) === leader && fields[0] !== "Z";
    } catch {
      return false;
    }
  });
}

async function eventually(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!holds()) {
    assert(Date.now() < deadline, "it did not happen within a minute");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
