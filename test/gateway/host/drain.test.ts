import assert from "node:assert/strict";
import { HostFolder, type Said, smallRelease } from "./machine";

const frr = (asn: number): string => `router bgp ${String(asn)}\n bgp router-id 192.0.2.1\n`;
const drained = (asn: number): string => `${frr(asn)} bgp graceful-shutdown\n`;
const first = smallRelease({ "/etc/frr/frr.conf": frr(1) });
const second = smallRelease({ "/etc/frr/frr.conf": frr(2) });
const path = "/etc/frr/frr.conf";

function ok(said: Said): unknown {
  assert.equal(said.code, 0, said.stderr);
  return JSON.parse(said.stdout);
}

function apply(host: HostFolder, release: typeof first): void {
  ok(host.run(["stage"], { stdin: release.bundle }));
  ok(host.run(["apply", release.name, "--confirm-within", "60s"]));
  ok(host.run(["confirm", release.name]));
}

describe("trunkline-gateway: drain, undrain", function () {
  let host: HostFolder;
  beforeEach(() => {
    host = new HostFolder();
    apply(host, first);
    host.calls();
  });
  afterEach(() => {
    host.remove();
  });

  const told = (): string[] => host.calls().filter((call) => call.startsWith("vtysh"));

  it("tells FRR, and FRR's file, so that the next start is drained as well", () => {
    assert.deepEqual(ok(host.run(["drain"])), { drained: ["operator"] });
    assert.equal(host.read(path), drained(1));
    assert.deepEqual(told(), ["vtysh -c configure terminal -c router bgp 1 -c bgp graceful-shutdown"]);
    assert.deepEqual(ok(host.run(["undrain"])), { drained: [] });
    assert.equal(host.read(path), frr(1));
    assert.deepEqual(told(), ["vtysh -c configure terminal -c router bgp 1 -c no bgp graceful-shutdown"]);
  });

  it("twice is as once, and two who ask must both be content", () => {
    ok(host.run(["drain", "operator"]));
    ok(host.run(["drain", "operator"]));
    assert.equal(host.read(path), drained(1));
    assert.deepEqual(ok(host.run(["drain", "restart"])), { drained: ["operator", "restart"] });
    assert.deepEqual(ok(host.run(["undrain", "operator"])), { drained: ["restart"] });
    assert.equal(host.read(path), drained(1));
    assert.deepEqual(ok(host.run(["undrain", "restart"])), { drained: [] });
    assert.equal(host.read(path), frr(1));
  });

  it("a release that comes meanwhile stays drained; the same release finds nothing to mend", () => {
    ok(host.run(["drain"]));
    apply(host, second);
    assert.equal(host.read(path), drained(2));
    assert.equal(host.read("/run/loaded/frr.conf"), drained(2));
    host.calls();
    ok(host.run(["apply", second.name, "--confirm-within", "60s"]));
    assert.deepEqual(
      host.calls().filter((call) => call.startsWith("frr-reload")),
      [],
    );
    ok(host.run(["undrain"]));
    assert.equal(host.read(path), frr(2));
  });

  it("an operator's drain outlives a boot, a restart's does not; no daemon is told", () => {
    ok(host.run(["drain", "operator"]));
    ok(host.run(["drain", "restart"]));
    host.calls();
    ok(host.run(["boot"]));
    assert.deepEqual(told(), []);
    assert.equal(host.read(path), drained(1));
    ok(host.run(["undrain", "operator"]));
    assert.equal(host.read(path), frr(1));
    ok(host.run(["drain", "restart"]));
    ok(host.run(["boot"]));
    assert.equal(host.read(path), frr(1));
  });

  it("killed at any moment, the same words again end it", () => {
    let kills = 0;
    for (let at = 1; at < 400; at += 1) {
      const copy = host.copy();
      try {
        const killed = copy.run(["drain"], { killedAt: at }).signal === "SIGKILL";
        ok(copy.run(["drain"]));
        assert.equal(copy.read(path), drained(1), `killed at ${String(at)}`);
        assert.ok(copy.calls().at(-1)?.endsWith("-c bgp graceful-shutdown"));
        if (!killed) break;
        kills += 1;
      } finally {
        copy.remove();
      }
    }
    assert.ok(kills > 3, String(kills));
  });

  it("after a restart whoever has old SAs calls: for the IKE SA alone, and for the child SA if the peer makes none", () => {
    ok(host.run(["drain", "restart"]));
    const { stdout, stderr } = host.python(`
import types
from trunkline_gateway import drain
clock = [0.0]
def sleep(seconds):
    clock[0] += seconds
drain.time = types.SimpleNamespace(monotonic=lambda: clock[0], sleep=sleep, time=lambda: 0)
drain.orphans = lambda: {"a~b", "c~d"}
# It is there at three seconds.
drain.ike_sas = lambda: [("a~b", {"state": "ESTABLISHED", "established": str(int(clock[0] - 3))})] if clock[0] > 3 else []
drain.attempt = lambda *words, **more: print(round(clock[0]), *words)
drain.after_restart(lambda: {"a~b", "e~f"} if clock[0] < 10 else set(), lambda: set())
print(round(clock[0]))
`);
    const lines = [...new Set(stdout.trimEnd().split("\n"))];
    const call = (what: string) => `swanctl --initiate ${what} a~b --timeout 5`;
    assert.deepEqual(
      lines,
      [
        ...[2, 3, 4, 5, 6, 7, 8, 9].map((second) => `${String(second)} ${call("--ike")}`),
        ...[9, 10].map((second) => `${String(second)} ${call("--child")}`),
        "12",
      ],
      stderr,
    );
  });

  it("knows no other reason", () => {
    const { code, stderr } = host.run(["drain", "boredom"]);
    assert.equal(code, 1);
    assert.match(stderr, /no reason to drain; there are operator, restart/);
  });
});
