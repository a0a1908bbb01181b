import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { isDeepStrictEqual } from "node:util";
import { HostFolder, type Said, smallRelease } from "./machine";

const first = smallRelease();
const second = smallRelease({
  "/etc/frr/frr.conf": "router bgp 2\n",
  "/etc/sysctl.d/90-trunkline.conf": "net.ipv4.ip_forward = 1\n",
});

function ok(said: Said): unknown {
  assert.equal(said.code, 0, said.stderr);
  return JSON.parse(said.stdout);
}

function staged(host: HostFolder, { bundle }: { readonly bundle: string }): void {
  ok(host.run(["stage"], { stdin: bundle }));
}

function confirmed(host: HostFolder, release: typeof first): void {
  staged(host, release);
  ok(host.run(["apply", release.name, "--confirm-within", "60s"]));
  ok(host.run(["confirm", release.name]));
}

describe("trunkline-gateway: apply, confirm, revert", () => {
  let host: HostFolder;
  beforeEach(() => (host = new HostFolder()));
  afterEach(() => {
    host.remove();
  });

  it("runs what the release says, and the bootstrap key goes with the confirmation", () => {
    staged(host, first);
    const applied = ok(host.run(["apply", first.name, "--confirm-within", "60s"]));
    assert.deepEqual(Object.keys(Object(applied)), ["applied", "deadline"]);
    assert.equal(host.read("/run/loaded/frr.conf"), "router bgp 1\n");
    assert.ok(host.has("/etc/ssh/trunkline_bootstrap_ecdsa"));
    assert.deepEqual(ok(host.run(["health", first.name])), { healthy: first.name });
    assert.deepEqual(ok(host.run(["confirm", first.name])), { confirmed: first.name });
    assert.ok(!host.has("/etc/ssh/trunkline_bootstrap_ecdsa"));
    assert.equal(host.read("/etc/swanctl/private/trunkline.pem"), "the key\n");
  });

  for (const path of ["/etc/swanctl/conf.d/trunkline-ppk.conf", "/etc/swanctl/conf.d/trunkline-psk.conf"])
    it(`what only root may read is so wherever it lies, and loaded as a credential: ${path}`, () => {
      const keyed = smallRelease({ [path]: "secrets {\n}\n" });
      confirmed(host, first);
      host.calls();
      staged(host, keyed);
      const kept = `/var/lib/trunkline/releases/${keyed.name}/files${path}`;
      assert.equal(host.mode(kept), 0o600);
      ok(host.run(["apply", keyed.name, "--confirm-within", "60s"]));
      assert.equal(host.mode(path), 0o600);
      assert.ok(host.calls().some((call) => call.includes("swanctl --load-creds --clear")));
      // The way back takes it away, and what it loaded.
      ok(host.run(["revert"]));
      assert.ok(!host.has(path));
      assert.ok(host.calls().some((call) => call.includes("swanctl --load-creds --clear")));
    });

  it("a second time it changes nothing", () => {
    confirmed(host, first);
    host.calls();
    assert.deepEqual(ok(host.run(["apply", first.name, "--confirm-within", "60s"])), {
      unchanged: first.name,
    });
    assert.deepEqual(
      host.calls().filter((call) => /restart|reload |nft -f|sysctl -p/.test(call)),
      [],
    );
  });

  it("a second time it mends what somebody changed by hand", () => {
    confirmed(host, first);
    host.write("/etc/frr/frr.conf", "router bgp 666\n");
    ok(host.run(["apply", first.name, "--confirm-within", "60s"]));
    assert.equal(host.read("/etc/frr/frr.conf"), "router bgp 1\n");
    assert.equal(host.read("/run/loaded/frr.conf"), "router bgp 1\n");
  });

  for (const { release, says } of [
    { release: 'ID=debian\nVERSION_ID="13"\n', says: undefined },
    { release: 'VERSION_ID="12"\nID=debian\n', says: /is for debian-13, and this machine runs debian-12/ },
    { release: 'ID=ubuntu\nVERSION_ID="24.04"\n', says: /this machine runs ubuntu-24\.04.*image epoch/ },
  ])
    it(`a release for debian-13 on ${JSON.stringify(release)}: ${says === undefined ? "taken" : "refused before anything changes"}`, () => {
      host.write("/etc/os-release", release);
      const written = smallRelease({}, { system: "debian-13" });
      staged(host, written);
      const was = host.visible();
      host.calls();
      const said = host.run(["apply", written.name, "--confirm-within", "60s"]);
      assert.equal(said.code, says === undefined ? 0 : 1, said.stderr);
      if (says === undefined) return;
      assert.match(said.stderr, says);
      assert.deepEqual(host.visible(), was);
      assert.deepEqual(host.calls(), []);
    });

  it("touches only the daemon whose file changed", () => {
    confirmed(host, first);
    staged(host, second);
    host.calls();
    ok(host.run(["apply", second.name, "--confirm-within", "60s"]));
    const told = host.calls().filter((call) => /restart|frr-reload|nft -f|reload strongswan/.test(call));
    assert.deepEqual(told, [`frr-reload.py --reload ${host.path("/etc/frr/frr.conf")}`]);
  });

  it("starts FRR afresh when a daemon of it dies of the change", () => {
    confirmed(host, first);
    staged(host, second);
    host.write("/run/bgpd-dies", "");
    host.calls();
    ok(host.run(["apply", second.name, "--confirm-within", "60s"]));
    assert.ok(host.calls().includes("systemctl restart frr"));
    assert.equal(host.read("/run/loaded/frr.conf"), host.read("/etc/frr/frr.conf"));
  });

  for (const { how, words } of [
    { how: "the timer", words: ["revert", "--unless-confirmed", second.name] },
    { how: "somebody", words: ["revert"] },
    { how: "the next boot", words: ["boot"] },
  ])
    it(`goes back to the release before: ${how}`, () => {
      confirmed(host, first);
      const before = host.visible();
      staged(host, second);
      ok(host.run(["apply", second.name, "--confirm-within", "60s"]));
      assert.deepEqual(ok(host.run(words)), { reverted: second.name, current: first.name });
      // After a boot the daemons start with what is in place.
      if (how !== "the next boot") assert.deepEqual(host.visible(), before);
      assert.equal(host.read("/etc/frr/frr.conf"), "router bgp 1\n");
      assert.equal(host.run(["confirm", second.name]).code, 1);
    });

  it("the boot tells no daemon anything: they have yet to start, and waiting for them would be for ever", () => {
    confirmed(host, first);
    staged(host, second);
    ok(host.run(["apply", second.name, "--confirm-within", "60s"]));
    host.calls();
    ok(host.run(["boot"]));
    assert.deepEqual(
      host.calls().filter((call) => !/^systemctl (-q --no-reload enable|daemon-reload|-q stop)/.test(call)),
      [],
    );
  });

  it("goes back from a first release to what the distribution had", () => {
    const before = host.visible();
    staged(host, first);
    ok(host.run(["apply", first.name, "--confirm-within", "60s"]));
    assert.deepEqual(ok(host.run(["revert"])), { reverted: first.name, current: null });
    const { "/etc/swanctl/private/trunkline.pem": key, ...after } = host.visible();
    assert.equal(key, "the key\n");
    assert.deepEqual(after, before);
  });

  it("another release takes the place of one that waits", () => {
    confirmed(host, first);
    const third = smallRelease({ "/etc/frr/frr.conf": "router bgp 3\n" });
    for (const release of [second, third]) {
      staged(host, release);
      ok(host.run(["apply", release.name, "--confirm-within", "60s"]));
    }
    assert.equal(host.read("/run/loaded/frr.conf"), "router bgp 3\n");
    assert.ok(!host.has("/etc/sysctl.d/90-trunkline.conf"));
    assert.deepEqual(ok(host.run(["revert"])), { reverted: third.name, current: first.name });
  });

  it("a checker's refusal names gateway, file and line, and changes nothing", () => {
    confirmed(host, first);
    const bad = smallRelease({ "/etc/frr/frr.conf": "router bgp 1\n poison\n" });
    const before = host.visible();
    staged(host, bad);
    const said = host.run(["apply", bad.name, "--confirm-within", "60s"]);
    assert.equal(said.code, 1);
    assert.match(said.stderr, /use1-a: \/etc\/frr\/frr\.conf:2: .*poison/);
    assert.deepEqual(host.visible(), before);
  });

  it("a daemon's refusal names gateway, file and line, and the release before is back", () => {
    confirmed(host, first);
    const bad = smallRelease({
      "/etc/swanctl/conf.d/trunkline.conf": "connections {\n  a~b {\n    proposals = poison\n  }\n}\n",
    });
    const before = host.visible();
    staged(host, bad);
    const said = host.run(["apply", bad.name, "--confirm-within", "60s"]);
    assert.equal(said.code, 1);
    assert.match(said.stderr, /use1-a: \/etc\/swanctl\/conf\.d\/trunkline\.conf:3: .*proposals/);
    assert.match(said.stderr, new RegExp(`back on release ${first.name.slice(0, 12)}`));
    assert.deepEqual(host.visible(), before);
    assert.equal(host.run(["health", bad.name]).code, 1);
  });

  it("health says what is missing", () => {
    confirmed(host, first);
    host.write("/run/loaded/swanctl.conf", "");
    const said = host.run(["health"]);
    assert.equal(said.code, 1);
    assert.match(said.stderr, /use1-a: strongSwan did not take connection a~b/);
  });

  it("says when another change is under way", async () => {
    staged(host, first);
    const holder = spawn("flock", [host.path("/var/lib/trunkline/lock"), "sh", "-c", "echo held; cat"]);
    try {
      await once(holder.stdout, "data");
      const said = host.run(["apply", first.name, "--confirm-within", "60s"]);
      assert.equal(said.code, 3);
      assert.match(said.stderr, /another change of this gateway is under way/);
    } finally {
      await ended(holder);
    }
  });
});

describe("trunkline-gateway: killed at any step", function () {
  this.timeout(600_000);
  let untouched: HostFolder;
  let reference: HostFolder;
  before(() => {
    untouched = new HostFolder();
    confirmed(untouched, first);
    staged(untouched, second);
    reference = untouched.copy();
    ok(reference.run(["apply", second.name, "--confirm-within", "60s"]));
    ok(reference.run(["confirm", second.name]));
  });
  after(() => {
    untouched.remove();
    reference.remove();
  });

  it("of apply: the timer brings the release before back, and another apply ends what was begun", () => {
    const wanted = reference.visible();
    const former = untouched.visible();
    const steps = everyStep(untouched, ["apply", second.name, "--confirm-within", "60s"], (host, step) => {
      if (!isDeepStrictEqual(host.visible(), former))
        assert.ok(
          host.calls().some((call) => call.startsWith("systemd-run") && call.includes("--unless-confirmed")),
          `step ${String(step)}: something changed before the timer was there`,
        );
      // In turns: half the time, and neighbouring steps are alike.
      if (step % 2 === 0) {
        ok(host.run(["revert", "--unless-confirmed", second.name]));
        assert.deepEqual(host.visible(), former, `reverted after a kill at step ${String(step)}`);
      } else {
        ok(host.run(["apply", second.name, "--confirm-within", "60s"]));
        ok(host.run(["confirm", second.name]));
        assert.deepEqual(host.visible(), wanted, `applied again after a kill at step ${String(step)}`);
      }
    });
    assert.ok(steps > 15, `only ${String(steps)} steps were seen`);
  });

  it("of a revert: the next one ends it", () => {
    const applied = untouched.copy();
    try {
      ok(applied.run(["apply", second.name, "--confirm-within", "60s"]));
      const former = untouched.visible();
      everyStep(applied, ["revert"], (host, step) => {
        ok(host.run(["revert", "--unless-confirmed", second.name]));
        assert.deepEqual(host.visible(), former, `reverted again after a kill at step ${String(step)}`);
        assert.equal(host.run(["confirm", second.name]).code, 1);
      });
    } finally {
      applied.remove();
    }
  });

  it("of a confirmation: it is confirmed or it goes back, and files and notes agree", () => {
    const applied = untouched.copy();
    try {
      ok(applied.run(["apply", second.name, "--confirm-within", "60s"]));
      const seen = new Set<boolean>();
      everyStep(applied, ["confirm", second.name], (host) => {
        const { reverted } = Object(ok(host.run(["revert", "--unless-confirmed", second.name])));
        seen.add(reverted === null);
        assert.deepEqual(host.visible(), (reverted === null ? reference : untouched).visible());
        if (reverted === null) {
          ok(host.run(["confirm", second.name]));
          assert.ok(!host.has("/var/lib/trunkline/journal.json"));
        }
      });
      assert.deepEqual([...seen].sort(), [false, true]);
    } finally {
      applied.remove();
    }
  });
});

/** Kills the command before each of its steps in turn, each time on a fresh copy. @returns how many steps it has */
function everyStep(
  from: HostFolder,
  words: readonly string[],
  then: (host: HostFolder, step: number) => void,
): number {
  for (let step = 1; ; step += 1) {
    const host = from.copy();
    try {
      const said = host.run(words, { killedAt: step });
      if (said.signal === null) {
        ok(said);
        return step - 1;
      }
      then(host, step);
    } finally {
      host.remove();
    }
  }
}

async function ended(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  if (child.exitCode === null) await once(child, "exit");
}
