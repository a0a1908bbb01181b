import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "pg";
import { Failure } from "../../../automation/failure";
import { passed } from "../../../automation/pause";
import { isAlive } from "../../../automation/runner/process-table";
import { until } from "../../../automation/store/deadline";
import { type Address, openEmbedded, stopEmbedded } from "../../../automation/store/embedded";
import { findPostmaster } from "../../../automation/store/postmaster";

describe("the database of a folder", function () {
  this.timeout(120_000);
  let folder: string;
  let children: ChildProcess[];
  beforeEach(() => {
    // Nobody else may enter it: where the tests are root, the server's user may not either.
    folder = join(mkdtempSync(join(tmpdir(), "store-")), "state", "database");
    children = [];
  });
  afterEach(async () => {
    for (const child of children) child.kill("SIGKILL");
    if (existsSync(folder)) await stopEmbedded(folder);
    rmSync(join(folder, "../.."), { recursive: true, force: true });
  });

  const data = (): string => join(folder, "data");
  const serverPid = (): number => findPostmaster(data())?.process.pid ?? 0;

  function begin(
    ids: { uid?: number; gid?: number } = {},
    environment: NodeJS.ProcessEnv = {},
  ): ChildProcess {
    const child = spawn(process.execPath, ["--import", "tsx", join(__dirname, "opener.ts"), folder], {
      ...ids,
      env: { ...process.env, ...environment },
      stdio: ["pipe", "pipe", "inherit"],
    });
    children.push(child);
    return child;
  }

  async function opened(child: ChildProcess): Promise<Address> {
    assert.ok(child.stdout);
    for await (const line of createInterface(child.stdout)) return JSON.parse(line);
    throw new Error("it opened nothing");
  }

  async function killed(child: ChildProcess): Promise<void> {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  async function query(address: Address, text: string): Promise<unknown[]> {
    const client = new Client({ ...address, connectionTimeoutMillis: 15_000 });
    client.on("error", () => undefined);
    try {
      await client.connect();
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  it("is found again when whoever started it was killed, and ends with the last who leaves", async () => {
    const child = begin();
    const first = await opened(child);
    await query(first, "create table kept as select 7 as value");
    const pid = serverPid();
    await killed(child);
    const again = await openEmbedded(folder);
    const beside = await openEmbedded(folder);
    assert.equal(serverPid(), pid);
    assert.deepEqual(again.address, first);
    assert.deepEqual(await query(again.address, "select value from kept"), [{ value: 7 }]);
    await again.leave();
    assert.equal(serverPid(), pid);
    await beside.leave();
    assert.equal(serverPid(), 0);
    assert.ok(!existsSync(first.host), "its socket's folder is left");
  });

  it("starts again when it was killed, with all that was committed, whoever has its number since", async () => {
    const first = await openEmbedded(folder);
    await query(first.address, "create table kept as select 7 as value");
    const pid = serverPid();
    process.kill(pid, "SIGKILL");
    await until(10, () => (isAlive({ pid }) ? undefined : true));
    const note = join(data(), "postmaster.pid");
    writeFileSync(note, readFileSync(note, "utf8").replace(String(pid), String(process.pid)));
    const again = await openEmbedded(folder);
    assert.notEqual(serverPid(), pid);
    assert.deepEqual(await query(again.address, "select value from kept"), [{ value: 7 }]);
    // Whoever was connected comes back to the same place.
    assert.deepEqual(again.address, first.address);
    // Nor does it end the other.
    await first.leave();
    assert.notEqual(serverPid(), 0);
    await again.leave();
  });

  it("is one server for two who start at once", async () => {
    const both = [begin(), begin()];
    const [one, other] = await Promise.all(both.map(opened));
    assert.deepEqual(one, other);
    const pids = readdirSync("/proc").filter((pid) => {
      try {
        return (
          /^\d+$/.test(pid) &&
          statSync(`/proc/${pid}/cwd`).ino === statSync(data()).ino &&
          readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("\0-D\0")
        );
      } catch {
        return false;
      }
    });
    assert.deepEqual(pids, [String(serverPid())]);
  });

  it("is made whole or not at all: one who makes it is killed at any moment", async () => {
    const child = begin();
    const drafts = (): string[] =>
      existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith("data.")) : [];
    assert.ok(await until(60, () => (drafts().length > 0 ? true : undefined)));
    // Somewhere in the second that it takes: whichever moment it is, what comes next is the same.
    await passed(0.4);
    await killed(child);
    const { address, leave } = await openEmbedded(folder);
    assert.deepEqual(await query(address, "select 1 as one"), [{ one: 1 }]);
    assert.deepEqual(drafts(), []);
    await leave();
  });

  it("is begun anew where its socket was taken away", async () => {
    const first = await openEmbedded(folder);
    rmSync(first.address.host, { recursive: true });
    const again = await openEmbedded(folder);
    assert.deepEqual(await query(again.address, "select 1 as one"), [{ one: 1 }]);
    await again.leave();
    assert.equal(serverPid(), 0);
  });

  it("of another version of PostgreSQL is refused by name, and left as it is", async () => {
    await (await openEmbedded(folder)).leave();
    writeFileSync(join(data(), "PG_VERSION"), "17\n");
    await assert.rejects(openEmbedded(folder), (error) => {
      assert.ok(error instanceof Failure && error.kind === "badInput");
      assert.match(
        error.message,
        /written by PostgreSQL 17, and this version of Trunkline has PostgreSQL 18/,
      );
      return true;
    });
    assert.equal(readFileSync(join(data(), "PG_VERSION"), "utf8"), "17\n");
  });

  it("that does not start says why", async () => {
    await (await openEmbedded(folder)).leave();
    rmSync(join(data(), "global", "pg_control"));
    await assert.rejects(openEmbedded(folder), (error) => {
      assert.ok(error instanceof Failure);
      assert.match(error.message, /did not start.*it ended \(2\)[\s\S]*could not find the database system/);
      return true;
    });
  });

  it("listens on a socket of a short path alone, and knows nothing of its starter's environment", async () => {
    const planted = "planted-secret-31337";
    const address = await opened(begin({}, { AWS_SECRET_ACCESS_KEY: planted, PGPASSWORD: planted }));
    assert.deepEqual(await query(address, "show listen_addresses"), [{ listen_addresses: "" }]);
    assert.ok(join(address.host, ".s.PGSQL.5432").length <= 103);
    assert.equal(statSync(address.host).mode & 0o777, 0o700);
    assert.equal(statSync(data()).mode & 0o777, 0o700);
    const pid = String(serverPid());
    for (const file of ["cmdline", "environ"])
      assert.ok(!readFileSync(`/proc/${pid}/${file}`, "utf8").includes(planted), file);
    assert.equal(address.user, "trunkline");
  });

  describe("where the tests are root", () => {
    const nobody = { uid: 65534, gid: 65534 };
    before(function () {
      if (process.getuid?.() !== 0) this.skip();
    });

    it("runs as a user that nothing else runs as, and takes no connection of others", async () => {
      const { address, leave } = await openEmbedded(folder);
      const { uid } = statSync(data());
      assert.ok(uid >= 61184 && uid <= 65519, String(uid));
      assert.equal(statSync(`/proc/${String(serverPid())}`).uid, uid);
      const socket = join(address.host, ".s.PGSQL.5432");
      const script = `require("net").connect(process.argv[1]).on("error", (e) => console.log(e.code))`;
      const said = spawnSync(process.execPath, ["-e", script, socket], { ...nobody, encoding: "utf8" });
      assert.equal(said.stdout, "EACCES\n");
      await leave();
    });

    it("serves another user than root as that user, and root beside it", async () => {
      const home = join(folder, "../..");
      mkdirSync(folder, { recursive: true });
      for (const path of [home, join(home, "state"), folder]) chownSync(path, nobody.uid, nobody.gid);
      const child = begin(nobody, { XDG_CACHE_HOME: join(home, "cache"), HOME: home, TMPDIR: home });
      const address = await opened(child);
      assert.equal(statSync(`/proc/${String(serverPid())}`).uid, nobody.uid);
      await query(address, "create table kept as select 7 as value");
      await stopEmbedded(folder);
      const again = await openEmbedded(folder);
      assert.equal(statSync(`/proc/${String(serverPid())}`).uid, nobody.uid);
      assert.deepEqual(await query(again.address, "select value from kept"), [{ value: 7 }]);
      await again.leave();
    });
  });
});
