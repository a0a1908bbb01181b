import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Release } from "trunkline/gateway/release";
import type { GatewayStatus } from "trunkline/gateway/status";
import { gateways, planOf, TwoGateways } from "./two-gateways";

const tunnel = "euw1-a~use1-a";
const third = "apne1: { cloud: aws, region: ap-northeast-1, cidr: 10.30.0.0/16 }";

describe("releases on two gateways, with the real daemons", function () {
  this.timeout(300_000);
  let two: TwoGateways;
  let good: Release;
  before(async () => {
    two = await TwoGateways.start();
    for (const gateway of gateways) await two.ensure(gateway, two.render(planOf(), gateway));
    good = two.render(planOf(), "use1-a");
  });
  after(() => two.end());

  function tunnelOf({ ikeSas }: GatewayStatus) {
    const sas = ikeSas.filter(({ name }) => name === tunnel);
    return sas.map(({ state, spis, childSas }) => ({
      state,
      ike: spis,
      child: childSas.map((child) => child.spis),
    }));
  }

  /** One SA with one child, and a route through it: only one end calls, so there never are two. */
  const settled = (status: GatewayStatus) => {
    const [sa, another] = tunnelOf(status);
    return another === undefined && sa?.child.length === 1 && status.routes.length > 0;
  };

  it("a tunnel comes up between them, and BGP over it", async () => {
    const status = await two.until(() => two.status("use1-a"), settled);
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
      /successfully loaded 2 connections/,
    );
    const units = ["trunkline-boot", "trunkline-links", "strongswan", "frr"].map((name) => `${name}.service`);
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
    for (const gateway of gateways) await two.ensure(gateway, two.render(planOf([third]), gateway));
    const now = await two.status("use1-a");
    assert.deepEqual(tunnelOf(now), tunnelOf(was));
    assert.deepEqual(await sessions(), counted);
    assert.equal(now.neighbours.length, was.neighbours.length + 2);
    // And back: a region leaves.
    for (const gateway of gateways) await two.ensure(gateway, two.render(planOf(), gateway));
    const after = await two.status("use1-a");
    assert.deepEqual(tunnelOf(after), tunnelOf(was));
    assert.equal(after.neighbours.length, was.neighbours.length);
  });

  for (const { path, from, to, says, why } of [
    {
      path: "/etc/frr/frr.conf",
      from: " bgp log-neighbor",
      to: " bgp lgo",
      says: /frr\.conf:\d+: /,
      why: "vtysh -C",
    },
    {
      path: "/etc/nftables.conf",
      from: "policy drop",
      to: "policy dorp",
      says: /nftables\.conf:\d+: /,
      why: "nft -c",
    },
    {
      path: "/etc/ssh/sshd_config.d/50-trunkline.conf",
      from: "X11Forwarding",
      to: "X12Forwarding",
      says: /50-trunkline\.conf:5: /,
      why: "sshd -t",
    },
    {
      path: "/etc/systemd/system/trunkline-links.service",
      from: "Type=oneshot",
      to: "Type=no",
      says: /trunkline-links\.service:\d+: /,
      why: "systemd-analyze verify",
    },
    {
      path: "/etc/swanctl/conf.d/trunkline.conf",
      from: "aes256gcm16-prfsha384-ecp384",
      to: "aes999",
      says: /trunkline\.conf:\d+: .*invalid value for: proposals/,
      why: "a charon of its own",
    },
    {
      path: "/etc/swanctl/x509/trunkline.pem",
      from: "MII",
      to: "AAA",
      says: /x509\/trunkline\.pem: .*failed/,
      why: "a charon of its own",
    },
    {
      path: "/etc/strongswan.conf",
      from: "openssl",
      to: "nosuch",
      says: /strongswan\.conf|swanctl/,
      why: "a charon of its own",
    },
  ])
    it(`${path} with "${to}" is refused before anything changes: ${why}`, async () => {
      const was = await two.status("use1-a");
      const bad = changed(good, path, from, to);
      await two.stage("use1-a", bad);
      const said = await two.run("use1-a", bad, "apply", bad.hash, "--confirm-within", "60s");
      assert.equal(said.code, 1, said.stdout);
      assert.match(said.stderr, /use1-a: /);
      assert.match(said.stderr, says);
      const now = await two.status("use1-a");
      assert.deepEqual(now.release, was.release);
      assert.deepEqual(tunnelOf(now), tunnelOf(was));
    });

  it("without a confirmation it goes back by itself, and the tunnel stays", async () => {
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

  it("a machine that loses its power before a confirmation starts with the release before", async () => {
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

/** The same release but for one text in one file, with a manifest that agrees. */
function changed(release: Release, path: string, from: string, to: string): Release {
  const text = release.files[path];
  assert.ok(text?.includes(from) === true, `${path} has no ${from}`);
  const files = { ...release.files, [path]: text.replace(from, to) };
  const sha256 = (bytes: string) => createHash("sha256").update(bytes).digest("hex");
  const manifest = release.manifest.replaceAll(sha256(text), sha256(files[path] ?? ""));
  return { ...release, files, manifest, hash: sha256(manifest) };
}
