import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { z } from "zod";
import { TestAuthority } from "../authority";
import { HostFolder, type Said, smallRelease } from "./machine";

const names = ["one", "two", "three", "four", "five", "six"] as const;
const releases = names.map((name) => smallRelease({ "/etc/frr/frr.conf": `router bgp ${name}\n` }));

const [first = smallRelease(), second = smallRelease()] = releases;

function ok(said: Said): unknown {
  assert.equal(said.code, 0, said.stderr);
  return JSON.parse(said.stdout);
}

const notes = z.object({
  release: z.string(),
  previous: z.string().nullable(),
  history: z.array(z.string()),
});

describe("trunkline-gateway rollback, and the releases that are kept for it", function () {
  let host: HostFolder;
  before(() => {
    host = new HostFolder();
    for (const release of releases) {
      ok(host.run(["stage"], { stdin: release.bundle }));
      ok(host.run(["apply", release.name, "--confirm-within", "60s"]));
      ok(host.run(["confirm", release.name]));
    }
  });
  after(() => host.remove());

  const current = (at: HostFolder) => notes.parse(JSON.parse(at.read("/var/lib/trunkline/current.json")));
  const nameOf = (index: number) => releases.at(index)?.name ?? "";

  it("three old ones are kept, newest first, and the rest is gone from the disk", () => {
    const { release, previous, history } = current(host);
    assert.deepEqual([release, previous], [nameOf(-1), nameOf(-2)]);
    assert.deepEqual(history, [nameOf(-2), nameOf(-3), nameOf(-4)]);
    assert.deepEqual(
      readdirSync(host.path("/var/lib/trunkline/releases")).sort(),
      [release, ...history].sort(),
    );
  });

  it("goes back one by one, each confirmed, and says so when there is none before", () => {
    const at = host.copy();
    try {
      for (const index of [-2, -3, -4]) {
        const said = Object(ok(at.run(["rollback", "--confirm-within", "60s"])));
        assert.deepEqual([said.applied, said.from], [nameOf(index), nameOf(index + 1)]);
        assert.equal(at.read("/run/loaded/frr.conf"), `router bgp ${names.at(index) ?? ""}\n`);
        ok(at.run(["confirm", nameOf(index)]));
        assert.equal(current(at).release, nameOf(index));
      }
      const last = at.run(["rollback", "--confirm-within", "60s"]);
      assert.equal(last.code, 1);
      assert.match(last.stderr, /no release was confirmed here before the running one/);
      // And forth again, as the next `up` does it.
      const newest = smallRelease({ "/etc/frr/frr.conf": "router bgp six\n" });
      ok(at.run(["stage"], { stdin: newest.bundle }));
      ok(at.run(["apply", newest.name, "--confirm-within", "60s"]));
      ok(at.run(["confirm", newest.name]));
      assert.deepEqual(current(at).history, [nameOf(-4)]);
    } finally {
      at.remove();
    }
  });

  it("without a confirmation it goes forth again by itself, by the newer release's program", () => {
    const at = host.copy();
    try {
      at.calls();
      ok(at.run(["rollback", "--confirm-within", "60s"]));
      const timer = at.calls().find((call) => call.startsWith("systemd-run")) ?? "";
      assert.match(timer, new RegExp(`releases/${nameOf(-1)}/.* revert --unless-confirmed ${nameOf(-2)}$`));
      // A second one while it waits ends what was begun.
      assert.equal(Object(ok(at.run(["rollback", "--confirm-within", "60s"]))).applied, nameOf(-2));
      ok(at.run(["revert", "--unless-confirmed", nameOf(-2)]));
      assert.equal(at.read("/run/loaded/frr.conf"), "router bgp six\n");
      assert.deepEqual(current(at), current(host));
    } finally {
      at.remove();
    }
  });
});

describe("trunkline-gateway on a full disk", function () {
  let host: HostFolder;
  before(() => {
    host = new HostFolder();
    ok(host.run(["stage"], { stdin: first.bundle }));
    ok(host.run(["apply", first.name, "--confirm-within", "60s"]));
    ok(host.run(["confirm", first.name]));
  });
  after(() => host.remove());

  /** The words with a disk that is full from the first written file on, from the second, and so on. */
  function everyFile(
    from: HostFolder,
    words: readonly string[],
    stdin: string,
    then: (at: HostFolder, said: Said) => void,
  ): number {
    for (let file = 1; ; file += 1) {
      const at = from.copy();
      try {
        const said = at.run(words, { stdin, fullAt: file });
        if (!said.stderr.includes("FULL")) {
          ok(said);
          return file - 1;
        }
        assert.equal(said.code, 1, said.stderr);
        assert.match(
          said.stderr,
          /the disk of this gateway is full \(\d+ KiB are free\): make room and push again/,
        );
        assert.ok(!said.stderr.includes("Traceback"), said.stderr);
        then(at, said);
      } finally {
        at.remove();
      }
    }
  }

  it("stage: nothing is kept by half, and with room it goes through", () => {
    const files = everyFile(host, ["stage"], second.bundle, (at) => {
      assert.deepEqual(readdirSync(at.path("/var/lib/trunkline/releases")), [first.name]);
      ok(at.run(["stage"], { stdin: second.bundle }));
    });
    assert.ok(files > 5, String(files));
  });

  it("apply: the release before runs, and nothing waits", () => {
    const staged = host.copy();
    try {
      ok(staged.run(["stage"], { stdin: second.bundle }));
      const former = host.visible();
      const files = everyFile(staged, ["apply", second.name, "--confirm-within", "60s"], "", (at) => {
        assert.deepEqual(at.visible(), former);
        assert.ok(!at.has("/var/lib/trunkline/journal.json"));
        assert.deepEqual(Object(ok(at.run(["health"]))), { healthy: first.name });
      });
      assert.ok(files >= 3, String(files));
    } finally {
      staged.remove();
    }
  });

  it("confirm: it is confirmed, or goes back with the room that was set aside", () => {
    const applied = host.copy();
    try {
      ok(applied.run(["stage"], { stdin: second.bundle }));
      ok(applied.run(["apply", second.name, "--confirm-within", "60s"]));
      const former = host.visible();
      everyFile(applied, ["confirm", second.name], "", (at) => {
        const back = at.run(["revert", "--unless-confirmed", second.name], { fullAt: 1 });
        assert.equal(back.code, 0, back.stderr);
        assert.deepEqual(at.visible(), former);
      });
    } finally {
      applied.remove();
    }
  });
});

describe("a clock that cannot be right, by the certificates of the release", () => {
  let host: HostFolder;
  let authority: TestAuthority;
  let release: typeof first;
  before(() => {
    host = new HostFolder();
    authority = new TestAuthority();
    const words = ["--identity", "use1-a.acme", "--epoch", "2", "--algorithm", "ecdsa-p256"];
    const csr = Object(ok(host.firstContact("csr", ...words)))["csr"];
    release = smallRelease({ "/etc/swanctl/x509/trunkline.pem": authority.sign(String(csr)) });
    ok(host.run(["stage"], { stdin: release.bundle }));
  });
  after(() => {
    authority.remove();
    host.remove();
  });

  /** The program with the machine's clock moved. */
  const shifted = (days: number, words: readonly string[]) =>
    host.python(
      `import time;real=time.time;time.time=lambda:real()+${String(days * 86400)};from trunkline_gateway.main import main;sys.exit(main(${JSON.stringify(words)}))`,
    );

  for (const { days, says } of [
    {
      days: -3,
      says: /use1-a: \S+x509\/trunkline\.pem is valid from \S+Z, and the clock here says \S+Z: it is behind/,
    },
    { days: 30, says: /use1-a: \S+x509\/trunkline\.pem ended at \S+Z, and the clock here says \S+Z: renew/ },
  ])
    it(`${String(days)} days: apply refuses and changes nothing, and so does health`, () => {
      const before = host.visible();
      const said = shifted(days, ["apply", release.name, "--confirm-within", "60s"]);
      assert.equal(said.code, 1, said.stderr);
      assert.match(said.stderr, says);
      assert.deepEqual(host.visible(), before);
    });

  it("today it is taken; by tomorrow's clock health refuses, and by a peer's certificate of tomorrow", () => {
    ok(host.run(["apply", release.name, "--confirm-within", "60s"]));
    ok(host.run(["health", release.name]));
    assert.match(shifted(30, ["health", release.name]).stderr, /ended at/);
    host.says(
      "swanctl --list-certs --type x509",
      `List of X.509 End Entity Certificates\n\n  subject:  "CN=euw1-a.acme"\n  issuer:   "CN=ca"\n  validity:  not before Nov 27 01:00:00 2026, not valid yet (valid in 2 days)\n             not after  Dec 27 01:00:00 2026, ok (expires in 32 days)\n`,
    );
    const said = host.run(["health", release.name]);
    assert.equal(said.code, 1);
    assert.match(said.stderr, /the clock is behind: the certificate of CN=euw1-a\.acme is not valid yet/);
  });
});
