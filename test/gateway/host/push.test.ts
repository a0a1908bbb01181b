import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { pushEnvironment } from "../../../gateway/push";
import { ensureScript } from "../../../gateway/push";
import { hostProgram } from "../../../gateway/render";
import { HostFolder, type Said, smallRelease } from "./machine";

const first = smallRelease(hostProgram());
const second = smallRelease({ ...hostProgram(), "/etc/frr/frr.conf": "router bgp 2\n" });

/** An `ssh` that runs the command on the folder; `fault` is shell text, `$N` the number of the connection. */
class Pusher {
  readonly #folder: string;

  constructor(
    readonly host: HostFolder,
    folder = "/pusher",
  ) {
    this.#folder = host.path(folder);
    mkdirSync(this.#folder, { recursive: true });
  }

  start(release: typeof first, fault = ""): ChildProcess {
    const { host } = this;
    rmSync(join(this.#folder, "calls"), { force: true });
    const environment = Object.entries(host.environment).map(([name, value]) => `${name}='${value}'`);
    writeFileSync(
      join(this.#folder, "ssh"),
      `#!/bin/sh
D='${this.#folder}'
for word; do shift; case $word in root@*) break;; esac; done
echo "$*" >> "$D/calls"
N=$(wc -l < "$D/calls")
${fault}
exec env -i ${environment.join(" ")} sh -c "$*"
`,
    );
    chmodSync(join(this.#folder, "ssh"), 0o755);
    const values: Record<(typeof pushEnvironment)[number], string> = {
      TRUNKLINE_ADDRESS: "198.18.0.1",
      TRUNKLINE_USER: "root",
      TRUNKLINE_PUSH_KEY: "key",
      TRUNKLINE_HOST_KEYS: "ssh-ed25519 AAAAhost\n",
    };
    const child = spawn("/bin/sh", ["-c", ensureScript], {
      // A group of its own: a fault may kill it.
      detached: true,
      env: {
        PATH: `${this.#folder}:/usr/bin:/bin`,
        TMPDIR: this.#folder,
        ...values,
        TRUNKLINE_RELEASE: release.name,
        TRUNKLINE_GATEWAY_ROOT: host.root,
        TRUNKLINE_REACH_SECONDS: "5",
      },
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(release.bundle);
    return child;
  }

  async push(release: typeof first, fault = ""): Promise<Said> {
    const child = this.start(release, fault);
    let [stdout, stderr] = ["", ""];
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    // Not `close`: what a killed pusher left behind may hold the pipes.
    await once(child, "exit");
    return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
  }

  /** What each connection ran, in a word. */
  verbs(): string[] {
    const calls = join(this.#folder, "calls");
    if (!existsSync(calls)) return [];
    return readFileSync(calls, "utf8")
      .trim()
      .split("\n")
      .map((call) => /(?:\)\)'?"?|trunkline-gateway) (\w+)/.exec(call)?.[1] ?? call.slice(0, 20));
  }
}

describe("a push, the real script against the real program", function () {
  let host: HostFolder;
  let pusher: Pusher;
  before(async () => {
    host = new HostFolder();
    pusher = new Pusher(host);
    const said = await pusher.push(first);
    assert.equal(said.code, 0, said.stderr);
  });
  after(() => host.remove());

  const current = (at: HostFolder) => Object(JSON.parse(at.read("/var/lib/trunkline/current.json")));
  const pending = (at: HostFolder) => at.has("/var/lib/trunkline/journal.json");
  const lease = "/run/trunkline/push.json";

  it("asks, sends, applies, looks, confirms, and leaves no lease", () => {
    assert.deepEqual(pusher.verbs(), ["missing", "stage", "apply", "health", "confirm"]);
    assert.equal(current(host).release, first.name);
    assert.ok(
      !host.has(lease) && !host.has("/var/lib/trunkline/incoming") && !host.has("/var/lib/trunkline/reserve"),
    );
  });

  it("killed before any of its connections: the gateway goes back or goes on, and the next push is let in at once", async () => {
    for (let step = 1; ; step += 1) {
      const at = host.copy();
      try {
        const next = new Pusher(at);
        const killed = await next.push(second, `[ "$N" -ne ${String(step)} ] || kill -9 0`);
        if (killed.signal === null) {
          assert.ok(step > 5, `only ${String(step)} connections`);
          break;
        }
        if (step % 2 === 0 && pending(at)) {
          assert.equal(at.run(["revert", "--unless-confirmed", second.name]).code, 0);
          assert.equal(current(at).release, first.name);
          assert.equal(at.read("/run/loaded/frr.conf"), "router bgp 1\n");
        }
        const again = await next.push(second);
        assert.equal(again.code, 0, `after a kill at connection ${String(step)}: ${again.stderr}`);
        assert.equal(current(at).release, second.name);
        assert.equal(at.read("/run/loaded/frr.conf"), "router bgp 2\n");
        assert.ok(!pending(at) && !at.has(lease));
      } finally {
        at.remove();
      }
    }
  });

  it("a connection that breaks while files come is made again, and only the rest is sent", async () => {
    const at = new HostFolder();
    try {
      const next = new Pusher(at);
      // The second connection brings the files: most of them, then it breaks.
      const fault = `if [ "$N" -eq 2 ]; then head -c 60000 | env -i ${Object.entries(at.environment)
        .map(([name, value]) => `${name}='${value}'`)
        .join(
          " ",
        )} sh -c "$*" > /dev/null 2>&1; exit 255; fi; [ "$N" -ne 4 ] || { tee "$D/rest" | wc -c > "$D/sent"; exit 255; }`;
      const said = await next.push(first, fault);
      assert.equal(said.code, 0, said.stderr);
      assert.deepEqual(next.verbs().slice(0, 6), [
        ...["missing", "stage"],
        ...["missing", "stage"],
        ...["missing", "stage"],
      ]);
      assert.ok(Number(at.read("/pusher/sent")) < first.bundle.length - 20_000, at.read("/pusher/sent"));
    } finally {
      at.remove();
    }
  });

  it("two at once: the second is told who has been pushing and since when, exits with 3, and changes nothing", async () => {
    const at = host.copy();
    try {
      const one = new Pusher(at).start(
        second,
        `[ "$N" -ne 3 ] || { touch "$D/waits"; until [ -e "$D/go" ]; do read -r _ < /proc/uptime; done; }`,
      );
      const ended = once(one, "exit");
      while (!at.has("/pusher/waits")) await new Promise((resolve) => setImmediate(resolve));
      const before = at.visible();
      const said = await new Pusher(at, "/other-pusher").push(first);
      assert.equal(said.code, 3, said.stderr);
      assert.match(
        said.stderr,
        /\S+@\S+ \(process \d+\) has pushed to this gateway since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/,
      );
      assert.deepEqual(at.visible(), before);
      at.write("/pusher/go", "");
      const [code] = (await ended) as [number | null];
      assert.equal(code, 0);
      assert.equal(current(at).release, second.name);
    } finally {
      at.remove();
    }
  });

  it("of another host's pusher that is gone, the lease runs out; until then it is busy, and a revert is not", async () => {
    const at = host.copy();
    try {
      const theirs = (until: number) =>
        at.write(lease, JSON.stringify({ pusher: "ci@elsewhere/7/seat-1", since: 1, until }));
      theirs(1e12);
      assert.equal((await new Pusher(at).push(second)).code, 3);
      const byHand = at.run(["apply", first.name, "--confirm-within", "60s"]);
      assert.equal(byHand.code, 3);
      assert.match(byHand.stderr, /ci@elsewhere \(process 7\) has pushed .* since 1970-01-01T00:00:01Z/);
      assert.equal(at.run(["revert"]).code, 0);
      theirs(0);
      assert.equal((await new Pusher(at).push(second)).code, 0);
    } finally {
      at.remove();
    }
  });

  it("a clock that is far from the pusher's is refused with who is ahead and by how much", () => {
    const [program, manifest] = first.bundle.split("\n");
    for (const { clock, says } of [
      { clock: 1000, says: /the gateway's clock is \d+ s ahead of the pusher's/ },
      { clock: Math.round(Date.now() / 1000) + 500, says: /is (4\d\d|50\d) s behind the pusher's/ },
    ]) {
      const said = host.receive(
        ["missing", "--clock", String(clock)],
        `${program ?? ""}\n${manifest ?? ""}\n`,
      );
      assert.deepEqual([said.code, says.test(said.stderr)], [1, true], said.stderr);
      const health = host.run(["health", "--clock", String(clock)]);
      assert.deepEqual([health.code, says.test(health.stderr)], [1, true], health.stderr);
    }
  });
});
