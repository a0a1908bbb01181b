import { hostOf } from "trunkline/fleet/plan";
import {
  addresses,
  gateways,
  networks,
  planOf,
  type Gateway,
  TwoGateways,
} from "../scenarios/gateway/two-gateways";
import { atLeast, median, type Part } from "./part";

const rounds = 5;
const seconds = 3;
const port = 9000;
/** Of our own, beside the tunnel's: the same cipher, the same UDP encapsulation, the same path. */
const ifId = 7;
const inside = { "use1-a": "fd00::1", "euw1-a": "fd00::2" } as const;
const spis = { "use1-a": "0x7001", "euw1-a": "0x7002" } as const;
const key = `0x${"2b".repeat(36)}`;

const receiver = `import socket, time
s = socket.create_server(("::", ${String(port)}), family=socket.AF_INET6)
c, _ = s.accept()
total = len(c.recv(1)); began = time.monotonic()
while part := c.recv(1 << 20): total += len(part)
print(total * 8 / (time.monotonic() - began) / 1e6)`;
const sender = (address: string): string => `import socket, time
s = socket.create_connection(("${address}", ${String(port)}), 5)
end = time.monotonic() + ${String(seconds)}
part = bytes(1 << 18)
while time.monotonic() < end: s.sendall(part)`;

/**
 * Megabits a second through one tunnel and through the kernel's ESP with static keys. Rounds are interleaved, so that a
 * busy moment of the machine meets both.
 */
export async function measureThroughput(): Promise<Part> {
  const plan = planOf();
  const two = await TwoGateways.start(plan);
  try {
    await two.ensureAll(plan);
    await two.until(
      () => two.status("use1-a"),
      ({ routes }) => routes.length > 0,
    );
    for (const gateway of gateways) await two.must(gateway, ["sh", "-euc", staticSas(gateway)]);
    const ends = plan.links.flatMap(({ tunnels }) => tunnels).find(({ id }) => id === "euw1-a~use1-a")?.ends;
    const far = ends?.find(({ gateway }) => gateway === "euw1-a");
    if (far === undefined) throw new Error("the plan has no such tunnel");
    const [tunnel, staticKeys]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      tunnel.push(await transfer(two, hostOf(far.inside)));
      staticKeys.push(await transfer(two, inside["euw1-a"]));
    }
    const [ours, theirs] = [median(tunnel), median(staticKeys)];
    return {
      data: { tunnel, staticKeys },
      lines: [`throughput  ${ours.toFixed(0)} Mbit/s in a tunnel, ${theirs.toFixed(0)} with static keys`],
      marks: [atLeast("throughput of a tunnel by the kernel's ESP with static keys", ours / theirs, 0.97)],
    };
  } finally {
    await two.end();
  }
}

/**
 * Both ends are waited for together: whichever fails first says so, and what the other says when its machine is taken
 * down is heard as well.
 */
async function transfer(two: TwoGateways, address: string): Promise<number> {
  const [received] = await Promise.all([
    two.must("euw1-a", ["python3", "-c", receiver]),
    two
      .until(
        () => two.must("euw1-a", ["ss", "-Hltn"]),
        (listening) => listening.includes(`:${String(port)}`),
      )
      .then(() => two.must("use1-a", ["python3", "-c", sender(address)])),
  ]);
  return Number(received);
}

function staticSas(self: Gateway): string {
  const peer = self === "use1-a" ? "euw1-a" : "use1-a";
  const [here, there] = [`${networks[self]}.0.4`, addresses[peer]];
  const sa = (from: string, to: string, spi: string): string =>
    `ip xfrm state add src ${from} dst ${to} proto esp spi ${spi} reqid ${String(ifId)} mode tunnel flag af-unspec if_id ${String(ifId)} replay-window 32 aead 'rfc4106(gcm(aes))' ${key} 128 encap espinudp 4500 4500 0.0.0.0`;
  const policy = (direction: string, from: string, to: string): string =>
    `ip xfrm policy add dir ${direction} if_id ${String(ifId)} src ::/0 dst ::/0 tmpl src ${from} dst ${to} proto esp reqid ${String(ifId)} mode tunnel`;
  return `${sa(here, there, spis[peer])}
${sa(there, here, spis[self])}
${policy("out", here, there)}
${policy("in", there, here)}
ip link add static type xfrm dev ens5 if_id ${String(ifId)}
ip address add ${inside[self]}/126 dev static nodad
ip link set static mtu 1390 up
nft insert rule inet trunkline input iifname '{ "x*", "static" }' tcp dport ${String(port)} accept`;
}
