import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../../automation/failure";
import { installedPackage, usableBinaries } from "../../../automation/store/binaries";

/** As this process. */
const nameless = { own: false, ids: {}, makerIds: {}, clients: [] };

describe("the programs of the database", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "binaries-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("that npm has installed without its scripts run from a copy, once made", async () => {
    const { native, version } = installedPackage();
    const bare = join(folder, "native");
    cpSync(native, bare, { recursive: true, filter: (path) => !lstatSync(path).isSymbolicLink() });
    const cache = join(folder, "cache");
    const { postgres } = await usableBinaries({ native: bare, version }, nameless, cache);
    assert.equal(postgres, join(cache, `postgres-${version}`, "bin", "postgres"));
    rmSync(bare, { recursive: true });
    mkdirSync(bare);
    assert.equal((await usableBinaries({ native: bare, version }, nameless, cache)).postgres, postgres);
  });

  it("are used where they are, if they run there", async () => {
    const native = join(folder, "native");
    mkdirSync(join(native, "bin"), { recursive: true });
    for (const program of ["initdb", "postgres"]) symlinkSync("/bin/true", join(native, "bin", program));
    const cache = join(folder, "cache");
    const found = await usableBinaries({ native, version: "18.0" }, nameless, cache);
    assert.equal(found.initdb, join(native, "bin", "initdb"));
    assert.ok(!existsSync(cache));
  });

  it("that do not run here are refused, with what the system says", async () => {
    const native = join(folder, "native");
    mkdirSync(join(native, "bin"), { recursive: true });
    for (const program of ["initdb", "postgres"])
      writeFileSync(join(native, "bin", program), "#!/bin/sh\necho no such library >&2; exit 127\n", {
        mode: 0o755,
      });
    await assert.rejects(
      usableBinaries({ native, version: "18.0" }, nameless, join(folder, "cache")),
      (error) => {
        assert.ok(error instanceof Failure && error.kind === "badInput");
        assert.match(error.message, /PostgreSQL 18\.0 does not run on this system: no such library/);
        return true;
      },
    );
    assert.ok(existsSync(join(folder, "cache", "postgres-18.0")));
  });

  it("of a platform that has none are missed by name", () => {
    assert.throws(
      () => installedPackage("win32-x64"),
      /No PostgreSQL was installed with Trunkline for win32-x64/,
    );
  });
});
