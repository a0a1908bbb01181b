import assert from "node:assert/strict";
import { packetsSeen } from "../packets";
import { type Gateway, gateways, planOf, TwoGateways } from "./two-gateways";

/** A workload behind each gateway, with an Ethernet's 1500: a namespace, so that what it sends is forwarded. */
const workloads = { "use1-a": "10.10.200.2", "euw1-a": "10.20.200.2" } as const;
const megabytes = 10;

const receiver = `import socket
s = socket.create_server(("0.0.0.0", 9000))
print("listening", flush=True)
c, _ = s.accept()
c.settimeout(5)
total = 0
while part := c.recv(65536): total += len(part)
print(total)`;

describe("a path with an outer MTU of 1400 that drops every IP fragment", function () {
  this.timeout(240_000);
  let two: TwoGateways;
  const path = { do: "path", from: "198.18.0.11", to: "198.18.0.12" } as const;
  const inWorkload = (gateway: Gateway, ...argv: string[]) =>
    two.exec(gateway, ["ip", "netns", "exec", "workload", ...argv], "", 120);
  /** A packet of this many bytes that any router may fragment. */
  const passes = async (bytes: number) => {
    const size = String(bytes - 28);
    // One after the other: a ping that has an answer waits for its next no longer than its interval, whatever -W says.
    const one = `ping -M dont -c1 -W3 -s ${size} ${workloads["euw1-a"]}`;
    const said = await inWorkload("use1-a", "sh", "-c", Array.from({ length: 3 }, () => one).join("; "));
    return said.stdout.match(/icmp_seq=\d+ ttl/g)?.length ?? 0;
  };
  const ensure = (outerMtu: number) => two.ensureAll(planOf([], [`outerMtu: ${String(outerMtu)}`]));

  before(async () => {
    two = await TwoGateways.start();
    await two.lab.fault({ ...path, mtu: 1400, fragments: "dropped" });
    for (const gateway of gateways) {
      const address = workloads[gateway];
      const router = address.replace(/2$/, "1");
      const script = `ip netns add workload
ip link add to-workload type veth peer name eth0 netns workload
ip addr add ${router}/24 dev to-workload && ip link set to-workload up
ip -n workload addr add ${address}/24 dev eth0 && ip -n workload link set eth0 up
ip -n workload route add default via ${router}`;
      await two.must(gateway, ["sh", "-ec", script]);
    }
  });
  after(() => two.end());

  it("with the MTU that was not told, a packet that fits the tunnel is lost on the path", async () => {
    await ensure(1452);
    await two.until(
      () => passes(200),
      (answers) => answers > 0,
    );
    assert.equal(await passes(1390), 0);
  });

  it("told, the same packet passes: in pieces that fit", async () => {
    await ensure(1400);
    assert.equal(await passes(1390), 3);
    assert.equal(await passes(1338), 3);
  });

  it("IKE with certificates comes up at the first attempt, each way", async () => {
    const name = "euw1-a~use1-a";
    // Whatever goes into the tunnel would have its calling end call in the same moment.
    const trap = (how: "--install" | "--uninstall") => two.must("euw1-a", ["swanctl", how, "--child", name]);
    await trap("--uninstall");
    try {
      for (const gateway of gateways) {
        const ikeSas = async () =>
          (await two.status(gateway)).ikeSas.filter(({ name: candidate }) => candidate === name);
        await two.must(gateway, ["swanctl", "--terminate", "--ike", name, "--timeout", "12"]);
        assert.deepEqual(await ikeSas(), []);
        // One attempt gives up after 14 s.
        await two.must(gateway, ["swanctl", "--initiate", "--child", name, "--timeout", "12"]);
        assert.equal((await ikeSas()).length, 1);
      }
    } finally {
      await trap("--install");
    }
  });

  for (const from of gateways)
    it(`${String(megabytes)} MB from ${from} arrive without a stall, and no fragment travels`, async () => {
      const to = from === "use1-a" ? "euw1-a" : "use1-a";
      const sender = `import socket
s = socket.create_connection(("${workloads[to]}", 9000), 5)
s.settimeout(5)
for _ in range(${String(megabytes)}):
    s.sendall(bytes(1 << 20))
s.shutdown(socket.SHUT_WR)`;
      await two.until(
        () => passes(200),
        (answers) => answers > 0,
      );
      const fragments = await packetsSeen(two.lab, "internet", "ip[6:2] & 0x3fff != 0", async () => {
        const receiving = inWorkload(to, "python3", "-c", receiver);
        await two.until(
          () => inWorkload(to, "ss", "-Hltn"),
          ({ stdout }) => stdout.includes(":9000"),
        );
        const sent = await inWorkload(from, "python3", "-c", sender);
        assert.equal(sent.code, 0, sent.stderr);
        const { stdout, stderr } = await receiving;
        assert.equal(stdout.split("\n")[1], String(megabytes << 20), stderr);
      });
      assert.deepEqual(fragments, []);
    });
});
