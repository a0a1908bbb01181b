import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { Failure } from "../../../automation/failure";
import { migrate, migrations } from "../../../automation/runs/schema";
import { openStore, type Store } from "../../../automation/store/store";

describe("the tables of runs", function () {
  this.timeout(120_000);
  let folder: string;
  let store: Store;
  let client: Client;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "schema-"));
    store = await openStore(folder, {});
    client = new Client(store.connection);
    await client.connect();
  });
  after(async () => {
    await client.end();
    await store.leave();
    rmSync(folder, { recursive: true, force: true });
  });

  it("of an older version are brought to this one, with what they hold, once", async () => {
    await migrate(client, ["create table trunkline.old (value integer)"]);
    await client.query("insert into trunkline.old values (7)");
    const both = ["create table trunkline.old (value integer)", "alter table trunkline.old add more text"];
    await migrate(client, both);
    await migrate(client, both);
    assert.deepEqual((await client.query("select * from trunkline.old")).rows, [{ value: 7, more: null }]);
  });

  it("of a newer version are refused, and left as they are", async () => {
    await assert.rejects(migrate(client, migrations.slice(0, 1)), (error) => {
      assert.ok(error instanceof Failure && error.kind === "badInput");
      assert.match(
        error.message,
        /by a newer version of Trunkline: its tables are version 2, and this one knows 1/,
      );
      return true;
    });
    assert.deepEqual((await client.query("select number from trunkline.version")).rows, [{ number: 2 }]);
  });

  it("that cannot be brought forward stay at the version before", async () => {
    await client.query("drop schema trunkline cascade");
    const broken = [...migrations, "create table trunkline.more (value integer)", "no sentence"];
    await assert.rejects(migrate(client, broken), /syntax error/);
    await migrate(client);
    assert.deepEqual((await client.query("select number from trunkline.version")).rows, [
      { number: migrations.length },
    ]);
  });

  it("are made once by several who come at once", async () => {
    await client.query("drop schema trunkline cascade");
    const others = await Promise.all(
      [1, 2, 3].map(async () => {
        const other = new Client(store.connection);
        await other.connect();
        return other;
      }),
    );
    await Promise.all(others.map((other) => migrate(other)));
    for (const other of others) await other.end();
  });
});
