import assert from "node:assert/strict";
import { hostOf } from "trunkline/fleet/plan";
import { longestSilence } from "../../../automation/verify/flow";
import { type Backbone, bringsUp, planOf } from "./backbone";
import { shown, under } from "./measured";
import { spreadOver } from "./transit-ways";

/** Own gateways between managed gateways of AWS, Google and Azure, which carry for the three as well. */
const plan = planOf(
  ["use1", "euw1", "apne1", "sae1"],
  {
    euw1: "{ cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16, gateway: managed }",
    apne1: "{ cloud: gcp, region: asia-northeast1, cidr: 10.30.0.0/16, gateway: managed }",
    sae1: "{ cloud: azure, region: brazilsouth, cidr: 10.40.0.0/16, gateway: managed }",
  },
  "links: [[apne1, use1], [euw1, use1], [sae1, use1]]\n",
);
const tunnels = plan.links.flatMap((link) => link.tunnels);
const ways = ["use1", "euw1", "apne1", "sae1"].flatMap((from, _, all) =>
  all.filter((to) => to !== from).map((to) => `${from}>${to}`),
);

/** BGP's hold time at each cloud's end, none of which speaks BFD there, and what a machine that stands still may take. */
const clouds = [
  { region: "euw1", whose: "tgw", called: "AWS", network: "10.20.0.0/16", ways: 4, heldSeconds: 30 + 15 },
  {
    region: "apne1",
    whose: "vpn",
    called: "Google Cloud",
    network: "10.30.0.0/16",
    ways: 4,
    heldSeconds: 60 + 15,
  },
  // Of the first of its instances, which have two tunnels each.
  { region: "sae1", whose: "vng", called: "Azure", network: "10.40.0.0/16", ways: 2, heldSeconds: 180 + 15 },
] as const;

describe("a region with gateways of its own, and managed gateways of three clouds", function () {
  this.timeout(600_000);
  let backbone: Backbone;
  bringsUp(plan, (up) => (backbone = up));

  it("every proof holds: tunnels with preshared keys, BGP inside, every way, nothing else on the wire", async () => {
    const proofs = await backbone.proofs(90);
    assert.deepEqual(
      proofs.filter(({ status }) => status !== "pass"),
      [],
    );
    const ids = proofs.map(({ id }) => id);
    assert.equal(tunnels.length, 12);
    for (const tunnel of tunnels)
      for (const kind of ["sa", "bgp", "prefixes"])
        assert.ok(ids.includes(`${kind}/${tunnel.id}`), tunnel.id);
    for (const way of ways) assert.ok(ids.includes(`reachability/${way}`), way);
  });

  it("gateways send over both of their tunnels to each, and each cloud's end over all of its own, as computed", async () => {
    await backbone.sendsAsComputed();
    for (const { whose, ways: count } of clouds) await spreadOver(backbone, "10.10.0.0/16", count, whose);
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

  for (const { region, whose, called, network, heldSeconds, ways: count } of clouds)
    it(`one tunnel to ${called} is cut: its twin and the partner's carry all within BGP's hold time, both ways, and it comes back @slow`, async () => {
      const [cut, twin] = tunnels.filter(
        ({ id, managed }) => id.includes(region) && managed?.connection === "use1-a",
      );
      assert.ok(cut?.managed !== undefined && twin !== undefined);
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
          2 * heldSeconds + 90,
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
          const found = (await backbone.status("use1-a")).routes.find(({ prefix }) => prefix === network);
          const own = twin.ends[twin.managed?.end === 0 ? 1 : 0];
          assert.deepEqual(found?.nextHops, [own.interface]);
          // The cloud's end counts its hold time by itself.
          await spreadOver(backbone, "10.10.0.0/16", count - 1, whose, 2 * heldSeconds);
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
