import assert from "node:assert/strict";
import type { Release } from "trunkline/gateway/release";
import type { GatewayStatus } from "trunkline/gateway/status";
import { exposure } from "../../gateway/exposure";
import { samplesOf } from "../../gateway/host/exposition";
import { carrying } from "../sas";
import { changed } from "./changed";
import { exposedNoMore } from "./exposed";
import { refusesBadFiles } from "./refused";
import { planOf, TwoGateways } from "./two-gateways";

const tunnel = "euw1-a~use1-a";
const third = "apne1: { cloud: aws, region: ap-northeast-1, cidr: 10.30.0.0/16 }";

describe("releases on two gateways, with the real daemons", function () {
  this.timeout(300_000);
  let two: TwoGateways;
  let good: Release;
  before(async () => {
    two = await TwoGateways.start();
    await two.ensureAll(planOf());
    good = two.render(planOf(), "use1-a");
  });
  after(() => two.end());

  function tunnelOf({ ikeSas }: GatewayStatus) {
    const sas = ikeSas.filter(({ name }) => name === tunnel);
    return sas.map((sa) => ({
      state: sa.state,
      ike: sa.spis,
      child: carrying(sa).map((child) => child.spis),
    }));
  }

  /** One SA with one child, and a route through it: only one end calls, so there never are two. */
  const settled = (status: GatewayStatus) => {
    const [sa, another] = tunnelOf(status);
    return another === undefined && sa?.child.length === 1 && status.routes.length > 0;
  };

  const exchanged = ({ neighbours }: GatewayStatus) =>
    neighbours.some(({ sent, received }) => sent.length > 0 && received.length > 0);

  it("a tunnel comes up between them, and BGP over it", async () => {
    const status = await two.until(
      () => two.status("use1-a"),
      (now) => settled(now) && exchanged(now),
    );
    assert.equal(status.release.current, good.hash);
    const neighbour = status.neighbours.find(({ state }) => state === "Established");
    assert.deepEqual(neighbour?.received, ["10.20.0.0/16"]);
    assert.deepEqual(neighbour.sent, ["10.10.0.0/16"]);
    assert.deepEqual(
      status.routes.map(({ prefix }) => prefix),
      ["10.20.0.0/16"],
    );
  });

  it("swanctl --load-all takes everything, and nothing of the units is ignored", async () => {
    assert.match(
      await two.must("use1-a", ["swanctl", "--load-all", "--noprompt"]),
      /successfully loaded 3 connections/,
    );
    const others = ["trunkline-routes.service", "trunkline-network.service", "trunkline-repair.service"];
    const installed = Object.keys(exposure).filter((unit) => !others.includes(unit));
    const units = [
      ...installed,
      "trunkline-espinudp.socket",
      "trunkline-metrics.timer",
      "trunkline-watch.timer",
    ];
    const { stderr } = await two.exec("use1-a", ["systemd-analyze", "verify", "--man=no", ...units]);
    assert.doesNotMatch(stderr, /trunkline/);
  });

  it("FRR runs exactly what is rendered: a reload would change nothing", async () => {
    const said = await two.must("use1-a", [
      "/usr/lib/frr/frr-reload.py",
      "--test",
      "--stdout",
      "/etc/frr/frr.conf",
    ]);
    assert.doesNotMatch(said, /Lines To (Add|Delete)/);
  });

  it("one more region: no SPI of an existing tunnel changes, no session starts again", async () => {
    const was = await two.until(() => two.status("use1-a"), settled);
    const sessions = () =>
      two.must("use1-a", ["vtysh", "-c", "show bgp neighbors json"]).then((text) => {
        const all: unknown = JSON.parse(text);
        return Object.entries(Object(all)).flatMap(([address, about]) => {
          const { bgpState, connectionsEstablished } = Object(about);
          return bgpState === "Established" ? [[address, connectionsEstablished]] : [];
        });
      });
    const counted = await sessions();
    await two.ensureAll(planOf([third]));
    const now = await two.status("use1-a");
    assert.deepEqual(tunnelOf(now), tunnelOf(was));
    assert.deepEqual(await sessions(), counted);
    assert.equal(now.neighbours.length, was.neighbours.length + 2);
    // And back: a region leaves.
    await two.ensureAll(planOf());
    const after = await two.status("use1-a");
    assert.deepEqual(tunnelOf(after), tunnelOf(was));
    assert.equal(after.neighbours.length, was.neighbours.length);
  });

  refusesBadFiles(() => ({ two, good, tunnelOf }));

  /** State and host agree: what is noted is what runs, nothing waits, and the tunnel is the one that was there. */
  const asBefore = async (was: GatewayStatus) => {
    const now = await two.until(
      () => two.status("use1-a"),
      (status) => status.release.pending == null && settled(status),
      120,
    );
    assert.equal(now.release.current, was.release.current);
    assert.deepEqual(tunnelOf(now), tunnelOf(was));
    const { stdout } = await two.exec("use1-a", ["trunkline-gateway", "health", was.release.current ?? ""]);
    assert.deepEqual(JSON.parse(stdout), { healthy: was.release.current });
  };

  const logins = async () => {
    const words = ["journalctl", "--quiet", "--unit=ssh", "--grep=Accepted publickey", "--output=cat"];
    return (await two.exec("use1-a", words)).stdout.trim().split("\n").length;
  };

  const broken = {
    "blocks SSH": () =>
      changed(good, "/etc/nftables.conf", "    ip saddr @management tcp dport 22 accept\n", ""),
    "breaks charon's syntax": () =>
      changed(good, "/etc/swanctl/conf.d/trunkline.conf", "    version = 2", "    vresion = 2"),
    "breaks FRR's syntax": () => changed(good, "/etc/frr/frr.conf", " bgp log-neighbor", " bgp lgo"),
  };

  it("a release that blocks SSH, one that breaks charon's syntax, one that breaks FRR's: no packet is lost", async () => {
    const was = await two.until(() => two.status("use1-a"), settled);
    const counted = await two.counting(async () => {
      for (const [why, release] of Object.entries(broken)) {
        const said = await two.push("use1-a", release(), 15);
        assert.equal(said.code, 1, `${why}: ${said.stdout}${said.stderr}`);
        await asBefore(was);
      }
      const before = await logins();
      const again = await two.push("use1-a", good, 15);
      assert.equal(again.code, 0, again.stderr);
      // One brings and applies it; another, which the release had to let in, looks and confirms.
      assert.equal(await logins(), before + 2);
    });
    for (const { sent, answered } of Object.values(counted))
      assert.deepEqual([answered, sent > 100], [sent, true]);
  });

  const killedApply = async (next: Release, after: string): Promise<void> => {
    const program = `/var/lib/trunkline/releases/${next.hash}/files/usr/local/sbin/trunkline-gateway`;
    const apply = [program, "apply", next.hash, "--confirm-within", "5s"];
    await two.exec("use1-a", ["timeout", "-s", "KILL", after, ...apply]);
    // Killed between its note and its timer, it waits for a boot, or for whoever asks.
    const timers = ["trunkline-revert.timer", "trunkline-revert.service"];
    const timer = await two.exec("use1-a", ["systemctl", "is-active", "-q", ...timers]);
    if (timer.code !== 0) await two.exec("use1-a", ["trunkline-gateway", "revert"]);
  };

  for (const { what, moments, healthy } of [
    { what: "after its transfer, and in the middle of its apply", moments: ["1"], healthy: false },
    {
      what: "at further moments of its apply, and after its health @slow",
      moments: ["0.3", "2"],
      healthy: true,
    },
  ])
    it(`a push killed ${what}: it goes back or on, and no packet is lost`, async () => {
      const was = await two.until(() => two.status("use1-a"), settled);
      const next = two.render(planOf([third]), "use1-a");
      const counted = await two.counting(async () => {
        await two.stage("use1-a", next);
        await asBefore(was);
        for (const after of moments) {
          await killedApply(next, after);
          await asBefore(was);
        }
        // Long enough for both on a busy machine.
        if (healthy)
          for (const words of [
            ["apply", next.hash, "--confirm-within", "60s"],
            ["health", next.hash],
          ]) {
            const said = await two.run("use1-a", next, ...words);
            assert.equal(said.code, 0, said.stderr);
          }
        await asBefore(was);
        assert.equal((await two.run("use1-a", next, "confirm", next.hash)).code, 1);
        await two.ensure("use1-a", good);
      });
      for (const { sent, answered } of Object.values(counted))
        assert.deepEqual([answered, sent > 30], [sent, true]);
    });

  it("a release that every checker takes and that cuts the networks off is taken back, and they reach each other", async () => {
    const was = await two.until(() => two.status("use1-a"), settled);
    // Entries are numbered by address.
    const [permits = ""] =
      /ip prefix-list from-euw1 seq \d+ permit/.exec(good.files["/etc/frr/frr.conf"] ?? "") ?? [];
    const bad = changed(good, "/etc/frr/frr.conf", permits, permits.replace("permit", "deny"));
    const counted = await two.counting(async () => {
      // A third of it is room for a slow switch: the gateway's own timer would go back first, and say less.
      const said = await two.push("use1-a", bad, 30);
      assert.equal(said.code, 1, said.stderr);
      assert.match(said.stderr, /taken back: .*no route of BGP is left in the kernel/);
      await asBefore(was);
    });
    // One gateway a region here: what it cannot carry is lost, for no longer than a confirmation is waited for.
    for (const { sent, answered } of Object.values(counted))
      assert.ok(sent - answered < 450, JSON.stringify(counted));
  });

  it("a full disk: refused in a sentence, the tunnel carries on, and with room the same push goes through @slow", async () => {
    const was = await two.until(() => two.status("use1-a"), settled);
    const next = two.render(planOf([third]), "use1-a");
    await two.lab.fault({ do: "fill-disk", host: "i-use1-a" });
    const counted = await two.counting(async () => {
      const said = await two.push("use1-a", next, 15);
      assert.equal(said.code, 1, said.stdout);
      assert.match(said.stderr, /^trunkline-gateway: the disk of this gateway is full \(\d+ KiB are free\)/);
      await asBefore(was);
    });
    for (const { sent, answered } of Object.values(counted)) assert.equal(answered, sent);
    await two.must("use1-a", ["rm", "/var/trunkline-lab-fill"]);
    const again = await two.push("use1-a", next, 30);
    assert.equal(again.code, 0, again.stderr);
  });

  it("rollback goes to the release confirmed before, under the same confirmation @slow", async () => {
    const was = await two.until(() => two.status("use1-a"), settled);
    assert.equal(was.release.previous, good.hash);
    const next = two.render(planOf([third]), "use1-a");
    const said = await two.run("use1-a", next, "rollback", "--confirm-within", "60s");
    assert.equal(said.code, 0, said.stderr);
    assert.equal(Object(JSON.parse(said.stdout)).from, next.hash);
    for (const words of [
      ["health", good.hash],
      ["confirm", good.hash],
    ]) {
      const done = await two.run("use1-a", next, ...words);
      assert.equal(done.code, 0, done.stderr);
    }
    const now = await two.status("use1-a");
    assert.equal(now.release.current, good.hash);
    assert.deepEqual(tunnelOf(now), tunnelOf(was));
  });

  it("metrics of the real daemons: the tunnel is up, packets and rekeys are counted, BGP and the certificate are there", async () => {
    const was = JSON.stringify(tunnelOf(await two.until(() => two.status("use1-a"), settled)));
    await two.must("use1-a", ["swanctl", "--rekey", "--child", tunnel]);
    await two.until(
      () => two.status("use1-a"),
      (now) => settled(now) && JSON.stringify(tunnelOf(now)) !== was,
    );
    const samples = await two.metrics("use1-a");
    const page = JSON.stringify(samples);
    const value = (name: string, labels: Record<string, string>) =>
      samplesOf(samples, name, labels)[0]?.value;
    assert.equal(value("trunkline_tunnel_up", { tunnel }), 1);
    assert.ok(Number(value("trunkline_tunnel_packets_total", { tunnel, direction: "in" })) > 100, page);
    assert.ok(Number(value("trunkline_rekeys_total", { tunnel, sa: "child" })) >= 1, page);
    assert.ok(Number(value("trunkline_ike_messages_total", { tunnel, exchange: "create-child" })) >= 1, page);
    assert.equal(value("trunkline_bgp_up", { description: tunnel }), 1);
    assert.equal(value("trunkline_bgp_prefixes_accepted", { description: tunnel }), 1);
    assert.ok(Number(value("trunkline_certificate_days_left", { file: "trunkline.pem" })) > 0, page);
    assert.equal(value("trunkline_release_info", { release: good.hash, gateway: "use1-a" }), 1);
    // The other calls peers of the plan that are not there.
    const calling = await two.metrics("euw1-a");
    assert.ok(
      calling.some((sample) => sample.name === "trunkline_ike_retransmissions_total" && sample.value > 0),
      JSON.stringify(calling),
    );
  });

  exposedNoMore(() => two);

  it("a daemon that falls again and again waits longer each time, and is never given up", async () => {
    const properties = "Restart,RestartUSec,RestartSteps,RestartMaxDelayUSec,StartLimitIntervalUSec";
    for (const unit of ["strongswan", "frr"])
      assert.deepEqual(
        (await two.must("use1-a", ["systemctl", "show", "-p", properties, unit])).trim().split("\n").sort(),
        [
          "Restart=always",
          "RestartMaxDelayUSec=10s",
          "RestartSteps=5",
          "RestartUSec=1s",
          "StartLimitIntervalUSec=0",
        ],
      );
  });

  it("watch gives FRR the static routes of its file that it lost", async () => {
    const [route = ""] = /^ip route .*$/m.exec(await two.must("use1-a", ["cat", "/etc/frr/frr.conf"])) ?? [];
    const runs = async () => (await two.must("use1-a", ["vtysh", "-c", "show running-config"])).split("\n");
    assert.ok((await runs()).includes(route), route);
    await two.must("use1-a", ["vtysh", "-c", "configure terminal", "-c", `no ${route}`]);
    assert.ok(!(await runs()).includes(route));
    // As the timer does it, in the service's own cage. FRR is not judged while it is young.
    const watched = async () => {
      await two.must("use1-a", ["systemctl", "start", "trunkline-watch.service"]);
      return runs();
    };
    await two.until(watched, (lines) => lines.includes(route), 150);
  });

  it("watch leaves daemons alone that answer, and starts a charon afresh that hangs @slow", async () => {
    const pid = async () =>
      (await two.must("use1-a", ["systemctl", "show", "-p", "MainPID", "strongswan"])).trim();
    const was = await pid();
    // As the timer does it, in the service's own cage.
    const watched = async () => {
      await two.must("use1-a", ["systemctl", "start", "trunkline-watch.service"]);
      return pid();
    };
    assert.equal(await watched(), was);
    await two.must("use1-a", ["pkill", "-STOP", "-x", "charon-systemd"]);
    // It is not judged while it is young.
    await two.until(watched, (now) => now !== was && now !== "MainPID=0", 150);
    await two.until(() => two.status("use1-a"), settled);
  });

  it("without a confirmation it goes back by itself, and the tunnel stays @slow", async () => {
    const was = await two.status("use1-a");
    const release = two.render(planOf([third]), "use1-a");
    await two.stage("use1-a", release);
    assert.equal((await two.run("use1-a", release, "apply", release.hash, "--confirm-within", "5s")).code, 0);
    const now = await two.until(
      () => two.status("use1-a"),
      ({ release: { pending } }) => pending == null,
    );
    assert.equal(now.release.current, was.release.current);
    assert.equal(now.release.reverted?.release, release.hash);
    assert.deepEqual(tunnelOf(now), tunnelOf(was));
    assert.equal(now.neighbours.length, was.neighbours.length);
  });

  it("a machine that loses its power before a confirmation starts with the release before @slow", async () => {
    const was = await two.status("use1-a");
    const release = two.render(planOf([third]), "use1-a");
    await two.stage("use1-a", release);
    assert.equal(
      (await two.run("use1-a", release, "apply", release.hash, "--confirm-within", "600s")).code,
      0,
    );
    await two.lab.power("i-use1-a", "off");
    await two.lab.power("i-use1-a", "on");
    const now = await two.until(() => two.status("use1-a"), settled, 90);
    assert.equal(now.release.current, was.release.current);
    assert.equal(now.release.reverted?.release, release.hash);
    assert.match(now.release.reverted.why, /started again/);
    const failed = await two.must("use1-a", ["systemctl", "--failed", "--plain", "--no-legend"]);
    assert.equal(failed, "");
  });
});
