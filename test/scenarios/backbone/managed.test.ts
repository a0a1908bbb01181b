import assert from "node:assert/strict";
import { hostOf } from "trunkline/fleet/plan";
import { longestSilence } from "../../../automation/verify/flow";
import { type Backbone, bringsUp, planOf } from "./backbone";
import { shown, under } from "./measured";
import { spreadOver } from "./transit-ways";

const plan = planOf(["use1", "euw1"], {
  euw1: "{ cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16, gateway: managed }",
});
const [link] = plan.links;
const ofA = (link?.tunnels ?? []).filter(({ managed }) => managed?.connection === "use1-a");

/** BGP's hold time at AWS' end, which speaks no BFD, and what a machine that stands still may take. */
const heldSeconds = 45;

describe("a region with gateways of its own and one with a managed gateway", function () {
  this.timeout(600_000);
  let backbone: Backbone;
  bringsUp(plan, (up) => (backbone = up));

  it("every proof holds: four tunnels with preshared keys, BGP inside, both ways, nothing else on the wire", async () => {
    const proofs = await backbone.proofs(90);
    assert.deepEqual(
      proofs.filter(({ status }) => status !== "pass"),
      [],
    );
    const ids = proofs.map(({ id }) => id);
    for (const tunnel of link?.tunnels ?? [])
      for (const kind of ["sa", "bgp", "prefixes"])
        assert.ok(ids.includes(`${kind}/${tunnel.id}`), tunnel.id);
    for (const way of ["use1>euw1", "euw1>use1"]) assert.ok(ids.includes(`reachability/${way}`), way);
  });

  it("both gateways send over both of their tunnels, as computed", async () => {
    await backbone.sendsAsComputed();
  });

  /** A round of echoes each way: what flows by then has found its way. */
  const answered = async (): Promise<void> => {
    const hosts = await backbone.site.probes.hosts();
    for (const from of hosts)
      for (const to of hosts.filter(({ region }) => region !== from.region)) {
        const words = ["ping", "-n", "-c", "10", "-i", "0.2", "-W", "1", to.address];
        const { stdout } = await backbone.site.probes.run(from.host, words, { deadlineSeconds: 30 });
        assert.match(stdout, /10 received/);
      }
  };

  it("one tunnel is cut: its twin and the partner's carry all within BGP's hold time, both ways, and it comes back @slow", async () => {
    const [cut, twin] = ofA;
    assert.ok(cut?.managed !== undefined && twin !== undefined && ofA.length === 2);
    const session = hostOf(cut.ends[cut.managed.end].inside);
    const address = (await backbone.status("use1-a")).ikeSas.find(({ name }) => name === cut.id)?.remote
      .address;
    assert.ok(typeof address === "string");
    const established = (wanted: boolean) =>
      backbone.until(
        "use1-a",
        ({ neighbours }) =>
          neighbours.some((about) => about.address === session && about.state === "Established") === wanted,
        `has the session of ${cut.id}: ${String(wanted)}`,
      );
    const flows = await under(
      backbone,
      async () => {
        await backbone.fault({
          do: "path",
          from: backbone.addressOf("use1-a"),
          to: address,
          lossPercent: 100,
        });
        await established(false);
        const ways = (await backbone.status("use1-a")).routes.find(({ prefix }) => prefix === "10.20.0.0/16");
        const own = twin.ends[twin.managed?.end === 0 ? 1 : 0];
        assert.deepEqual(ways?.nextHops, [own.interface]);
        // AWS' end counts its hold time by itself.
        await spreadOver(backbone, "10.10.0.0/16", 3);
        await answered();
      },
      20,
    );
    for (const flow of flows) {
      assert.ok(longestSilence(flow) < heldSeconds, shown(flow));
      assert.ok(flow.sent > flow.lost, shown(flow));
    }
    await backbone.fault({ do: "path", from: backbone.addressOf("use1-a"), to: address });
    await established(true);
    assert.deepEqual(await backbone.failing(), []);
  });
});
