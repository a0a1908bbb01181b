import assert from "node:assert/strict";
import { connect } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Duplex, PassThrough } from "node:stream";
import { LabError } from "../../../lab/client/client";
import { openSocket } from "../../../lab/client/open";
import type { Request } from "../../../lab/daemon/protocol";
import { type LabServer, type Reply, serve } from "../../../lab/daemon/server";

const status = { mode: "recorded", folder: "/lab", startedAt: "2026-01-01T00:00:00Z", pid: 1, machines: [] };

describe("the lab's client and server", () => {
  let folder: string;
  let path: string;
  let server: LabServer;
  let handled: Request[];
  let handle: (request: Request) => Promise<Reply>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "client-"));
    path = join(folder, "lab.sock");
    handled = [];
    handle = () => Promise.resolve({ value: null });
    server = await serve(path, async (request) => {
      handled.push(request);
      return request.op === "status" ? { value: status } : handle(request);
    });
  });

  afterEach(async () => {
    server.stop();
    await server.hangUp();
    rmSync(folder, { recursive: true, force: true });
  });

  it("answers come back to whom they belong, in any order", async () => {
    handle = async (request) => {
      assert(request.op === "exec");
      const wait = Number(request.argv[0]);
      await new Promise((resolve) => setTimeout(resolve, wait));
      return { value: { code: wait, stdout: "", stderr: "" } };
    };
    const lab = await openSocket(path);
    const codes = await Promise.all(
      [40, 5, 20].map(async (wait) => (await lab.exec("a", [String(wait)])).code),
    );
    assert.deepEqual(codes, [40, 5, 20]);
    lab.close();
  });

  it("standard input arrives byte for byte", async () => {
    const lab = await openSocket(path);
    handle = () => Promise.resolve({ value: { code: 0, stdout: "", stderr: "" } });
    await lab.exec("a", ["cat"], { stdin: Uint8Array.of(0, 255, 10, 13) });
    const request = handled.at(-1);
    assert(request?.op === "exec");
    assert.deepEqual([...Buffer.from(request.stdin ?? "", "base64")], [0, 255, 10, 13]);
    lab.close();
  });

  it("a refusal keeps its code", async () => {
    handle = () => Promise.reject(new LabError("InvalidSubnet.Range", "outside of the network"));
    const lab = await openSocket(path);
    await assert.rejects(lab.power("a", "on"), {
      code: "InvalidSubnet.Range",
      message: "outside of the network",
    });
    lab.close();
  });

  for (const { line, why } of [
    { line: "no json", why: "it is none" },
    { line: '{"op":"status"}', why: "it has no id" },
    { line: '{"id":1,"op":"explode"}', why: "nobody knows the verb" },
    { line: '{"id":1,"op":"exec","host":"a","argv":[]}', why: "no program is named" },
    {
      line: '{"id":1,"op":"put","object":{"kind":"castle","id":"x","name":"x"}}',
      why: "the world has no such kind",
    },
    {
      line: '{"id":1,"op":"fault","fault":{"do":"path","from":"a","to":"b","lossPercent":101}}',
      why: "101 %",
    },
  ])
    it(`refuses a request because ${why}`, async () => {
      const answer = await new Promise<string>((resolve) => {
        const socket = connect(path, () => socket.write(`${line}\n`));
        socket.once("data", (bytes) => {
          resolve(bytes.toString());
          socket.destroy();
        });
      });
      assert.match(answer, /"ok":false/);
      assert.deepEqual(handled, []);
    });

  it("a connection becomes a stream, both directions and their ends", async () => {
    handle = () => Promise.resolve({ stream: upperCase() });
    const lab = await openSocket(path);
    const stream = await lab.connect("198.18.0.1", 22);
    const said: Buffer[] = [];
    stream.on("data", (bytes: Buffer) => said.push(bytes));
    stream.end("hello");
    await new Promise((resolve) => stream.once("end", resolve));
    assert.equal(Buffer.concat(said).toString(), "HELLO");
    lab.close();
  });

  it("a stream that is refused says why", async () => {
    handle = () => Promise.reject(new LabError("ConnectFailed", "Connection refused"));
    const lab = await openSocket(path);
    await assert.rejects(lab.connect("198.18.0.1", 22), { code: "ConnectFailed" });
    lab.close();
  });

  it("a client that leaves takes its stream along", async () => {
    const stream = new PassThrough();
    handle = () => Promise.resolve({ stream });
    const lab = await openSocket(path);
    (await lab.capture("internet", "")).destroy();
    await new Promise((resolve) => stream.once("close", resolve));
    lab.close();
  });

  it("a client that vanishes in the middle loses nothing: what it asked for is still done", async () => {
    const done: string[] = [];
    let finish: () => void = () => undefined;
    handle = async (request) => {
      await new Promise<void>((resolve) => (finish = resolve));
      done.push(request.op);
      return { value: null };
    };
    const gone = await openSocket(path);
    const asked = gone.power("a", "off");
    while (handled.at(-1)?.op !== "power") await new Promise((resolve) => setImmediate(resolve));
    gone.close();
    await assert.rejects(asked, { code: "Closed" });
    finish();
    const other = await openSocket(path);
    assert.deepEqual(done, ["power"]);
    other.close();
  });

  it("says that no lab answers", async () => {
    await assert.rejects(openSocket(join(folder, "none.sock")), { code: "LabDown" });
  });

  it("a lab that ends fails what was asked of it", async () => {
    handle = () => new Promise(() => undefined);
    const lab = await openSocket(path);
    const refused = assert.rejects(lab.world(), { code: "LabDown" });
    server.stop();
    await server.hangUp();
    await refused;
  });
});

function upperCase(): Duplex {
  const stream = new PassThrough();
  stream._transform = (bytes: Buffer, _encoding, done) => done(null, bytes.toString().toUpperCase());
  return stream;
}
