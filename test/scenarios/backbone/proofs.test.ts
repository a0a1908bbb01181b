import assert from "node:assert/strict";
import { allTunnels } from "trunkline/fleet/plan";
import { drainGateway, undrainGateway } from "../../../automation/operations/drain";
import { FailoverRun } from "../../../automation/verify/failover";
import { judgeFailover } from "../../../automation/verify/judge-failover";
import { TestAuthority } from "../../gateway/authority";
import { Backbone, planOf } from "./backbone";

const two = planOf(["use1", "euw1"]);
const tunnelId = "euw1-a~use1-a";
const conf = "/etc/swanctl/conf.d/trunkline.conf";

/** Whether traffic goes on at all: how long it takes is what pair.test.ts and failover.test.ts see. */
const marks = { in: 5, through: 5, out: 5, return: 5 };
const options = { stop: new AbortController().signal, onProgress: () => undefined };
const reloadFrr = "/usr/lib/frr/frr-reload.py --reload /etc/frr/frr.conf";

function host(inside: string): string {
  return inside.slice(0, inside.indexOf("/"));
}

describe("a backbone on the real engine and real daemons", function () {
  this.timeout(600_000);
  let backbone: Backbone;
  before(async () => {
    backbone = await Backbone.start(two);
  });
  after(() => backbone.end());
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.log(await backbone.explain());
  });

  it("comes up, and every proof passes", async () => {
    assert.deepEqual(await backbone.failing(), []);
  });

  it("a wrong proposal fails that tunnel's sa alone", async () => {
    // Only the block of this tunnel; the end that waits first, so that the caller meets it.
    const [caller, waiting] = backbone.tunnel(tunnelId).ends;
    const weaken = `cp ${conf} /root/conf.was; sed -i '/^  ${tunnelId} {/,/^  }/s/aes256gcm16-prfsha384-ecp384/aes128gcm16-prfsha256-ecp256/' ${conf}; swanctl --load-conns`;
    const mend = `mv /root/conf.was ${conf}; swanctl --load-conns`;
    for (const { gateway } of [waiting, caller]) await backbone.sh(gateway, weaken);
    assert.deepEqual(await backbone.failing([`sa/${tunnelId}`]), [`sa/${tunnelId}`]);
    for (const { gateway } of [waiting, caller]) await backbone.sh(gateway, mend);
    assert.deepEqual(await backbone.failing(), []);
  });

  it("another authority's certificate of the same name fails that gateway's certificate alone", async () => {
    const gateway = "use1-b";
    const identity =
      two.regions.flatMap(({ gateways }) => gateways).find(({ id }) => id === gateway)?.identity ?? "";
    const authority = new TestAuthority();
    try {
      const { key, certificate } = authority.issue(identity);
      const peers = ["euw1-a", "euw1-b", "use1-a"];
      const own = allTunnels(two).filter(({ ends }) => ends.some((end) => end.gateway === gateway));
      // Its peers believe the stranger's authority as well; the gateway shows a certificate of it.
      for (const peer of peers)
        await backbone.sh(
          peer,
          "cat > /etc/swanctl/x509ca/stranger.pem; swanctl --load-creds --noprompt",
          authority.root,
        );
      await backbone.sh(
        gateway,
        "cd /etc/swanctl; cp x509/trunkline.pem /root/cert.was; cp private/trunkline.pem /root/key.was; umask 077; cat > private/trunkline.pem",
        key,
      );
      await backbone.sh(
        gateway,
        "cat > /etc/swanctl/x509/trunkline.pem; swanctl --load-creds --clear --noprompt",
        certificate,
      );
      const again = own.map(({ id }) => `swanctl --rekey --ike '${id}' --reauth`).join("; ");
      await backbone.sh(gateway, again);
      assert.deepEqual(await backbone.failing([`certificate/${gateway}`]), [`certificate/${gateway}`]);
      await backbone.sh(
        gateway,
        `cd /etc/swanctl; mv /root/cert.was x509/trunkline.pem; mv /root/key.was private/trunkline.pem; swanctl --load-creds --clear --noprompt; ${again}`,
      );
      // Who forgets the stranger forgets all that was presented: each tunnel authenticates once more.
      for (const peer of peers)
        await backbone.sh(
          peer,
          "rm /etc/swanctl/x509ca/stranger.pem; swanctl --load-creds --clear --noprompt",
        );
      for (const { id, ends } of allTunnels(two))
        await backbone.sh(ends[0].gateway, `swanctl --rekey --ike '${id}' --reauth`);
      assert.deepEqual(await backbone.failing(), []);
    } finally {
      authority.remove();
    }
  });

  it("a session without BFD fails that tunnel's bgp alone", async () => {
    const { ends } = backbone.tunnel(tunnelId);
    const [self, peer] = ends;
    await backbone.bgp(self.gateway, self.asn, `no neighbor ${host(peer.inside)} bfd`);
    await backbone.bgp(peer.gateway, peer.asn, `no neighbor ${host(self.inside)} bfd`);
    // In place of BFD's packets: a tunnel without any would not be seen on the wire.
    const pinging = await backbone.during(self.gateway, `ping -q -i 0.2 ${host(peer.inside)}`);
    assert.deepEqual(await backbone.failing([`bgp/${tunnelId}`]), [`bgp/${tunnelId}`]);
    for (const { gateway } of ends) await backbone.sh(gateway, reloadFrr);
    await pinging.end();
    assert.deepEqual(await backbone.failing(), []);
  });

  it("a prefix that is not told fails that tunnel's prefixes alone", async () => {
    const [self, peer] = backbone.tunnel(tunnelId).ends;
    const neighbour = `neighbor ${host(peer.inside)} prefix-list`;
    await backbone.bgp(self.gateway, self.asn, "address-family ipv4 unicast", `${neighbour} none out`);
    assert.deepEqual(await backbone.failing([`prefixes/${tunnelId}`]), [`prefixes/${tunnelId}`]);
    await backbone.sh(self.gateway, reloadFrr);
    assert.deepEqual(await backbone.failing(), []);
  });

  it("a dropped route fails reachability; no packet of that pair passes, so its path MTU cannot be seen", async () => {
    const gateways = ["use1-a", "use1-b"];
    for (const gateway of gateways)
      await backbone.sh(gateway, "ip rule add to 10.20.0.0/16 iif ens5 priority 10 unreachable");
    const pair = ["euw1>use1", "use1>euw1"].flatMap((way) => [`path-mtu/${way}`, `reachability/${way}`]);
    const failing = await backbone.failing(pair);
    assert.deepEqual(failing, pair.sort());
    for (const gateway of gateways) await backbone.sh(gateway, "ip rule del priority 10");
    assert.deepEqual(await backbone.failing(), []);
  });

  it("a small MTU fails the path-mtu of that way alone", async () => {
    const gateways = ["use1-a", "use1-b"];
    const all = (mtu: number) =>
      `for link in /sys/class/net/x*; do ip link set "\${link##*/}" mtu ${String(mtu)}; done`;
    for (const gateway of gateways) await backbone.sh(gateway, all(1300));
    assert.deepEqual(await backbone.failing(["path-mtu/use1>euw1"]), ["path-mtu/use1>euw1"]);
    for (const gateway of gateways) await backbone.sh(gateway, all(backbone.tunnel(tunnelId).mtu));
    assert.deepEqual(await backbone.failing(), []);
  });

  it("a packet in the clear between the regions fails cleartext alone", async () => {
    const target = backbone.live.regions
      .flatMap(({ gateways }) => gateways)
      .find(({ id }) => id === "euw1-a");
    // Through the gateway's own door, as a leak would go: one packet each tenth of a second while the proof looks.
    const leak = `import socket,select
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)
while True:
    s.sendto(b"in the clear", ("${target?.publicAddress ?? ""}", 9999))
    select.select([], [], [], 0.1)`;
    const leaking = await backbone.during("use1-a", "python3 -", leak);
    try {
      assert.deepEqual(await backbone.failing(["cleartext/internet"]), ["cleartext/internet"]);
    } finally {
      await leaking.end();
    }
    assert.deepEqual(await backbone.failing(), []);
  });

  it("a gateway that alone knows the way fails failover when it loses its power", async () => {
    const region = backbone.live.regions.find(({ region: name }) => name === "use1");
    const asn = two.regions.find(({ name }) => name === "use1")?.asn ?? 0;
    const endpoints = region?.routeService.endpoints.map(({ address }) => address) ?? [];
    await backbone.bgp("use1-b", asn, ...endpoints.map((address) => `neighbor ${address} shutdown`));
    const lost = { id: "use1-a", instanceId: backbone.instanceOf("use1-a") };
    const status = (gateway: string) => backbone.status(gateway);
    const run = await FailoverRun.begin(two, lost, "power", backbone.site.probes, status);
    await run.lose();
    const proofs = judgeFailover(await run.end(), marks);
    assert.deepEqual(proofs.map(({ id, status }) => [id, status]).sort(), [
      // Packets from elsewhere still come in by the survivor; what the network sends out finds no way.
      ["failover/use1-a/power:euw1>use1", "pass"],
      ["failover/use1-a/power:use1>euw1", "fail"],
    ]);
    await backbone.sh("use1-b", reloadFrr);
    await backbone.site.probes.power(lost.instanceId, "on");
    assert.deepEqual(await backbone.failing(), []);
  });

  it("the loss of a gateway that carries nothing fails failover: it tests nothing @slow", async () => {
    await drainGateway(two, backbone.access(), "use1-a", options);
    const lost = { id: "use1-a", instanceId: backbone.instanceOf("use1-a") };
    const status = (gateway: string) => backbone.status(gateway);
    const run = await FailoverRun.begin(two, lost, "cable", backbone.site.probes, status);
    await run.lose();
    await run.giveBack();
    const failover = await run.end();
    assert.ok(failover.flows.every(({ lost: packets }) => packets === 0));
    const judgements = judgeFailover(failover, marks);
    assert.deepEqual(
      judgements.map(({ status: judgedAs }) => judgedAs),
      ["fail", "fail"],
    );
    for (const { observed } of judgements) assert.match(observed, /use1-a had carried nothing/);
    await undrainGateway(two, backbone.access(), "use1-a", options);
    assert.deepEqual(await backbone.failing(), []);
  });

  describe("and when it changes", () => {
    const three = planOf(["use1", "euw1", "apne1"]);
    // The gateway that fails is use1-a each time: its region's stack is what is still to do until the last of them.
    const other = "use1-b";
    let steady: Record<string, readonly string[]>;

    const spisWithout = async (gateway: string): Promise<Record<string, readonly string[]>> => {
      const all = { ...(await backbone.spis(other)), ...(await backbone.spis("euw1-b")) };
      return Object.fromEntries(Object.entries(all).filter(([id]) => !id.split("~").includes(gateway)));
    };
    const assertSame = (now: Record<string, readonly string[]>, was: Record<string, readonly string[]>) => {
      assert.ok(Object.keys(was).length > 0);
      for (const [id, spis] of Object.entries(was)) assert.deepEqual(now[id], spis, id);
    };

    before(async () => {
      steady = await spisWithout("use1-a");
    });

    it("a gateway that cannot be reached is named, and the other of the pair is left alone", async () => {
      const was = await backbone.status(other);
      await backbone.site.probes.power(backbone.instanceOf("use1-a"), "off");
      await assert.rejects(backbone.up(three), /use1-a/);
      assert.deepEqual((await backbone.status(other)).release, was.release);
      await backbone.site.probes.power(backbone.instanceOf("use1-a"), "on");
      await backbone.untilUp("use1-a", ["euw1-a~use1-a", "euw1-b~use1-a"]);
    });

    it("a gateway whose daemon refuses is named with file and line, and the other of the pair is left alone @slow", async () => {
      const was = [await backbone.status("use1-a"), await backbone.status(other)];
      await backbone.sh("use1-a", "printf 'connections {\\n}\\n}\\n' > /etc/swanctl/conf.d/zz-mine.conf");
      await assert.rejects(backbone.up(three), /use1-a: [^]*zz-mine\.conf:\d+/);
      const now = [await backbone.status("use1-a"), await backbone.status(other)];
      for (const [index, { release }] of now.entries()) {
        assert.equal(release.current, was[index]?.release.current);
        assert.equal(release.pending, null);
      }
      await backbone.sh("use1-a", "rm /etc/swanctl/conf.d/zz-mine.conf");
    });

    it("one more region joins: no SPI of an existing tunnel changes, and every proof passes @slow", async () => {
      const was = await spisWithout("");
      await backbone.up(three);
      assertSame(await spisWithout(""), was);
      assertSame(await spisWithout("use1-a"), steady);
      assert.deepEqual(await backbone.failing(), []);
    });
  });
});
