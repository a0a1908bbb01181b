import assert from "node:assert/strict";
import type { Plan } from "trunkline/fleet/plan";
import { loseGateway } from "../../../automation/verify/failover";
import { readPcap } from "../../../automation/verify/pcap";
import { type FirewallRule, labInternet } from "../../../lab/world/model";
import { sendPacket } from "../packets";
import { type Backbone, bringsUp, planOf } from "./backbone";
import { foundByBfd, nothingLost, perSecond, under } from "./measured";

const region = (cloudRegion: string, octet: number, ...fields: readonly string[]) =>
  `{ cloud: aws, region: ${cloudRegion}, cidr: 10.${String(octet)}.0.0/16, ${fields.join(", ")} }`;
/** Inside: one block whose addresses are gateways' own towards others as well, and one that is nobody's outside. */
const inside = {
  use1: "ipv6: { cidr: 3fff:1b2c:3d00::/56, pool: ipam-pool-0123456789abcdef0 }",
  apne1: "ipv6: { cidr: fd8a:1b2c:3d00::/56, pool: ipam-pool-0fedcba9876543210 }",
};
/** Two that speak IPv6 to each other, of which one runs strongSwan 5.9, and one that does not. */
const planWith = (gateways: number) =>
  planOf(["use1", "euw1", "apne1"], {
    use1: region("us-east-1", 10, `gateways: ${String(gateways)}`, "outside: ipv6", inside.use1),
    euw1: region("eu-west-1", 20, `gateways: ${String(gateways)}`, "outside: ipv6", "system: debian-12"),
    apne1: region("ap-northeast-1", 30, `gateways: ${String(gateways)}`, inside.apne1),
  });

/** Of a table before all others: what arrives on the wire from the stranger, whatever becomes of it. */
const seen = `table ip6 seen {
  counter asked {}
  counter later {}
  chain seen {
    type filter hook prerouting priority -400
    ip6 saddr ${labInternet.stranger6} udp dport 500 counter name asked
    ip6 saddr ${labInternet.stranger6} udp dport 4501 counter name later
  }
}
`;

describe("regions that speak to each other over IPv6, and one that does not", function () {
  this.timeout(600_000);
  let backbone: Backbone;
  bringsUp(planWith(1), (up) => (backbone = up));

  const from = async (name: string) => {
    const host = (await backbone.site.probes.hosts()).find((found) => found.region === name);
    assert.ok(host !== undefined, name);
    return host;
  };
  const ping = async (one: string, other: string, ...options: readonly string[]) => {
    const [host, to] = [await from(one), await from(other)];
    const words = ["ping", "-c3", "-i0.2", "-W3", ...options, to.address];
    const { stdout, stderr } = await backbone.site.probes.run(host.host, words);
    return { answers: stdout.match(/time=/g)?.length ?? 0, said: `${stdout}${stderr}` };
  };

  it("every proof holds: SAs over IPv6 between the two and over IPv4 to the third, networks with IPv6 and without, paths, MTU, the wire", async () => {
    const proofs = await backbone.proofs(60);
    assert.deepEqual(
      proofs.filter(({ status }) => status !== "pass"),
      [],
    );
    const over = proofs
      .filter(({ kind, observed }) => kind === "sa" && observed.includes("ESP in UDP over IPv6"))
      .map(({ subject }) => subject);
    assert.deepEqual(over, ["euw1-a~use1-a"]);
    const mtu = Object.fromEntries(
      proofs.filter(({ kind }) => kind === "path-mtu").map(({ subject, expected }) => [subject, expected]),
    );
    assert.deepEqual([mtu["euw1>use1"], mtu["apne1>use1"]], ["1370 bytes", "1390 bytes"]);
    const ids = proofs.map(({ id }) => id);
    const overIpv6 = ["apne1>use1", "use1>apne1"].flatMap((way) => [
      `path-mtu/${way} over IPv6`,
      `reachability/${way} over IPv6`,
    ]);
    assert.deepEqual(ids.filter((id) => id.endsWith(" over IPv6")).sort(), overIpv6.sort());
    assert.ok(backbone.ipv6Of("use1-a").startsWith("3fff:1b2c:3d"), backbone.ipv6Of("use1-a"));
  });

  it("a capture shows ESP in UDP over IPv6 between the two, and over IPv4 to the third", async () => {
    const capture = await backbone.site.probes.captureInternet();
    const parts: Buffer[] = [];
    capture.on("data", (bytes: Buffer) => parts.push(bytes));
    const ended = new Promise((resolve, reject) => capture.once("end", resolve).once("error", reject));
    for (const to of ["euw1", "apne1"]) assert.equal((await ping("use1", to)).answers, 3, to);
    capture.end();
    await ended;
    const pairs = new Map<string, number>();
    for (const { source, destination, sourcePort, destinationPort, payload } of readPcap(
      Buffer.concat(parts),
    )) {
      assert.deepEqual([sourcePort, destinationPort], [4500, 4500], `${source} > ${destination}`);
      // An SPI, and no marker of IKE (RFC 3948).
      if (payload.length > 8 && Buffer.from(payload).readUInt32BE(0) !== 0)
        pairs.set(`${source} > ${destination}`, (pairs.get(`${source} > ${destination}`) ?? 0) + 1);
    }
    const [use1, euw1] = [backbone.ipv6Of("use1-a"), backbone.ipv6Of("euw1-a")];
    const [one, third] = [backbone.addressOf("use1-a"), backbone.addressOf("apne1-a")];
    for (const way of [`${use1} > ${euw1}`, `${euw1} > ${use1}`, `${one} > ${third}`, `${third} > ${one}`])
      assert.ok((pairs.get(way) ?? 0) >= 3, `${way}: ${JSON.stringify([...pairs])}`);
  });

  it("a stranger's IPv6 packet to UDP 500 ends at the security group, and behind that at the gateway", async () => {
    const knock = (port: number) =>
      backbone.inLab((lab) =>
        sendPacket(
          lab,
          "stranger",
          { source: labInternet.stranger6, destination: backbone.ipv6Of("use1-a"), protocol: "udp", port },
          "knock",
        ),
      );
    const admit = (port: number) =>
      backbone.inLab(async (lab) => {
        const { objects } = await lab.world();
        const machine = objects[backbone.instanceOf("use1-a")];
        const nic = machine?.kind === "machine" ? objects[machine.interface] : undefined;
        const group = nic?.kind === "interface" ? objects[nic.firewalls[0] ?? ""] : undefined;
        assert(group?.kind === "firewall");
        const rule: FirewallRule = {
          ...{ id: `sgr-test-${String(port)}`, direction: "ingress", protocol: "udp" },
          ports: { from: port, to: port },
          peer: { cidr: `${labInternet.stranger6}/128` },
        };
        await lab.put({ ...group, rules: [...group.rules, rule] });
        return () => backbone.inLab((later) => later.put(group));
      });
    const count = async (counter: string, table = "ip6 seen") => {
      const said = await backbone.sh("use1-a", `nft list counter ${table} ${counter}`);
      return Number(/packets (\d+)/.exec(said)?.[1]);
    };
    const until = async (counter: string, more: number) => {
      const deadline = Date.now() + 30_000;
      while ((await count(counter)) < more) assert.ok(Date.now() < deadline, `${counter} never came`);
    };
    await backbone.sh("use1-a", "nft -f -", seen);
    try {
      await knock(500);
      // What is admitted and comes after it has come, and it has not.
      const close = await admit(4501);
      await knock(4501);
      await until("later", 1);
      assert.equal(await count("asked"), 0);
      const refused = await count("refused", "inet trunkline");
      await close();
      const again = await admit(500);
      await knock(500);
      await until("asked", 1);
      assert.ok((await count("refused", "inet trunkline")) > refused);
      const strangers = await backbone.sh("use1-a", "nft list set inet trunkline strangers6");
      assert.ok(strangers.includes(labInternet.stranger6), strangers);
      await again();
    } finally {
      await backbone.sh("use1-a", "nft delete table ip6 seen");
    }
  });

  it("a path with an MTU of 1400 that nobody was told of is found: its ICMPv6 reaches the gateway, and workloads hear", async () => {
    const path = {
      do: "path",
      from: backbone.ipv6Of("use1-a"),
      to: backbone.ipv6Of("euw1-a"),
    } as const;
    await backbone.fault({ ...path, mtu: 1400, fragments: "dropped" });
    try {
      const large = (size: number) => ping("use1", "euw1", "-M", "do", "-s", String(size - 28));
      // The first is lost, and the gateway learns; then it tells.
      const { said } = await large(1370);
      assert.match(said, /mtu ?= ?1318/, said);
      assert.equal((await large(1318)).answers, 3);
      assert.equal((await ping("use1", "apne1", "-M", "do", "-s", String(1390 - 28))).answers, 3);
      await sendMegabytes(2);
    } finally {
      await backbone.fault(path);
      // Of the outer packets, and of the inner ones.
      for (const gateway of ["use1-a", "euw1-a"])
        await backbone.sh(gateway, "ip -6 route flush cache; ip route flush cache");
    }
  });

  it("IKE with certificates comes up over the least MTU that IPv6 knows", async () => {
    const path = { do: "path", from: backbone.ipv6Of("euw1-a"), to: backbone.ipv6Of("use1-a") } as const;
    const ids = async () =>
      (await backbone.status("euw1-a")).ikeSas
        .filter(({ name, state }) => name === "euw1-a~use1-a" && state === "ESTABLISHED")
        .map(({ id }) => id);
    await backbone.fault({ ...path, mtu: 1280, fragments: "dropped" });
    try {
      const before = await ids();
      // A new IKE SA by authentication, beside the old one (RFC 7296 section 2.8.3).
      await backbone.sh("euw1-a", "swanctl --rekey --reauth --ike 'euw1-a~use1-a'");
      await backbone.until(
        "euw1-a",
        ({ ikeSas }) =>
          ikeSas.some(
            ({ name, id, state, childSas }) =>
              name === "euw1-a~use1-a" &&
              !before.includes(id) &&
              state === "ESTABLISHED" &&
              childSas.length > 0,
          ),
        "has authenticated anew",
      );
    } finally {
      await backbone.fault(path);
    }
  });

  /** TCP between workloads, each way, without a stall. */
  async function sendMegabytes(count: number): Promise<void> {
    const { run } = backbone.site.probes;
    const [one, other] = [await from("use1"), await from("euw1")];
    for (const [sender, receiver] of [
      [one, other],
      [other, one],
    ] as const) {
      const receiving = run(receiver.host, [
        "python3",
        "-c",
        `import socket
s = socket.create_server(("${receiver.address}", 9000))
s.settimeout(20)
c, _ = s.accept()
c.settimeout(10)
total = 0
while part := c.recv(65536): total += len(part)
print(total)`,
      ]);
      const listens = async () => (await run(receiver.host, ["ss", "-Hltn"])).stdout.includes(":9000");
      const deadline = Date.now() + 20_000;
      while (!(await listens())) assert.ok(Date.now() < deadline, "nobody listens");
      const sent = await run(sender.host, [
        "python3",
        "-c",
        `import socket
s = socket.create_connection(("${receiver.address}", 9000), 10)
s.settimeout(10)
for _ in range(${String(count)}): s.sendall(bytes(1 << 20))
s.shutdown(socket.SHUT_WR)`,
      ]);
      assert.equal(sent.code, 0, sent.stderr);
      const { stdout, stderr } = await receiving;
      assert.equal(stdout.trim(), String(count << 20), stderr);
    }
  }

  it("while charon is away, the kernel takes ESP in UDP over IPv6 by the other socket", async () => {
    const dropIn = "/run/systemd/system/strongswan.service.d/zz-test.conf";
    const away = `mkdir -p $(dirname ${dropIn}); printf '[Service]\\nRestart=no\\n' > ${dropIn}; systemctl daemon-reload
pkill -KILL -x charon-systemd; while pidof charon-systemd; do :; done`;
    await backbone.sh("use1-a", away);
    try {
      assert.equal((await ping("euw1", "use1")).answers, 3);
      assert.equal((await ping("apne1", "use1")).answers, 3);
    } finally {
      await backbone.sh(
        "use1-a",
        `rm ${dropIn}; systemctl daemon-reload; systemctl restart strongswan.service`,
      );
    }
    assert.deepEqual(await backbone.failing(), []);
  });
});

/** Another machine in the place of use1-b. */
const raised = (plan: Plan): Plan => ({
  ...plan,
  regions: plan.regions.map((region) => ({
    ...region,
    gateways: region.gateways.map((gateway) =>
      gateway.id === "use1-b" ? { ...gateway, imageEpoch: 2 } : gateway,
    ),
  })),
});

describe("pairs that speak to each other over IPv6 @slow", function () {
  this.timeout(900_000);
  const plan = planWith(2);
  let backbone: Backbone;
  bringsUp(plan, (up) => (backbone = up));
  before(async () => {
    assert.deepEqual(await backbone.failing(), []);
  });

  for (const loss of ["power", "charon"] as const)
    it(`a gateway loses ${loss}, and comes back over IPv6`, async () => {
      const lost = { id: "use1-a", instanceId: backbone.instanceOf("use1-a") };
      const status = (gateway: string) => backbone.status(gateway);
      const { flows } = await loseGateway(plan, lost, loss, backbone.site.probes, status, { perSecond });
      if (loss === "power") foundByBfd(flows);
      else nothingLost(flows);
      assert.deepEqual(await backbone.failing(), []);
    });

  it("a machine in another's place keeps the address, and its tunnels come up over IPv6", async () => {
    const before = backbone.ipv6Of("use1-b");
    const machine = backbone.instanceOf("use1-b");
    await backbone.up(raised(plan));
    assert.equal(backbone.ipv6Of("use1-b"), before);
    assert.notEqual(backbone.instanceOf("use1-b"), machine);
    assert.deepEqual(await backbone.failing(), []);
  });

  it("a region that speaks over IPv4 again does so on all its links, and may speak over IPv6 again; the third region notices nothing", async () => {
    const outside = (use1: string) =>
      planOf(["use1", "euw1", "apne1"], {
        use1: region("us-east-1", 10, `outside: ${use1}`, inside.use1),
        euw1: region("eu-west-1", 20, "outside: ipv6", "system: debian-12"),
        apne1: region("ap-northeast-1", 30, inside.apne1),
      });
    for (const choice of ["ipv4", "ipv6"]) {
      const flows = await under(backbone, () => backbone.up(raised(outside(choice))));
      // Between the two there is no way once both gateways of one have left the family, until the other's first follows.
      foundByBfd(flows.filter(({ from, to }) => from === "apne1" || to === "apne1"));
      assert.deepEqual(await backbone.failing(), [], choice);
    }
  });
});
