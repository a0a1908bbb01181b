import assert from "node:assert/strict";
import { allTunnels } from "trunkline/fleet/plan";
import { drainGateway, undrainGateway } from "../../../automation/operations/drain";
import { FailoverRun } from "../../../automation/verify/failover";
import { judgeFailover } from "../../../automation/verify/judge-failover";
import { TestAuthority } from "../../gateway/authority";
import { type Backbone, two } from "./backbone";

const tunnelId = "euw1-a~use1-a";
const conf = "/etc/swanctl/conf.d/trunkline.conf";

/** Whether traffic goes on at all: how long it takes is what pair.ts and losses.ts see. */
const marks = { in: 5, through: 5, out: 5, return: 5 };
const options = { stop: new AbortController().signal, onProgress: () => undefined };
const reloadFrr = "/usr/lib/frr/frr-reload.py --reload /etc/frr/frr.conf";

function host(inside: string): string {
  return inside.slice(0, inside.indexOf("/"));
}

/** Breaks every kind of fact, and sees exactly its proof fail. @param started the backbone of `two`, once it is up */
export function provesEachFact(started: () => Backbone): void {
  let backbone: Backbone;
  before(() => {
    backbone = started();
  });

  /** What breaks fails these proofs and no other: what was mended before passes. */
  const failsAlone = async (
    ids: readonly string[],
    breaks: () => Promise<unknown>,
    mends: () => Promise<unknown>,
  ): Promise<void> => {
    try {
      await breaks();
      assert.deepEqual(await backbone.failing(ids), [...ids].sort());
    } finally {
      await mends();
    }
  };
  const each = async (gateways: readonly string[], script: string): Promise<void> => {
    for (const gateway of gateways) await backbone.sh(gateway, script);
  };

  it("a wrong proposal fails that tunnel's sa alone", async () => {
    // Only the block of this tunnel; the end that waits first, so that the caller meets it.
    const [caller, waiting] = backbone.tunnel(tunnelId).ends;
    const weaken = `cp ${conf} /root/conf.was; sed -i '/^  ${tunnelId} {/,/^  }/s/aes256gcm16-prfsha384-ecp384/aes128gcm16-prfsha256-ecp256/' ${conf}; swanctl --load-conns`;
    const mend = `mv /root/conf.was ${conf}; swanctl --load-conns`;
    const ends = [waiting.gateway, caller.gateway];
    await failsAlone(
      [`sa/${tunnelId}`],
      () => each(ends, weaken),
      () => each(ends, mend),
    );
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
    } finally {
      authority.remove();
    }
  });

  it("a session without BFD fails that tunnel's bgp alone", async () => {
    const { ends } = backbone.tunnel(tunnelId);
    const [self, peer] = ends;
    // In place of BFD's packets: a tunnel without any would not be seen on the wire.
    const pinging = await backbone.during(self.gateway, `ping -q -i 0.2 ${host(peer.inside)}`);
    await failsAlone(
      [`bgp/${tunnelId}`],
      async () => {
        await backbone.bgp(self.gateway, self.asn, `no neighbor ${host(peer.inside)} bfd`);
        await backbone.bgp(peer.gateway, peer.asn, `no neighbor ${host(self.inside)} bfd`);
      },
      async () => {
        for (const { gateway } of ends) await backbone.sh(gateway, reloadFrr);
        await pinging.end();
      },
    );
  });

  it("a prefix that is not told fails that tunnel's prefixes alone", async () => {
    const [self, peer] = backbone.tunnel(tunnelId).ends;
    const neighbour = `neighbor ${host(peer.inside)} prefix-list`;
    await failsAlone(
      [`prefixes/${tunnelId}`],
      () => backbone.bgp(self.gateway, self.asn, "address-family ipv4 unicast", `${neighbour} none out`),
      () => backbone.sh(self.gateway, reloadFrr),
    );
  });

  it("a dropped route fails reachability; no packet of that pair passes, so its path MTU cannot be seen", async () => {
    const gateways = ["use1-a", "use1-b"];
    await failsAlone(
      ["euw1>use1", "use1>euw1"].flatMap((way) => [`path-mtu/${way}`, `reachability/${way}`]),
      () => each(gateways, "ip rule add to 10.20.0.0/16 iif ens5 priority 10 unreachable"),
      () => each(gateways, "ip rule del priority 10"),
    );
  });

  it("a small MTU fails the path-mtu of that way alone", async () => {
    const gateways = ["use1-a", "use1-b"];
    const all = (mtu: number) =>
      `for link in /sys/class/net/x*; do ip link set "\${link##*/}" mtu ${String(mtu)}; done`;
    await failsAlone(
      ["path-mtu/use1>euw1"],
      () => each(gateways, all(1300)),
      () => each(gateways, all(backbone.tunnel(tunnelId).mtu)),
    );
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
    let leaking: { end(): Promise<void> } | undefined;
    await failsAlone(
      ["cleartext/internet"],
      async () => (leaking = await backbone.during("use1-a", "python3 -", leak)),
      async () => leaking?.end(),
    );
  });

  it("all is mended, and every proof passes", async () => {
    assert.deepEqual(await backbone.failing(), []);
  });

  it("a gateway that alone knows the way fails failover when it loses its power @slow", async () => {
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
}
