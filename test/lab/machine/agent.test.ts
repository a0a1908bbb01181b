import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { LabError } from "../../../lab/client/client";
import { Agent } from "../../../lab/machine/agent";

/** The agent itself, on this host, on a socket in place of a serial line: no kernel, no root, no namespaces. */
const program = join(__dirname, "../../../lab/machine/agent/agent.py");

/** Hands bytes on, counted, and damages them on request. */
class Line extends Duplex {
  underWay = 0;
  damageNext = false;

  constructor(private readonly socket: Duplex) {
    super();
    socket.on("data", (bytes: Buffer) => this.push(bytes));
    socket.on("close", () => this.destroy());
    socket.on("error", () => undefined);
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const sent = Buffer.from(bytes);
    if (this.damageNext) sent.writeUInt8((sent[sent.length - 1] ?? 0) ^ 1, sent.length - 1);
    this.damageNext = false;
    this.socket.write(sent);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }
}

describe("the agent", () => {
  let child: ChildProcess;
  let line: Line;
  let agent: Agent;

  beforeEach(async () => {
    child = spawn("python3", ["-E", "-s", "-B", program, "fd:3"], {
      stdio: ["ignore", "inherit", "inherit", "pipe"],
    });
    const socket = child.stdio[3];
    assert(socket instanceof Duplex);
    line = new Line(socket);
    agent = new Agent(line, "here");
    await agent.ready(10);
  });

  afterEach(() => {
    agent.close();
    child.kill("SIGKILL");
  });

  const code = (promise: Promise<unknown>) =>
    promise.then(
      () => "none",
      (error: unknown) => (error instanceof LabError ? error.code : String(error)),
    );

  it("tells both outputs and the status apart", async () => {
    const result = await agent.exec(["sh", "-c", "echo out; echo err >&2; exit 3"]);
    assert.deepEqual(result, { code: 3, stdout: "out\n", stderr: "err\n" });
  });

  it("carries more input and output than any window, both at once", async () => {
    const text = "0123456789abcdef".repeat(100_000);
    const { stdout } = await agent.exec(["cat"], { stdin: text });
    assert.equal(stdout.length, text.length);
    assert(stdout === text);
  });

  it("keeps the last words of a program that ends with full pipes", async () => {
    const { stdout } = await agent.exec(["head", "-c", "3000000", "/dev/zero"]);
    assert.equal(stdout.length, 3_000_000);
  });

  it("input that nobody reads does not hold up the end", async () => {
    const result = await agent.exec(["true"], { stdin: "x".repeat(1_000_000) });
    assert.equal(result.code, 0);
  });

  it("a daemon left behind does not hold up the end either", async () => {
    const { stdout } = await agent.exec(["sh", "-c", "sleep 3017 & echo $!"]);
    assert.equal((await agent.exec(["kill", stdout.trim()])).code, 0);
  });

  it("says how a signal ended a program", async () => {
    assert.equal((await agent.exec(["sh", "-c", "kill -TERM $$"])).code, 128 + 15);
  });

  it("ends at the deadline what does not end by itself, children included", async () => {
    assert.equal(
      await code(agent.exec(["sh", "-c", "sleep 1017; :"], { deadlineSeconds: 0.3 })),
      "DeadlineExceeded",
    );
    // Nobody else's sleep is as long.
    const { stdout } = await agent.exec(["sh", "-c", "ps -eo args | grep -c '^sleep 1017' || true"]);
    assert.equal(stdout, "0\n");
  });

  it("names a program that is not there", async () => {
    assert.equal(await code(agent.exec(["no-such-program"])), "ProgramNotFound");
  });

  it("names a namespace that is not there", async () => {
    assert.equal(await code(agent.exec(["true"], { namespace: "no-such-namespace" })), "NoSuchNamespace");
  });

  it("serves many at once", async () => {
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        agent.exec(["sh", "-c", `cat; echo ${index}`], { stdin: `${index} ` }),
      ),
    );
    assert.deepEqual(
      results.map(({ stdout }) => stdout),
      results.map((_, index) => `${index} ${index}\n`),
    );
  });

  it("a reader that takes its time does not hold up another", async () => {
    const slow = agent.start(["cat", "/dev/zero"], {});
    slow.on("error", () => undefined);
    await new Promise((resolve) => slow.once("readable", resolve));
    assert.equal((await agent.exec(["echo", "quick"])).stdout, "quick\n");
    slow.destroy();
    await assert.rejects(slow.outcome);
  });

  it("a terminal is one, with the size asked for", async () => {
    const terminal = agent.terminal(["sh", "-c", "tty; stty size; exit 4"], { rows: 40, columns: 100 });
    const said: Buffer[] = [];
    terminal.on("data", (bytes: Buffer) => said.push(bytes));
    assert.equal((await terminal.outcome).code, 4);
    assert.match(Buffer.concat(said).toString(), /^\/dev\/pts\/\d+\r\n40 100\r\n$/);
  });

  it("connects, and hands on both ends of the conversation", async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("end", () => socket.end("bye"));
      socket.on("data", (bytes) => socket.write(bytes.toString().toUpperCase()));
    });
    const port = await new Promise<number>((resolve) =>
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      }),
    );
    const stream = await agent.connect("127.0.0.1", port);
    const said: Buffer[] = [];
    stream.on("data", (bytes: Buffer) => said.push(bytes));
    stream.end("hello ");
    await new Promise((resolve) => stream.once("end", resolve));
    assert.equal(Buffer.concat(said).toString(), "HELLO bye");
    server.close();
  });

  it("says that a connection was refused", async () => {
    assert.equal(await code(agent.connect("127.0.0.1", 1)), "ConnectFailed");
  });

  it("bytes lost on the line fail what was open, and nothing after", async () => {
    const open = agent.exec(["sleep", "20"]);
    line.damageNext = true;
    const damaged = agent.exec(["echo", "never"]);
    assert.match(await code(open), /^(AgentRestarted|LineFault)$/);
    assert.match(await code(damaged), /^(AgentRestarted|LineFault)$/);
    await agent.ready(10);
    assert.equal((await agent.exec(["echo", "again"])).stdout, "again\n");
  });

  it("an agent that dies fails what was open at once", async () => {
    const open = agent.exec(["sleep", "20"]);
    child.kill("SIGKILL");
    assert.equal(await code(open), "MachineGone");
    assert.equal(await code(agent.exec(["true"])), "MachineGone");
  });
});
