import assert from "node:assert/strict";
import { labInternet } from "../../../lab/world/model";
import { samplesOf } from "../../gateway/host/exposition";
import { TestAuthority } from "../../gateway/authority";
import { addresses, planOf, TwoGateways } from "./two-gateways";

const tunnel = "euw1-a~use1-a";
const plan = planOf();
const identityOf = (gateway: string) =>
  plan.regions.flatMap((region) => region.gateways).find(({ id }) => id === gateway)?.identity ?? "";
const caller = identityOf("euw1-a");
const mallory = caller.replace("euw1-a", "mallory");

/** Connects to each port, and asks by UDP as a peer would; prints what answered. */
const scan = `import select, socket, struct, sys
address = sys.argv[1]
opened = []
for first in range(1, 4097, 512):
    waiting = {}
    for port in range(first, first + 512):
        s = socket.socket(); s.setblocking(False); s.connect_ex((address, port)); waiting[s] = port
    for _ in range(10):
        _, ready, _ = select.select([], list(waiting), [], 0.1)
        for s in ready:
            opened += [waiting[s]] if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0 else []
            del waiting[s]
    for s in waiting: s.close()
# An IKE_SA_INIT request's header (RFC 7296 section 3.1), with its marker on port 4500 (RFC 3948), and BFD's ports.
ike = struct.pack("!8s8sBBBBII", b"stranger", bytes(8), 0, 0x20, 34, 0x08, 0, 28)
asked = {500: ike, 4500: bytes(4) + ike, 4502: ike, 3784: ike, 4784: ike}
for port, packet in asked.items():
    s = socket.socket(type=socket.SOCK_DGRAM); s.settimeout(1); s.connect((address, port)); s.send(packet)
    try:
        s.recv(2048); opened.append(port)
    except OSError: pass
print(opened)`;

describe("strangers at a gateway, with the real daemons", function () {
  let two: TwoGateways;
  before(async () => {
    two = await TwoGateways.start(plan);
    await two.ensureAll(plan);
    await up();
  });
  after(() => two.end());

  const sas = async (gateway: "use1-a" | "euw1-a") =>
    (await two.status(gateway)).ikeSas.filter(
      ({ name, state }) => name === tunnel && state === "ESTABLISHED",
    );
  const up = () =>
    two.until(
      () => sas("use1-a"),
      (established) => established.length === 1,
    );
  /** Of the gateway's own page: the sum over all that have these labels. */
  const metric = async (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> => {
    return samplesOf(await two.metrics("use1-a"), name, labels).reduce((sum, { value }) => sum + value, 0);
  };

  it("a scan finds no port; the log names who scanned, and counters count it", async () => {
    const before = await metric("trunkline_refused_packets_total");
    const { stdout, stderr } = await two.lab.exec("stranger", ["python3", "-c", scan, addresses["use1-a"]], {
      deadlineSeconds: 150,
    });
    assert.equal(stdout.trim(), "[]", stderr);
    assert.ok((await metric("trunkline_refused_packets_total")) >= before + 4096 + 5);
    const address = labInternet.stranger;
    const log = await two.must("use1-a", ["journalctl", "-k", "-o", "cat", "-g", "trunkline refused"]);
    assert.ok(log.includes(`SRC=${address} `), log);
    // A few a minute, however many knock.
    assert.ok(log.trim().split("\n").length <= 40, log);
    const counted = await two.must("use1-a", ["nft", "list", "set", "inet", "trunkline", "strangers"]);
    const [, packets] = new RegExp(`${address} counter packets (\\d+) `).exec(counted) ?? [];
    assert.ok(Number(packets) >= 4096, counted);
  });

  const another = new TestAuthority();
  after(() => another.remove());
  for (const { what, issue, identity, says, label } of [
    {
      what: "a certificate of another authority",
      issue: () => another.issue(caller),
      identity: caller,
      says: new RegExp(`no trusted ECDSA public key found for '${caller}'|no issuer certificate found`),
      label: tunnel,
    },
    {
      what: "one that has expired",
      issue: () => two.authority.issue(caller, 0),
      identity: caller,
      says: new RegExp(`certificate .*invalid|no trusted ECDSA public key found for '${caller}'`),
      label: tunnel,
    },
    {
      what: "one for another name",
      issue: () => two.authority.issue(mallory),
      identity: mallory,
      says: new RegExp(mallory),
      label: "",
    },
  ])
    it(`a peer with ${what} is not let in; the log says who, and a counter counts it`, async () => {
      const { key, certificate } = issue();
      const name = "trunkline_authentication_failures_total";
      const before = await metric(name, { tunnel: label });
      const since = (await two.must("use1-a", ["date", "+@%s"])).trim();
      await two.must("euw1-a", ["sh", "-euc", disguise(identity)], `${key}\0${certificate}`);
      try {
        await two.until(
          () => sas("use1-a"),
          (established) => established.length === 0,
        );
        const knock = ["swanctl", "--initiate", "--ike", tunnel, "--timeout", "10"];
        assert.notEqual((await two.exec("euw1-a", knock)).code, 0);
        assert.deepEqual(await sas("use1-a"), []);
        const log = await two.must("use1-a", [
          "journalctl",
          "-u",
          "strongswan",
          "-o",
          "cat",
          "--since",
          since,
        ]);
        assert.match(log, says);
        assert.ok(log.includes(addresses["euw1-a"]), log);
        assert.ok((await metric(name, { tunnel: label })) > before);
      } finally {
        await two.must("euw1-a", ["sh", "-euc", own]);
      }
      await up();
    });
});

/** The caller shows another certificate, and means the name in it. */
const disguise = (identity: string): string => `cd /etc/swanctl; umask 077; mkdir -p /root/own
cp x509/trunkline.pem /root/own/x509; cp private/trunkline.pem /root/own/private; cp conf.d/trunkline.conf /root/own/conf
python3 -c 'import sys; key, cert = sys.stdin.read().split(chr(0)); open("private/trunkline.pem", "w").write(key); open("x509/trunkline.pem", "w").write(cert)'
sed -i 's/ id = ${caller}$/ id = ${identity}/' conf.d/trunkline.conf
swanctl --load-all --clear --noprompt; swanctl --terminate --ike '${tunnel}' --force || true`;
/** Its own again. That the tunnel comes back is for `up` to see: here, a loaded connection may have called already. */
const own = `cd /etc/swanctl; cp /root/own/x509 x509/trunkline.pem; cp /root/own/private private/trunkline.pem
cp /root/own/conf conf.d/trunkline.conf; swanctl --load-all --clear --noprompt
swanctl --terminate --ike '${tunnel}' --force || true; swanctl --initiate --child '${tunnel}' --timeout 20 || true`;
