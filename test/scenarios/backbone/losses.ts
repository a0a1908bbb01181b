import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { LabClient } from "../../../lab/client/client";
import { openLab } from "../../../lab/client/open";
import { down, up } from "../../../lab/commands";
import { type Ended, trunkline } from "../../automation/cli/command";
import { fleetText, type RegionName } from "../../engine/fleets";
import type { Backbone } from "./backbone";
import { foundByBfdSeconds, perSecond } from "./measured";

const verified = z.object({
  proofs: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      subject: z.string(),
      status: z.enum(["pass", "fail", "skip"]),
      observed: z.string(),
      evidence: z.string(),
    }),
  ),
});

/** A fleet of two regions, for losses that the command tries. */
export class LossLab {
  private constructor(
    private readonly folder: string,
    readonly lab: LabClient,
    private readonly owned: boolean,
  ) {}

  /** One that is up already, and stays. */
  static async on({ labFolder }: Backbone): Promise<LossLab> {
    const folder = mkdtempSync(join(tmpdir(), "losses-"));
    writeFileSync(join(folder, "fleet.yaml"), fleetText(["euw1", "use1"]));
    return new LossLab(folder, await openLab(labFolder), false);
  }

  /** One of its own, which the command brings up. */
  static async start(names: readonly RegionName[]): Promise<LossLab> {
    const folder = mkdtempSync(join(tmpdir(), "losses-"));
    const started = new LossLab(folder, await up({ folder: join(folder, "lab") }), true);
    writeFileSync(join(folder, "fleet.yaml"), fleetText(names));
    const said = await started.run(["up"]);
    if (said.code === 0) return started;
    await started.end();
    throw new Error(said.stderr);
  }

  async end(): Promise<void> {
    this.lab.close();
    if (this.owned) await down({ folder: this.lab.folder });
    rmSync(this.folder, { recursive: true, force: true });
  }

  run(words: readonly string[], interruptAt?: string): Promise<Ended> {
    const cache = process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? "", ".cache");
    const environment = { XDG_CACHE_HOME: cache, TRUNKLINE_LAB: this.lab.folder };
    return trunkline(this.folder, [...words, "--lab", "--json"], environment, interruptAt);
  }

  /** What was taken before comes back in its own time: until every proof passes. @throws AssertionError after four minutes */
  async whole(): Promise<void> {
    const deadline = Date.now() + 240_000;
    for (;;) {
      const { code, stdout, stderr } = await this.run(["verify"]);
      if (code === 0) return;
      assert.ok(Date.now() < deadline, `${stdout}${stderr}`);
    }
  }

  /**
   * Tries losses by the command, and holds what counts in packets: each was tried at a gateway that carried some, traffic
   * went on both ways, and came back. How long a silence may be is the command's to judge, on a machine that is free.
   * @returns what stood beside each proof
   */
  async lose(words: readonly string[], expected: readonly string[]): Promise<string[]> {
    await this.whole();
    const { code, stdout, stderr } = await this.run(["verify", ...words]);
    assert.ok(code === 0 || code === 1, stderr);
    const { proofs } = verified.parse(JSON.parse(stdout));
    assert.equal(code, proofs.some(({ status }) => status === "fail") ? 1 : 0);
    const others = proofs.filter(({ kind, status }) => kind !== "failover" && status !== "pass");
    assert.deepEqual(others, []);
    const failovers = proofs.filter(({ kind }) => kind === "failover");
    const legs = expected.flatMap((loss) =>
      ["euw1>use1", "use1>euw1", "back"].map((leg) => `failover/${loss}:${leg}`),
    );
    assert.deepEqual(failovers.map(({ id }) => id).sort(), legs.sort());
    for (const { id, status, subject, observed, evidence } of failovers) {
      assert.notEqual(status, "skip", id);
      if (id.endsWith(":back")) {
        assert.equal(status, "pass", observed);
        continue;
      }
      const [, lost, sent] = /^(\d+) of (\d+) packets lost, longest silence /.exec(observed) ?? [];
      assert.ok(Number(sent) > 300, `${id}: ${observed}`);
      // Without a partner that takes over, all would be lost until the return.
      assert.ok(Number(lost) <= perSecond * foundByBfdSeconds, `${id}: ${observed}: ${evidence}`);
      const gateway = subject.slice(0, subject.indexOf("/"));
      assert.doesNotMatch(observed, /carried nothing/, id);
      // Every gateway takes some of what comes to its region; out of it the network goes by one of them.
      if (id.endsWith(`>${gateway.slice(0, -2)}`)) assert.match(observed, new RegExp(`${gateway} [1-9]`), id);
    }
    return failovers.map(({ status, subject, observed }) => `${status}  ${subject}: ${observed}`);
  }
}

/** @param started the backbone of two regions, once it is up */
export function losesByTheCommand(started: () => Backbone): void {
  let fleet: LossLab;
  before(async () => {
    fleet = await LossLab.on(started());
  });
  after(() => fleet.end());

  it("Ctrl-C while a gateway is off: it is on again before the command ends, and nothing sends any more @slow", async () => {
    const words = ["verify", "--failover", "power", "--gateway", "use1-a"];
    const { code, stdout, stderr } = await fleet.run(words, "use1-a loses its power");
    assert.equal(code, 130, stderr);
    assert.equal(JSON.parse(stdout).error.kind, "interrupted");
    assert.match(stderr, /use1-a loses its power[^]*use1-a has its power back/);
    const { machines } = await fleet.lab.status();
    assert.deepEqual([...new Set(machines.map(({ power }) => power))], ["on"]);
    const left = await fleet.lab.exec("fabric", ["pgrep", "-f", "(send|receive) [0-9. ]*2000"]);
    assert.equal(left.code, 1, left.stdout);
    // Whoever comes next finds it as it was.
    await fleet.whole();
  });

  it("a gateway loses its bgpd: what each leg lost is told, and all is back @slow", async () => {
    const told = await fleet.lose(["--failover", "bgpd", "--gateway", "use1-a"], ["use1-a/bgpd"]);
    for (const line of told) console.log(`      ${line}`);
  });
}
