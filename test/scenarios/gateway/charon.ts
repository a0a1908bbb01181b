import type { Suite } from "mocha";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { GatewayStatus } from "trunkline/gateway/status";
import { cacheFolder } from "../../../tools/setup/cache";
import { artifactFolders } from "../../../tools/setup/recipes";
import { carrying } from "../sas";
import { type Gateway, gateways, planOf, TwoGateways } from "./two-gateways";

const tunnel = "euw1-a~use1-a";
const dropIn = "/run/systemd/system/strongswan.service.d/zz-test.conf";

/** What the kernel drops for want of an SA: what came in, and what the tunnel's interface should have sent. */
const forWantOfAnSa = ["XfrmInNoStates", "XfrmAcquireError", "tx_errors"] as const;

/**
 * One of each pair is of the system that is looked at: its charon is the one that dies. The tunnel has no other way.
 * @param looked at what is lost when it starts again, or at everything else
 */
export function charonDies(
  this: Suite,
  system: "debian-13" | "debian-12",
  looked: "its return" | "its absence",
): void {
  this.timeout(300_000);
  let two: TwoGateways;
  before(async function () {
    const image = artifactFolders()[system === "debian-12" ? "debian-12-image" : "image"];
    if (!existsSync(join(cacheFolder(), image))) {
      console.log(`      no image of ${system} on this machine`);
      this.skip();
    }
    const plan = planOf([], [`system: ${system}`]);
    two = await TwoGateways.start(plan);
    await two.ensureAll(plan);
    await whole();
  });
  after(() => (two as TwoGateways | undefined)?.end());

  const sasOf = ({ ikeSas }: GatewayStatus) => ikeSas.filter(({ name }) => name === tunnel);
  /** One IKE SA with one child SA, the same ones at both ends, and a route. */
  async function whole(): Promise<void> {
    await two.until(
      () => Promise.all(gateways.map((gateway) => two.status(gateway))),
      (both) => {
        const [one, other] = both.map((status) => sasOf(status).map(carrying));
        return (
          both.every(({ routes }) => routes.length > 0) &&
          [one, other].every((sas) => sas?.length === 1 && sas[0]?.length === 1) &&
          one?.[0]?.[0]?.spis.in === other?.[0]?.[0]?.spis.out
        );
      },
      120,
    );
  }

  const charon = (gateway: Gateway) =>
    two.exec(gateway, ["pidof", "charon-systemd"]).then(({ stdout }) => stdout.trim());
  const kill = (gateway: Gateway) => two.must(gateway, ["pkill", "-KILL", "-x", "charon-systemd"]);
  /** Who holds the port that charon needs, by the kernel's list. */
  const holders = (gateway: Gateway) =>
    two
      .must(gateway, ["ss", "-Hulnp4", "sport", "=", "4500"])
      .then((text) =>
        [...text.matchAll(/\("([^"]+)",pid=(\d+)/g)].map(([, name, pid]) => `${String(name)} ${String(pid)}`),
      );

  /** Of both gateways together; `UdpNoPorts` is what comes in where nobody listens. */
  async function counters(): Promise<Map<string, number>> {
    const counted = new Map<string, number>();
    const script = `cat /proc/net/xfrm_stat; nstat -az UdpNoPorts; echo tx_errors $(cat /sys/class/net/$(awk '/# ${tunnel}$/ { print $1 }' /etc/trunkline/links)/statistics/tx_errors)`;
    for (const gateway of gateways) {
      const text = await two.must(gateway, ["sh", "-c", script]);
      for (const [, name = "", value] of text.matchAll(/^(\w+)\s+(\d+)/gm))
        counted.set(name, (counted.get(name) ?? 0) + Number(value));
    }
    return counted;
  }

  it("charon alone holds its ports, and systemd the one that takes its place", async () => {
    for (const gateway of gateways) {
      assert.deepEqual(await holders(gateway), [`charon-systemd ${await charon(gateway)}`]);
      const held = await two.must(gateway, ["ss", "-Hulnp", "sport", "=", "4502"]);
      assert.match(held, /0\.0\.0\.0:4502 .*\(\("systemd",pid=1,/);
    }
  });

  // While it is dead and while it starts nothing is lost. Once it runs it makes new SAs, and the peer drops the old ones
  // a moment before: with a way by a partner the gateway is drained meanwhile (pair.ts); here there is none.
  for (const gateway of looked === "its return" ? gateways : [])
    it(`killed on ${gateway}, packets go on both ways; what is lost is lost for want of an SA`, async () => {
      const was = sasOf(await two.status(gateway))[0]?.spis;
      const before = await counters();
      const lost = await two.unanswered(gateways, async () => {
        await kill(gateway);
        await two.until(
          () => two.status(gateway),
          (now) => sasOf(now).some((sa) => sa.spis[0] !== was?.[0] && carrying(sa).length > 0),
        );
        await whole();
      });
      const after = await counters();
      const dropped = forWantOfAnSa.map(
        (name) => [name, (after.get(name) ?? 0) - (before.get(name) ?? 0)] as const,
      );
      console.log(
        `      lost ${lost.join(" and ")}; ${dropped.map(([name, count]) => `${name} ${String(count)}`).join(", ")}`,
      );
      assert.ok(
        lost.every((count) => count <= 50),
        `half a second is far more than a handshake takes: ${lost.join(", ")}`,
      );
      assert.ok(
        lost.reduce((sum, count) => sum + count, 0) <= dropped.reduce((sum, [, count]) => sum + count, 0),
      );
      assert.deepEqual(await holders(gateway), [`charon-systemd ${await charon(gateway)}`]);
    });

  if (looked === "its return") return;

  it("one that fails at each start: no packet is lost, for as long as it lasts, and nobody holds its port", async () => {
    const lost = await two.unanswered(gateways, async () => {
      await two.must("use1-a", ["mkdir", "-p", "/run/systemd/system/strongswan.service.d"]);
      await two.must("use1-a", ["tee", dropIn], "[Service]\nExecStartPre=/bin/false\n");
      await two.must("use1-a", ["systemctl", "daemon-reload"]);
      await kill("use1-a");
      const restarts = async () =>
        Number(await two.must("use1-a", ["systemctl", "show", "--value", "-p", "NRestarts", "strongswan"]));
      const already = await restarts();
      await two.until(restarts, (now) => now >= already + 5, 180);
      assert.equal(await charon("use1-a"), "");
      assert.deepEqual(await holders("use1-a"), []);
      // ESP that comes in is a sign of life: no peer asks by IKE, and the SAs stand until one is rekeyed.
      assert.equal(sasOf(await two.status("euw1-a")).length, 1);
      // Where it can, a gateway whose charon does not come back has moved its traffic to its partner by now.
      await two.until(
        () => two.status("use1-a"),
        ({ drained }) => drained.join() === "restart",
      );
    });
    assert.deepEqual(lost, [0, 0]);
  });

  it("and when it starts again it has its ports, and new SAs that can be rekeyed without a loss", async () => {
    await two.must("use1-a", ["rm", "-f", dropIn]);
    await two.must("use1-a", ["systemctl", "daemon-reload"]);
    await two.must("use1-a", ["systemctl", "restart", "strongswan"]);
    await whole();
    const was = JSON.stringify(
      sasOf(await two.status("use1-a")).map(({ childSas }) => childSas.map(({ spis }) => spis)),
    );
    const lost = await two.unanswered(gateways, async () => {
      await two.must("use1-a", ["swanctl", "--rekey", "--child", tunnel]);
      await two.until(
        () => two.status("use1-a"),
        (now) => JSON.stringify(sasOf(now).map(({ childSas }) => childSas.map(({ spis }) => spis))) !== was,
      );
      await whole();
    });
    assert.deepEqual(lost, [0, 0]);
  });

  it("restarted by hand it binds its ports at once", async () => {
    const since = (await two.must("use1-a", ["date", "+@%s.%N"])).trim();
    const was = await charon("use1-a");
    await two.must("use1-a", ["systemctl", "restart", "strongswan"]);
    assert.notEqual(await charon("use1-a"), was);
    assert.deepEqual(await holders("use1-a"), [`charon-systemd ${await charon("use1-a")}`]);
    const said = await two.must("use1-a", [
      "journalctl",
      "-u",
      "strongswan",
      "-q",
      "-o",
      "cat",
      "--since",
      since,
    ]);
    assert.doesNotMatch(said, /in use|unable to bind/);
    await whole();
  });

  it("without the socket that takes its place, packets are lost: the port is closed", async () => {
    await two.must("use1-a", [
      "systemctl",
      "stop",
      "trunkline-espinudp.socket",
      "trunkline-espinudp.service",
    ]);
    const before = await counters();
    const lost = await two.unanswered(gateways, async () => {
      await kill("use1-a");
      await two.until(
        () => charon("use1-a"),
        (pid) => pid !== "",
      );
      await whole();
    });
    assert.ok(
      lost.every((count) => count > 0),
      lost.join(", "),
    );
    assert.ok(((await counters()).get("UdpNoPorts") ?? 0) > (before.get("UdpNoPorts") ?? 0) + 20);
    await two.must("use1-a", ["systemctl", "start", "trunkline-espinudp.service"]);
    assert.match(await two.must("use1-a", ["ss", "-Hulnp", "sport", "=", "4502"]), /"systemd",pid=1,/);
  });
}
