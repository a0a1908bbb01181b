import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type Failover, judgeFailover } from "../../../automation/verify/failover";
import type { Gap } from "../../../automation/verify/traffic";

const program = join(__dirname, "../../../automation/verify/flow.py");

function failoverWith(gaps: readonly Gap[], sent = 1000): Failover {
  const lost = gaps.reduce((sum, gap) => sum + gap.lost, 0);
  const flows = [{ from: "use1", to: "euw1", sent, lost, gaps }];
  return { loss: "power", gateway: "use1-a", lostAt: 100, returnedAt: 110, flows };
}

describe("the loss of a gateway, counted", () => {
  it("holds while silences are short, and tells loss and return apart", () => {
    const [proof] = judgeFailover(
      failoverWith([
        { from: 100, to: 101, lost: 99 },
        { from: 112, to: 112.25, lost: 24 },
      ]),
    );
    assert.equal(proof?.status, "pass");
    assert.equal(
      proof.observed,
      "123 of 1000 packets lost, longest silence 1.00 s at the loss, 0.25 s at the return",
    );
  });

  for (const { why, gaps, sent } of [
    { why: "a long silence at the loss", gaps: [{ from: 100, to: 106, lost: 600 }], sent: 1000 },
    { why: "a long silence at the return", gaps: [{ from: 111, to: 117, lost: 600 }], sent: 1000 },
    { why: "no packet at the end", gaps: [{ from: 0, to: Infinity, lost: 200 }], sent: 1000 },
    { why: "no packet at all", gaps: [], sent: 0 },
  ])
    it(`fails with ${why}`, () => {
      assert.deepEqual(
        judgeFailover(failoverWith(gaps, sent)).map(({ status }) => status),
        ["fail"],
      );
    });
});

/** Lets every packet but some numbers through. */
class Sieve {
  readonly #socket: Socket = createSocket("udp4");
  seen = 0;

  constructor(private readonly dropped: ReadonlySet<number>) {}

  async open(to: number): Promise<number> {
    this.#socket.on("message", (packet) => {
      const number = Number(packet.readBigUInt64BE(0));
      this.seen = Math.max(this.seen, number);
      if (!this.dropped.has(number)) this.#socket.send(packet, to, "127.0.0.1");
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

/** What both ends print when `until` packets were sent and some of them never came. */
async function sieved(
  folder: string,
  dropped: ReadonlySet<number>,
  until: number,
): Promise<{ sent: unknown; received: unknown }> {
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
  const receiver = run("receive", String(port), file);
  while (!existsSync(file)) await new Promise((resolve) => setImmediate(resolve));
  const sender = run("send", "127.0.0.1", String(await sieve.open(port)), "2000");
  try {
    const deadline = Date.now() + 15_000;
    while (sieve.seen < until && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve));
    sender.child.kill("SIGTERM");
    const sent = await sender.ended;
    receiver.child.kill("SIGTERM");
    return { sent, received: await receiver.ended };
  } finally {
    sender.child.kill("SIGKILL");
    receiver.child.kill("SIGKILL");
    sieve.close();
  }
}

describe("packets that are counted one by one", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), "trunkline-flow-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("gaps are exactly the numbers that never came", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 150, max: 300 }), { maxLength: 60 }),
        async (numbers) => {
          const dropped = new Set(numbers);
          const { received } = await sieved(folder, dropped, 400);
          const { gaps } = Object(received);
          const rows: number[] = [];
          for (const number of [...dropped].sort((one, other) => one - other)) {
            if (dropped.has(number - 1)) rows.push((rows.pop() ?? 0) + 1);
            else rows.push(1);
          }
          assert.deepEqual(
            gaps.map(({ lost }: Gap) => lost),
            rows,
          );
          for (const { from, to } of gaps) assert.ok(to > from);
        },
      ),
      { numRuns: 5 },
    );
  });
});
