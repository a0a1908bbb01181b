import assert from "node:assert/strict";
import type { Plan } from "trunkline/fleet/plan";
import { allTunnels } from "trunkline/fleet/plan";
import { derivePpks, type Ppks } from "trunkline/gateway/ppk";
import { type Gateway, gateways, planOf, TwoGateways } from "./two-gateways";

const tunnel = "euw1-a~use1-a";
const planWith = (postQuantum: string): Plan => planOf([], [], [`crypto: { postQuantum: ${postQuantum} }`]);
const required = planWith("ppk");
const optional = planWith("ppk-optional");
const off = planWith("off");

const keysOf = (seed: string): Ppks =>
  derivePpks("acme", allTunnels(required), {
    euw1: Buffer.alloc(32, "euw1").toString("base64"),
    use1: Buffer.alloc(32, seed).toString("base64"),
  });
const keys = keysOf("use1");

/** The tunnel's one SA as a gateway has it: whether its keys hold a PPK; nothing while there is none, or no child SA. */
async function saOf(two: TwoGateways, gateway: Gateway): Promise<boolean | undefined> {
  const { ikeSas } = await two.status(gateway);
  const up = ikeSas.filter(({ name, state }) => name === tunnel && state === "ESTABLISHED");
  const [sa, another] = up;
  const carries = sa?.childSas.some(({ state }) => state === "INSTALLED") === true;
  return another === undefined && carries ? sa.ppk === true : undefined;
}

async function settled(two: TwoGateways, withPpk: boolean): Promise<void> {
  for (const gateway of gateways)
    await two.until(
      () => saOf(two, gateway),
      (sa) => sa === withPpk,
    );
}

describe("a post-quantum preshared key between two gateways, with the real daemons", function () {
  this.timeout(300_000);
  let two: TwoGateways;
  before(async () => {
    two = await TwoGateways.start();
    await two.ensureAll(off);
  });
  after(() => two.end());

  const ensure = (gateway: Gateway, plan: Plan, ppks: Ppks = keys) =>
    two.ensure(gateway, two.render(plan, gateway, ppks));
  /** charon's own words since a moment of its machine. */
  const journal = (gateway: Gateway, since: string) =>
    two.must(gateway, ["journalctl", "-u", "strongswan", "--since", since, "--no-pager", "-o", "cat"]);
  const now = async (gateway: Gateway) => (await two.must(gateway, ["date", "+%F %T"])).trim();

  it("the tunnel of a fleet without has none in its keys", () => settled(two, false));

  it("an end that requires it while the other has none goes back by itself, and the tunnel stays", async () => {
    const release = two.render(required, "euw1-a", keys);
    await two.stage("euw1-a", release);
    const applied = await two.run("euw1-a", release, "apply", release.hash, "--confirm-within", "60s");
    assert.equal(applied.code, 0, applied.stderr);
    const health = await two.run("euw1-a", release, "health", release.hash);
    assert.equal(health.code, 1);
    assert.match(health.stderr, /tunnel euw1-a~use1-a was up and is not/);
    assert.equal((await two.run("euw1-a", release, "revert")).code, 0);
    await settled(two, false);
  });

  it("optional at one end and then at the other, then required at both, is the way to it: each release is healthy", async () => {
    for (const plan of [optional, required]) for (const gateway of gateways) await ensure(gateway, plan);
    await settled(two, true);
  });

  it("a rekeyed IKE SA and a rekeyed child SA keep it", async () => {
    const idOf = async () => (await two.status("euw1-a")).ikeSas.find(({ name }) => name === tunnel);
    const before = await idOf();
    await two.must("euw1-a", ["swanctl", "--rekey", "--child", tunnel]);
    await two.must("euw1-a", ["swanctl", "--rekey", "--ike", tunnel]);
    await two.until(idOf, (sa) => sa !== undefined && sa.id !== before?.id && sa.state === "ESTABLISHED");
    await settled(two, true);
  });

  it("the key stands in one file that only root reads, and in no journal", async () => {
    for (const gateway of gateways) {
      const mode = await two.must(gateway, ["stat", "-c", "%a %U", "/etc/swanctl/conf.d/trunkline-ppk.conf"]);
      assert.equal(mode.trim(), "600 root");
      const found = await two.exec(gateway, [
        "grep",
        "-rlF",
        keys[tunnel] ?? "",
        "/etc",
        "/var/lib/trunkline",
        "/run",
      ]);
      const files = found.stdout.trim().split("\n");
      assert.ok(
        files.length >= 2 && files.every((file) => file.endsWith("/conf.d/trunkline-ppk.conf")),
        found.stdout,
      );
      const open = await two.exec(gateway, ["find", ...files, "-perm", "/077"]);
      assert.equal(open.stdout, "");
      const said = await two.must(gateway, ["journalctl", "--no-pager", "-o", "cat"]);
      assert.ok(said.includes("PPK"), "charon speaks of it");
      assert.ok(!said.includes(keys[tunnel] ?? ""));
    }
  });

  it("an end with a wrong one is not let in, and charon says why @slow", async () => {
    const since = await now("use1-a");
    const release = two.render(required, "euw1-a", keysOf("wrong"));
    await two.stage("euw1-a", release);
    const applied = await two.run("euw1-a", release, "apply", release.hash, "--confirm-within", "60s");
    assert.equal(applied.code, 0, applied.stderr);
    // What is up stays; the next to authenticate is refused.
    await two.must("euw1-a", ["swanctl", "--terminate", "--ike", tunnel]);
    await two.exec("euw1-a", ["swanctl", "--initiate", "--child", tunnel, "--timeout", "20"]);
    const said = await two.until(
      () => journal("use1-a", since),
      (text) => /selected peer config 'euw1-a~use1-a'[^]*signature validation failed/.test(text),
    );
    assert.doesNotMatch(said, /IKE_SA euw1-a~use1-a\[\d+\] established/);
    assert.equal(await saOf(two, "euw1-a"), undefined);
    assert.equal((await two.run("euw1-a", release, "revert")).code, 0);
    await settled(two, true);
  });

  it("an end without one is not let in where it is required", async () => {
    const release = two.render(off, "euw1-a");
    await two.stage("euw1-a", release);
    const since = await now("use1-a");
    assert.equal(
      (await two.run("euw1-a", release, "apply", release.hash, "--confirm-within", "60s")).code,
      0,
    );
    const said = await two.until(
      () => journal("use1-a", since),
      (text) => /PPK required/.test(text),
    );
    assert.match(said, /PPK required but/);
    assert.equal((await two.run("euw1-a", release, "revert")).code, 0);
    await settled(two, true);
  });
});
