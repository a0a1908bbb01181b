import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { flowOf, receiverTold } from "../../../automation/verify/flow";

const program = join(__dirname, "../../../automation/verify/flow.py");

/** Lets every packet but some numbers through. */
class Sieve {
  readonly #socket: Socket = createSocket("udp4");
  readonly ports = new Set<number>();
  readonly passed = new Set<number>();
  seen = 0;

  constructor(private readonly dropped: ReadonlySet<number>) {}

  async open(to: number): Promise<number> {
    this.#socket.on("message", (packet, { port }) => {
      this.ports.add(port);
      const number = Number(packet.readBigUInt64BE(0));
      this.seen = Math.max(this.seen, number);
      if (this.dropped.has(number)) return;
      this.passed.add(number);
      this.#socket.send(packet, to, "127.0.0.1");
    });
    this.#socket.bind(0, "127.0.0.1");
    await once(this.#socket, "listening");
    return this.#socket.address().port;
  }

  close(): void {
    this.#socket.close();
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

/** What the receiver prints when `until` packets were sent and some of them never came; what came, and from how many ports. */
async function sieved(
  folder: string,
  dropped: ReadonlySet<number>,
  until: number,
  flows: number,
): Promise<{ received: unknown; passed: ReadonlySet<number>; ports: number }> {
  const port = await freePort();
  const sieve = new Sieve(dropped);
  const run = (...words: readonly string[]) => {
    const child = spawn("python3", [program, ...words], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
    const ended = once(child, "close").then((): unknown => JSON.parse(said));
    return { child, ended };
  };
  const file = join(folder, String(port));
  const receiver = run("receive", "127.0.0.1", String(port), file, String(flows));
  while (!existsSync(file)) await new Promise((resolve) => setImmediate(resolve));
  const sender = run("send", "127.0.0.1", String(await sieve.open(port)), "2000", String(flows));
  try {
    const deadline = Date.now() + 60_000;
    while (sieve.seen < until && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
    sender.child.kill("SIGTERM");
    await sender.ended;
    receiver.child.kill("SIGTERM");
    return { received: await receiver.ended, passed: sieve.passed, ports: sieve.ports.size };
  } finally {
    sender.child.kill("SIGKILL");
    receiver.child.kill("SIGKILL");
    sieve.close();
  }
}

describe("packets that are counted one by one", function () {
  const folder = mkdtempSync(join(tmpdir(), "trunkline-flow-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("of every source port, gaps are exactly the numbers that never came", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 150, max: 300 }), { maxLength: 60 }),
        fc.constantFrom(1, 5),
        async (numbers, flows) => {
          const dropped = new Set(numbers);
          const { received, passed, ports } = await sieved(folder, dropped, 400, flows);
          assert.equal(ports, flows);
          const told = receiverTold.parse(received).flows;
          assert.equal(told.length, flows);
          for (const [flow, { gaps }] of told.entries()) {
            // Not what was dropped: a busy machine loses some on their way to the sieve.
            const own = [...passed].filter((number) => number % flows === flow);
            const rows: number[] = [];
            for (let number = Math.min(...own), row = 0; number <= Math.max(...own); number += flows) {
              if (!passed.has(number)) row += 1;
              else if (row > 0) rows.push(row);
              if (passed.has(number)) row = 0;
            }
            assert.deepEqual(
              gaps.map(({ lost }) => lost),
              rows,
            );
            for (const { from, to } of gaps) assert.ok(to > from);
          }
        },
      ),
      { numRuns: 8 },
    );
  });
});

describe("the packets of a direction, over its source ports", () => {
  const whole = (last: number) => ({ received: Math.ceil(last / 5), last, gaps: [] });

  it("those that may have been on their way at the end are not counted", () => {
    // 1001 to 1005 were sent last, and of two ports the last has not come.
    const flows = [1000, 1001, 1002, 1003, 999].map(whole);
    assert.deepEqual(flowOf(1005, flows, 100), { sent: 1003, lost: 0, gaps: [] });
  });

  it("a port that falls silent for good is lost, though the others arrive", () => {
    const flows = [1000, 1001, 1002, 503, 999].map(whole);
    const { sent, lost, gaps } = flowOf(1003, flows, 100);
    assert.deepEqual([sent, lost], [1003, 100]);
    assert.deepEqual(gaps, [{ from: 0, to: Infinity, lost: 100 }]);
  });

  it("gaps of all ports stand in the order of their beginnings", () => {
    const gap = (from: number) => ({ from, to: from + 1, lost: 20 });
    const flows = [3, 1, 2].map((at) => ({ received: 313, last: 999 + at, gaps: [gap(at)] }));
    const { lost, gaps } = flowOf(1002, flows, 60);
    assert.deepEqual(
      gaps.map(({ from }) => from),
      [1, 2, 3],
    );
    assert.equal(lost, 63);
  });
});
