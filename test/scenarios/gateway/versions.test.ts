import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownOffer } from "trunkline/fleet/crypto/own";
import { softwareOf } from "trunkline/fleet/system";
import type { GatewayStatus } from "trunkline/gateway/status";
import { z } from "zod";
import { plannedProposal } from "../../../automation/verify/transforms";
import { cacheFolder } from "../../../tools/setup/cache";
import { artifactFolders } from "../../../tools/setup/recipes";
import { carrying } from "../sas";
import { type Gateway, gateways, planOf, TwoGateways } from "./two-gateways";

const tunnel = "euw1-a~use1-a";
/** Debian 12 with an RSA key answers and is the hub; Debian 13 with an ECDSA key calls. */
const plan = planOf(
  [],
  ["system: debian-12", "trust: { keyAlgorithm: rsa-3072 }"],
  ["topology: hub-and-spoke", "hubs: [use1]"],
);
const roles = {
  "use1-a": { local: "provider", remote: "customer" },
  "euw1-a": { local: "customer", remote: "provider" },
} as const;
const expects = z.object({ expects: z.object({ connections: z.array(z.string()) }) });

describe("a gateway of Debian 12 beside one of Debian 13, with the real daemons", function () {
  this.timeout(300_000);
  let two: TwoGateways;
  before(async () => {
    two = await TwoGateways.start(plan);
    await two.ensureAll(plan);
  });
  after(() => two.end());

  const sasOf = ({ ikeSas }: GatewayStatus) => ikeSas.filter(({ name }) => name === tunnel);
  /** One SA with one child, the same at both ends, and a route through it. */
  const settled = (status: GatewayStatus) => {
    const [sa, another] = sasOf(status);
    return (
      another === undefined &&
      sa?.state === "ESTABLISHED" &&
      carrying(sa).length === 1 &&
      status.routes.length > 0
    );
  };

  it("their daemons are those that fleet/system.ts names", async () => {
    const systems = { "use1-a": "debian-12", "euw1-a": "debian-13" } as const;
    for (const gateway of gateways) {
      const { strongswan, frr, python } = softwareOf(systems[gateway]);
      const said = await two.must(gateway, [
        ...["dpkg-query", "-W", "-f", "${Package} ${Version}\\n"],
        ...["charon-systemd", "frr", "python3"],
      ]);
      for (const start of [`charon-systemd ${strongswan}-`, `frr ${frr}-`, `python3 ${python}.`])
        assert.ok(said.includes(start), `${gateway}: ${start} in ${said}`);
      assert.equal(await two.must(gateway, ["systemctl", "--failed", "--plain", "--no-legend"]), "", gateway);
    }
  });

  it("charon of both has every transform that fleet/crypto/own.ts says", async () => {
    for (const [gateway, system] of [
      ["use1-a", "debian-12"],
      ["euw1-a", "debian-13"],
    ] as const) {
      const algorithms = await two.must(gateway, ["swanctl", "--list-algs"]);
      const { ike } = ownOffer(system);
      for (const [role, words] of Object.entries(ike))
        for (const word of words) {
          const name = plannedProposal(word).replace("none/", "");
          // The size of its key is no part of a cipher's name.
          const listed = role === "encryption" ? name.replace(/_(128|192|256)$/, "") : name;
          assert.ok(algorithms.includes(`${listed}[`), `${gateway}: ${word} as ${listed} in ${algorithms}`);
        }
    }
  });

  it("swanctl --load-all, vtysh -C, nft -c and systemd-analyze verify take all of it on both", async () => {
    for (const gateway of gateways) {
      const loaded = await two.exec(gateway, ["swanctl", "--load-all", "--noprompt"]);
      const { connections } = expects.parse(JSON.parse(two.render(plan, gateway).manifest)).expects;
      assert.match(
        loaded.stdout,
        new RegExp(`successfully loaded ${String(connections.length)} connections`),
      );
      assert.doesNotMatch(loaded.stdout + loaded.stderr, /failed|invalid|unknown|discarded/, gateway);
      await two.must(gateway, ["vtysh", "-C", "-f", "/etc/frr/frr.conf"]);
      await two.must(gateway, ["nft", "-c", "-f", "/etc/nftables.conf"]);
      const units = ["trunkline-boot", "trunkline-links", "strongswan", "frr"].map(
        (name) => `${name}.service`,
      );
      const { stderr } = await two.exec(gateway, ["systemd-analyze", "verify", "--man=no", ...units]);
      assert.doesNotMatch(stderr, /trunkline/, gateway);
    }
  });

  it("FRR of both runs exactly what is rendered: a reload would change nothing", async () => {
    for (const gateway of gateways) {
      const reload = ["/usr/lib/frr/frr-reload.py", "--test", "--stdout", "/etc/frr/frr.conf"];
      assert.doesNotMatch(await two.must(gateway, reload), /Lines To (Add|Delete)/, gateway);
    }
  });

  it("the tunnel comes up, and BGP with BFD and roles over it", async () => {
    for (const gateway of gateways) {
      const neighbourOf = ({ neighbours }: GatewayStatus) =>
        neighbours.find(({ state }) => state === "Established");
      const status = await two.until(
        () => two.status(gateway),
        (now) =>
          settled(now) &&
          now.neighbours.some(({ sent, received }) => sent.length > 0 && received.length > 0) &&
          now.bfd.some(({ peer, status: state }) => state === "up" && peer === neighbourOf(now)?.address),
      );
      assert.equal(neighbourOf(status)?.received.length, 1, gateway);
      assert.equal(neighbourOf(status)?.sent.length, 1, gateway);
      assert.deepEqual(neighbourOf(status)?.role, roles[gateway]);
    }
  });

  it("each has shown a certificate of its own kind of key", async () => {
    const { certificates } = await two.status("euw1-a");
    const kinds = certificates
      .map((pem) => new X509Certificate(pem))
      .filter(({ ca }) => !ca)
      .map(({ publicKey }) => publicKey.asymmetricKeyDetails);
    assert.ok(kinds.some((kind) => kind?.modulusLength === 3072));
    assert.ok(kinds.some((kind) => kind?.namedCurve === "prime256v1"));
  });

  /** One of each begins in every run; the other's turn comes in the slow one. */
  const unless = (sample: Gateway, gateway: Gateway): string => (gateway === sample ? "" : " @slow");

  for (const { what, words, sample } of [
    { what: "a rekeyed IKE SA", words: ["--ike", tunnel], sample: "use1-a" },
    { what: "a rekeyed child SA", words: ["--child", tunnel], sample: "euw1-a" },
  ] as const)
    for (const gateway of gateways)
      it(`${what}, begun by ${gateway}, loses no packet${unless(sample, gateway)}`, async () => {
        assert.deepEqual(await two.unanswered([gateway], () => renewed(gateway, words)), [0]);
      });

  // strongSwan's answering end sends with the new SA as soon as it has one; the kernel of the calling end drops what comes
  // before charon there has computed the key, and counts it (XfrmAcquireError: "State hasn't been fully acquired before
  // use"). Whoever wants none of it drains the tunnel first. Ending the old SA first would lose far more, and elsewhere.
  for (const gateway of gateways)
    it(`a reauthentication, begun by ${gateway}, loses nothing but what comes before its key${unless("use1-a", gateway)}`, async () => {
      const before = await earlyPackets(gateway);
      const [lost = 0] = await two.unanswered([gateway], () =>
        renewed(gateway, ["--ike", tunnel, "--reauth"]),
      );
      const early = (await earlyPackets(gateway)) - before;
      assert.ok(lost <= early, `${String(lost)} lost, ${String(early)} early`);
    });

  async function renewed(gateway: Gateway, words: readonly string[]): Promise<void> {
    const other = gateways.find((candidate) => candidate !== gateway) ?? gateway;
    const before = await two.until(() => two.status(gateway), settled);
    await two.must(gateway, ["swanctl", "--rekey", ...words]);
    await two.until(
      () => two.status(gateway),
      (now) => settled(now) && spis(now) !== spis(before),
    );
    // The other end, too, has let go of the old one.
    await two.until(() => two.status(other), settled);
  }

  async function earlyPackets(gateway: Gateway): Promise<number> {
    const counters = await two.must(gateway, ["cat", "/proc/net/xfrm_stat"]);
    return Number(/^XfrmAcquireError\s+(\d+)$/m.exec(counters)?.[1]);
  }

  const spis = (status: GatewayStatus) =>
    JSON.stringify(sasOf(status).map((sa) => [sa.spis, sa.childSas.map((child) => child.spis)]));
});

describe("a lab without the second image", function () {
  const cache = process.env["XDG_CACHE_HOME"];
  let empty: string;
  before(() => {
    // The same cache but for what was not asked for.
    const folders = artifactFolders();
    empty = mkdtempSync(join(tmpdir(), "trunkline-cache-"));
    mkdirSync(join(empty, "trunkline"));
    for (const name of ["pulumi", "kernel", "image"] as const)
      symlinkSync(join(cacheFolder(), folders[name]), join(empty, "trunkline", folders[name]));
    process.env["XDG_CACHE_HOME"] = empty;
  });
  after(() => {
    if (cache === undefined) delete process.env["XDG_CACHE_HOME"];
    else process.env["XDG_CACHE_HOME"] = cache;
    rmSync(empty, { recursive: true, force: true });
  });

  it("says which command brings it", async () => {
    await assert.rejects(
      TwoGateways.start(plan),
      /no image of debian-12 yet; `npx trunkline-setup --image debian-12`/,
    );
  });
});
