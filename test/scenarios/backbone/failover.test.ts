import assert from "node:assert/strict";
import { LossLab } from "./losses";

describe("trunkline verify --failover, on real daemons", function () {
  this.timeout(600_000);
  let fleet: LossLab;
  before(async () => {
    fleet = await LossLab.start(["euw1", "use1"]);
  });
  after(() => fleet.end());

  it("Ctrl-C while a gateway is off: it is on again before the command ends, and nothing sends any more", async () => {
    const words = ["verify", "--failover", "power", "--gateway", "use1-a"];
    const { code, stdout, stderr } = await fleet.run(words, "use1-a loses its power");
    assert.equal(code, 130, stderr);
    assert.equal(JSON.parse(stdout).error.kind, "interrupted");
    assert.match(stderr, /use1-a loses its power[^]*use1-a has its power back/);
    const { machines } = await fleet.lab.status();
    assert.deepEqual([...new Set(machines.map(({ power }) => power))], ["on"]);
    const left = await fleet.lab.exec("fabric", ["pgrep", "-f", "(send|receive) [0-9. ]*2000"]);
    assert.equal(left.code, 1, left.stdout);
  });

  it("a gateway loses its bgpd: what each leg lost is told, and all is back", async () => {
    const told = await fleet.lose(["--failover", "bgpd", "--gateway", "use1-a"], ["use1-a/bgpd"]);
    for (const line of told) console.log(`      ${line}`);
  });
});
