import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync, chmodSync, readFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { pushEnvironment } from "../../gateway/push";
import { csrScript, ensureScript, gatewayProgram, hostkeyScript } from "../../gateway/push";
import { renderUserData } from "../../gateway/user-data";

const bootstrapHostKey =
  "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEga2V5\n-----END OPENSSH PRIVATE KEY-----\n";
const userData = renderUserData({ pushPublicKey: "ssh-ed25519 AAAA push", bootstrapHostKey });
const scripts = { "user data": userData, hostkeyScript, csrScript, ensureScript };

describe("scripts", () => {
  for (const [name, text] of Object.entries(scripts))
    it(`${name}: nothing to say for shellcheck`, () => {
      const { status, stdout, error } = spawnSync("shellcheck", ["--shell=sh", "-"], {
        input: text,
        encoding: "utf8",
      });
      assert.equal(error, undefined, "shellcheck is missing: trunkline-setup --for-tests brings it");
      assert.equal(status, 0, stdout);
    });

  it("user data installs no package, starts no daemon and fits into what clouds take (AWS: 16 KB)", () => {
    assert.doesNotMatch(userData, /\bapt|curl|wget|systemctl (re)?start/);
    assert.ok(userData.length < 4096);
  });

  // cloud-init, "User-data formats": the first line says what it is. `slow/cloud-machine.test.ts` has cloud-init itself judge.
  it("user data is a script to cloud-init", () => {
    assert.match(userData, /^#!\/bin\/sh\n/);
  });

  it("what meets a new machine is small: it is stored in the trust stack's state for each gateway", () => {
    assert.ok(gatewayProgram().length < 5000, `${String(gatewayProgram().length)} bytes`);
  });
});

describe("push scripts, with an ssh that only notes how it was called", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "trunkline-push-"))));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** @param answer shell text of the stand-in: `$*` are ssh's words, `$D` is a folder to note things in */
  function push(script: string, answer: string, stdin = "the input") {
    writeFileSync(
      join(folder, "ssh"),
      `#!/bin/sh\nD='${folder}'\necho "$*" >> "$D/calls"\nenv > "$D/env"\n${answer}\n`,
    );
    chmodSync(join(folder, "ssh"), 0o755);
    const values: Record<(typeof pushEnvironment)[number], string> = {
      TRUNKLINE_ADDRESS: "198.18.0.1",
      TRUNKLINE_USER: "root",
      TRUNKLINE_PUSH_KEY: "PLANTED-SECRET",
      TRUNKLINE_HOST_KEYS: "ssh-ed25519 AAAAhost\n",
    };
    const said = spawnSync("/bin/sh", ["-c", script], {
      input: stdin,
      encoding: "utf8",
      timeout: 20_000,
      env: {
        PATH: `${folder}:/usr/bin:/bin`,
        TMPDIR: folder,
        ...values,
        TRUNKLINE_RELEASE: "a".repeat(64),
        TRUNKLINE_IDENTITY: "use1-a.acme",
        TRUNKLINE_KEY_EPOCH: "1",
        TRUNKLINE_KEY_ALGORITHM: "rsa-3072",
        TRUNKLINE_REACH_SECONDS: "0",
      },
    });
    const calls = existsSync(join(folder, "calls")) ? readFileSync(join(folder, "calls"), "utf8") : "";
    return { ...said, calls: calls.trim().split("\n") };
  }

  it("pins the host's key and takes nothing of the user's configuration", () => {
    const { status, calls } = push(csrScript, "cat > /dev/null");
    assert.equal(status, 0);
    for (const call of calls) {
      assert.match(call, /^-F none .*StrictHostKeyChecking=yes .*root@198\.18\.0\.1/);
      assert.match(call, /UserKnownHostsFile=\S+\/known_hosts/);
    }
  });

  it("the key stands in no argument and in no environment but the script's, and leaves nothing behind", () => {
    const { calls } = push(
      ensureScript,
      `for word; do case $word in */key) stat -c %a "$word" > "$D/mode"; cp "$word" "$D/key.seen";; esac; done; cat > /dev/null`,
    );
    assert.doesNotMatch(calls.join("\n"), /PLANTED/);
    assert.doesNotMatch(readFileSync(join(folder, "env"), "utf8"), /PLANTED/);
    assert.equal(readFileSync(join(folder, "mode"), "utf8"), "600\n");
    assert.equal(readFileSync(join(folder, "key.seen"), "utf8"), "PLANTED-SECRET\n");
    const left = spawnSync("find", [folder, "-mindepth", "1", "-type", "d"], { encoding: "utf8" }).stdout;
    assert.equal(left, "");
  });

  it("ensure stages, applies, looks and confirms, each over a connection of its own", () => {
    const { status, calls } = push(ensureScript, "cat > /dev/null");
    assert.equal(status, 0);
    const verbs = calls.map(
      (call) => /(?:trunkline-gateway )(apply|health|confirm|revert)/.exec(call)?.[1] ?? "-",
    );
    assert.deepEqual(
      verbs.filter((verb) => verb !== "-"),
      ["apply", "health", "confirm"],
    );
  });

  it("a refusal is what the user reads, and nothing is confirmed", () => {
    const refused = `cat > /dev/null; case "$*" in *" apply "*) echo "use1-a: /etc/frr/frr.conf:3: no" >&2; exit 1;; esac`;
    const { status, stderr, calls } = push(ensureScript, refused);
    assert.equal(status, 1);
    assert.match(stderr, /use1-a: \/etc\/frr\/frr\.conf:3: no/);
    assert.doesNotMatch(calls.join("\n"), / confirm /);
  });

  it("a gateway that cannot be reached is said so, with what ssh said", () => {
    const { status, stderr } = push(ensureScript, `echo "Connection timed out" >&2; exit 255`);
    assert.equal(status, 1);
    assert.match(stderr, /cannot reach 198\.18\.0\.1: Connection timed out/);
  });
});
