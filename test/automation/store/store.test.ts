import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../../../automation/failure";
import { openStore } from "../../../automation/store/store";

describe("the server that DATABASE_URL names", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "store-url-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const password = "planted-password";

  for (const { url, why } of [
    { url: `mysql://user:${password}@host/name`, why: /is no URL of PostgreSQL/ },
    { url: `${password}`, why: /is no URL of PostgreSQL/ },
    { url: `postgresql://user:${password}@127.0.0.1:1/name`, why: /cannot be reached/ },
    { url: `postgresql://user:${password}@${password}.invalid:1/name`, why: /cannot be reached\.$/ },
  ])
    it(`is refused without its password being said: ${url.replaceAll(password, "…")}`, async () => {
      await assert.rejects(openStore(folder, { DATABASE_URL: url }), (error) => {
        assert.ok(error instanceof Failure && error.kind === "badInput");
        assert.match(error.message, why);
        assert.doesNotMatch(`${error.message} ${error.remedy ?? ""} ${error.stack ?? ""}`, /planted/);
        return true;
      });
      assert.deepEqual(readdirSync(folder), []);
    });

  it("that says nothing is given up", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const address = silent.address();
    assert.ok(typeof address === "object" && address !== null);
    const url = `postgresql://user@127.0.0.1:${String(address.port)}/name`;
    await assert.rejects(openStore(folder, { DATABASE_URL: url }, 0.3), /cannot be reached: timeout/);
    silent.close();
  });
});
