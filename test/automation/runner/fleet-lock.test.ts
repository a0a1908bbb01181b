import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../../automation/failure";
import { fleetLockHolder, takeFleetLock } from "../../../automation/runner/fleet-lock";
import { identityOf } from "../../../automation/runner/process-table";

describe("the lock of a fleet", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "lock-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const held = (holder: object): void => {
    const known = { id: "other", started: "2026-01-01T00:00:00Z", command: "trunkline up", host: hostname() };
    writeFileSync(join(folder, "lock"), JSON.stringify({ ...known, ...holder }));
  };
  const refused = (pattern: RegExp): void => {
    assert.throws(
      () => takeFleetLock(folder, "trunkline destroy"),
      (error) => error instanceof Failure && error.exitCode === 3 && pattern.test(error.message),
    );
  };

  it("is taken once, names its holder, and is free again after the release", () => {
    const lock = takeFleetLock(folder, "trunkline up -f fleet.yaml");
    refused(new RegExp(`trunkline up -f fleet.yaml.*process ${String(process.pid)} `));
    assert.equal(fleetLockHolder(folder)?.pid, process.pid);
    lock.release();
    takeFleetLock(folder, "trunkline destroy").release();
    assert.deepEqual(readdirSync(folder), []);
  });

  it("of a process that is dead, or of one that has its number since, is taken over", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    held({ pid: child.pid });
    takeFleetLock(folder, "trunkline up").release();
    held({ pid: process.pid, startTicks: (identityOf(process.pid).startTicks ?? 0) - 1 });
    takeFleetLock(folder, "trunkline up").release();
  });

  it("that was cut off while it was written is nobody's", () => {
    writeFileSync(join(folder, "lock"), '{"id":');
    takeFleetLock(folder, "trunkline up").release();
  });

  it("of another host is believed", () => {
    held({ pid: 1, host: "elsewhere.example" });
    refused(/process 1 on elsewhere\.example/);
  });

  it("is not released by one that has lost it", () => {
    const lock = takeFleetLock(folder, "trunkline up");
    held({ pid: process.pid, id: "new" });
    lock.release();
    assert.equal(fleetLockHolder(folder)?.id, "new");
  });
});
