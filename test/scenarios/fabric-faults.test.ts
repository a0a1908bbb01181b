import assert from "node:assert/strict";
import { LabError, type LabClient } from "../../lab/client/client";
import { up } from "../../lab/commands";
import { east, gatewayMachine, twoNetworks, west } from "../lab/two-networks";
import { refusals } from "../lab/refusals";
import { giveIpv6, labWith } from "./fabric-lab";
import { packetsSeen, sendPacket } from "./packets";

describe("faults, captures and refusals in the kernels' lab", function () {
  let lab: LabClient;
  let folder: string;
  let end = () => Promise.resolve();

  before(async () => {
    ({ lab, folder, end } = await labWith([
      ...twoNetworks(),
      gatewayMachine("west"),
      gatewayMachine("east"),
    ]));
  });
  after(() => end());

  /** @returns median round trip in ms, and answers out of those asked */
  async function ping(count: number, ...options: readonly string[]) {
    // One after the other: a ping that has an answer waits for its next no longer than its interval, whatever -W says.
    const one = ["ping", "-c1", "-W", "3", ...options, east.public].join(" ");
    const words = ["sh", "-c", Array.from({ length: count }, () => one).join("; ")];
    const { stdout } = await lab.exec(west.gateway, words, { deadlineSeconds: 60 });
    const times = [...stdout.matchAll(/time=([\d.]+)/g)]
      .map(([, time]) => Number(time))
      .sort((a, b) => a - b);
    return { answers: times.length, medianMs: times[Math.floor(times.length / 2)] ?? Infinity, stdout };
  }

  for (const { what, code, put, remove } of refusals)
    it(`refuses ${what}, over the daemon's wire`, () =>
      assert.rejects(
        async () => {
          if (put !== undefined) await lab.put(put);
          if (remove !== undefined) await lab.remove(remove.kind, remove.id);
        },
        (error: unknown) => error instanceof LabError && error.code === code,
      ));

  it("a cut cable answers nothing, a mended one again", async () => {
    assert.equal((await ping(2)).answers, 2);
    await lab.fault({ do: "cut", host: east.gateway });
    assert.equal((await ping(2)).answers, 0);
    // The machine itself goes on.
    assert.equal((await lab.exec(east.gateway, ["true"])).code, 0);
    await lab.fault({ do: "mend", host: east.gateway });
    assert.equal((await ping(2)).answers, 2);
  });

  it("a link that is being made says nothing over IPv6 that nobody asked for", async () => {
    const made =
      "ip netns add made; ip netns exec made cat /proc/sys/net/ipv6/conf/default/disable_ipv6; ip netns del made";
    const { stdout } = await lab.exec("fabric", ["sh", "-euc", made]);
    assert.equal(stdout.trim(), "1");
  });

  it("a burst waits for the processor, and no packet of it is lost on the way", async () => {
    const burst = `import socket
sending = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(40000):
    sending.sendto(bytes(64), ("${east.public}", 500))`;
    const sent = await lab.exec(west.gateway, ["python3", "-c", burst], { deadlineSeconds: 120 });
    assert.equal(sent.code, 0, sent.stderr);
    const { stdout } = await lab.exec("fabric", ["cat", "/proc/net/softnet_stat"]);
    const [processed, dropped] = stdout.split(/\s+/).map((word) => Number.parseInt(word, 16));
    assert.ok((processed ?? 0) > 40_000, stdout);
    assert.equal(dropped, 0, stdout);
  });

  it("a machine in another's place has the interface, and answers by its address", async () => {
    const machine = gatewayMachine("east");
    await lab.remove("machine", machine.id);
    assert.equal((await ping(2)).answers, 0);
    await lab.put({ ...machine, id: "i-east-again" });
    assert.equal((await ping(2)).answers, 2);
    await lab.remove("machine", "i-east-again");
    await lab.put(machine);
    assert.equal((await ping(2)).answers, 2);
  });

  it("a delay on a path is there and back, and goes", async () => {
    const path = { do: "path", from: west.public, to: east.public } as const;
    await lab.fault({ ...path, delayMs: 60 });
    const slow = await ping(3);
    await lab.fault(path);
    const fast = await ping(5);
    assert.ok(slow.medianMs >= 120, slow.stdout);
    assert.ok(fast.medianMs < 60, fast.stdout);
  });

  it("a path that loses everything loses only what goes along it", async () => {
    const path = { do: "path", from: west.public, to: east.public } as const;
    await lab.fault({ ...path, lossPercent: 100 });
    assert.equal((await ping(2)).answers, 0);
    const plain = await lab.exec(east.gateway, ["ping", "-c1", "-W2", west.plainPublic]);
    assert.equal(plain.code, 0, plain.stdout);
    await lab.fault(path);
    assert.equal((await ping(2)).answers, 2);
  });

  it("a small MTU on a path says so by ICMP, and what is larger does not pass", async () => {
    const path = { do: "path", from: west.public, to: east.public } as const;
    const large = ["-M", "do", "-s", String(1500 - 28)];
    assert.equal((await ping(1, ...large)).answers, 1);
    await lab.fault({ ...path, mtu: 1300 });
    const { answers, stdout } = await ping(2, ...large);
    assert.equal(answers, 0, stdout);
    assert.match(stdout, /mtu.?=.?1300/i);
    assert.equal((await ping(1, "-M", "do", "-s", String(1300 - 28))).answers, 1);
    await lab.fault(path);
    await lab.exec(west.gateway, ["ip", "route", "flush", "cache"]);
    assert.equal((await ping(1, ...large)).answers, 1);
  });

  it("a path that drops fragments drops them alone, and what it would have to fragment itself; mended, nothing", async () => {
    const path = { do: "path", from: west.public, to: east.public } as const;
    const inFragments = ["-M", "dont", "-s", String(3000)];
    const large = ["-M", "dont", "-s", String(1400 - 28)];
    assert.equal((await ping(1, ...inFragments)).answers, 1);
    await lab.fault({ ...path, mtu: 1300, fragments: "dropped" });
    assert.equal((await ping(2, ...inFragments)).answers, 0);
    assert.equal((await ping(2, ...large)).answers, 0);
    assert.equal((await ping(1, "-M", "dont", "-s", String(1300 - 28))).answers, 1);
    await lab.fault(path);
    assert.equal((await ping(1, ...inFragments)).answers, 1);
  });

  it("faults of a path are of its family: loss, an MTU that is told by ICMPv6, fragments", async () => {
    await giveIpv6(lab);
    const ping6 = async (...options: readonly string[]) => {
      const words = ["ping", "-c2", "-i0.2", "-W3", ...options, east.gatewayAddress6];
      const { stdout } = await lab.exec(west.gateway, words, { deadlineSeconds: 60 });
      return { answers: stdout.match(/time=/g)?.length ?? 0, stdout };
    };
    const path = { do: "path", from: west.gatewayAddress6, to: east.gatewayAddress6 } as const;
    const large = ["-M", "do", "-s", String(1500 - 48)];
    assert.equal((await ping6(...large)).answers, 2);
    await lab.fault({ ...path, lossPercent: 100 });
    assert.equal((await ping6()).answers, 0);
    assert.equal((await ping(2)).answers, 2);
    await lab.fault({ ...path, mtu: 1400, fragments: "dropped" });
    const { answers, stdout } = await ping6(...large);
    assert.equal(answers, 0, stdout);
    assert.match(stdout, /2001:db8:ffff::1.*mtu.?=.?1400|mtu.?=.?1400/i);
    assert.equal((await ping6("-M", "do", "-s", String(1400 - 48))).answers, 2);
    assert.equal((await ping6("-s", "3000")).answers, 0);
    assert.equal((await ping(1, "-M", "do", "-s", String(1500 - 28))).answers, 1);
    await lab.fault(path);
    await lab.exec(west.gateway, ["ip", "-6", "route", "flush", "cache"]);
    assert.equal((await ping6(...large)).answers, 2);
  });

  it("what neighbours say to each other on a link is not between the networks", async () => {
    const packets = await packetsSeen(lab, "internet", "", async () => {
      const { code, stdout } = await lab.exec(west.gateway, ["ping", "-c3", "-i0.3", east.gatewayAddress6]);
      assert.equal(code, 0, stdout);
    });
    assert.deepEqual(
      packets.map(({ protocol, payload }) => [protocol, payload[0]]),
      Array.from({ length: 3 }, () => [
        [58, 128],
        [58, 129],
      ]).flat(),
    );
  });

  it("a capture between regions holds a planted cleartext packet once, with public addresses", async () => {
    const packets = await packetsSeen(lab, "internet", "", async () => {
      const packet = {
        source: west.gatewayAddress,
        destination: east.public,
        protocol: "udp",
        port: 500,
      } as const;
      await sendPacket(lab, west.gateway, packet, "planted in the clear");
      assert.equal((await ping(1)).answers, 1);
    });
    // The closed port's answer quotes it.
    const planted = packets.filter(
      ({ protocol, payload }) => protocol === 17 && Buffer.from(payload).includes("planted in the clear"),
    );
    assert.equal(planted.length, 1);
    assert.equal(planted[0]?.source, west.public);
    assert.equal(planted[0].destination, east.public);
    assert.equal(
      packets.filter(({ protocol, payload }) => protocol === 1 && [0, 8].includes(payload[0] ?? -1)).length,
      2,
      "an echo and its answer, once each",
    );
  });

  it("a machine that loses its power says no goodbye, and comes back with its disk", async () => {
    await lab.exec(east.gateway, ["sh", "-c", "echo kept > /root/kept && sync"]);
    const listen =
      "exec setsid python3 -c 'import socket; s=socket.create_server((\"\", 22022)); c=s.accept()[0]; c.recv(9)'";
    await lab.exec(east.gateway, ["sh", "-c", `${listen} > /dev/null 2>&1 < /dev/null &`]);
    const client = `
import socket, time
deadline = time.time() + 10
while True:
    try:
        s = socket.create_connection(("${east.gatewayAddress}", 22022), 1)
        break
    except OSError:
        if time.time() > deadline: raise
print("connected", flush=True)
s.settimeout(10)
try:
    print("goodbye" if s.recv(1) == b"" else "data")
except TimeoutError:
    print("silence")
except OSError as error:
    print(error)
`;
    const talk = lab.exec(east.workload, ["python3", "-c", client], { deadlineSeconds: 60 });
    const socketUp = async () =>
      (
        await lab.exec(east.gateway, ["sh", "-c", "ss -Htn state established sport = :22022"])
      ).stdout.trim() !== "";
    const deadline = Date.now() + 20_000;
    while (!(await socketUp())) assert.ok(Date.now() < deadline, "nobody connects");
    await lab.power(east.gateway, "off");
    assert.equal((await talk).stdout.trim().split("\n").at(-1), "silence");
    await lab.power(east.gateway, "on");
    assert.equal((await lab.exec(east.gateway, ["cat", "/root/kept"])).stdout, "kept\n");
    assert.equal((await ping(2)).answers, 2);
  });

  it("a lab whose daemon was killed comes back as it was, with its machines' disks", async () => {
    await lab.exec(west.gateway, ["sh", "-c", "echo kept > /root/kept && sync"]);
    const before = await lab.world();
    process.kill((await lab.status()).pid, "SIGKILL");
    lab.close();
    lab = await up({ folder });
    assert.deepEqual(await lab.world(), before);
    assert.equal((await lab.exec(west.gateway, ["cat", "/root/kept"])).stdout, "kept\n");
    assert.equal((await ping(2)).answers, 2);
  });

  it("a change that the fabric cannot make leaves no half of itself", async () => {
    // A namespace of that name is there already: the kernel refuses the workload's.
    await lab.exec("fabric", ["ip", "netns", "add", "w-clash"]);
    const nic = await lab.get("interface", west.workloadInterface);
    assert(nic !== undefined);
    await lab.put({ ...nic, id: "eni-clash", address: "10.10.128.77", mac: "02:00:0a:0a:80:4d" });
    const workload = { kind: "workload", id: "w-clash", name: "w-clash", interface: "eni-clash" } as const;
    await assert.rejects(
      lab.put(workload),
      (error: unknown) => error instanceof LabError && error.code === "FabricFault",
    );
    assert.equal(await lab.get("workload", "w-clash"), undefined);
    await lab.put(workload);
    assert.equal((await lab.exec("w-clash", ["ping", "-c1", "-W2", west.plainAddress])).code, 0);
    await lab.remove("workload", "w-clash");
    await lab.remove("interface", "eni-clash");
  });

  it("a world that is taken away leaves an empty fabric", async () => {
    for (let round = 0; round < 12; round += 1) {
      const { objects } = await lab.world();
      if (Object.keys(objects).length === 0) break;
      for (const { kind, id } of Object.values(objects)) await lab.remove(kind, id).catch(() => undefined);
    }
    assert.deepEqual((await lab.world()).objects, {});
    const { stdout } = await lab.exec("fabric", ["sh", "-c", "ip netns list | cut -d' ' -f1 | sort"]);
    assert.deepEqual(stdout.trim().split("\n"), ["internet", "management", "stranger"]);
    const links = await lab.exec("internet", [
      "sh",
      "-c",
      "ip -br link | cut -d' ' -f1; ip rule; ip route show table all",
    ]);
    assert.ok(!/^g[0-9a-f]{12}|198\.18\./m.test(links.stdout), links.stdout);
  });
});
