import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { HostFolder, smallRelease } from "./machine";
import { parseExposition, samplesOf } from "./exposition";

const tunnel = "a~b";
const release = smallRelease({
  "/etc/trunkline/links": `# interface, if_id, inside address, MTU\nx1 1 fd00::/127 1400 # ${tunnel}\n`,
});

/** A gateway that runs the release, each test its own. */
function running(): HostFolder {
  const host = new HostFolder();
  for (const [words, stdin] of [
    [["stage"], release.bundle],
    [["apply", release.name, "--confirm-within", "60s"], ""],
    [["confirm", release.name], ""],
  ] as const)
    assert.equal(host.run(words, { stdin }).code, 0);
  host.calls();
  return host;
}

describe("trunkline-gateway watch", () => {
  let host: HostFolder;
  beforeEach(() => (host = running()));
  afterEach(() => host.remove());

  /** With a deadline of its own, so that the test has not to wait for the real one. */
  const watch = () =>
    host.python(
      "import json;from trunkline_gateway import watch;watch.ANSWER_SECONDS=0.5;print(json.dumps(watch.watch()))",
    );

  it("leaves alone what answers, and forgets what a restart long ago had it wait for", () => {
    host.write("/run/restarts", "3\n");
    assert.deepEqual(JSON.parse(watch().stdout), { restarted: [], routes: [] });
    assert.ok(!host.has("/run/restarts"));
    assert.deepEqual(
      host.calls().filter((call) => /restart |kill/.test(call)),
      [],
    );
  });

  it("kills a charon that answers nobody, and starts it", () => {
    host.write("/run/charon-hangs", "");
    const said = watch();
    assert.deepEqual(JSON.parse(said.stdout), { restarted: ["strongswan"], routes: [] }, said.stderr);
    assert.match(said.stderr, /strongswan runs and did not answer 3 times/);
    assert.deepEqual(
      host.calls().filter((call) => /restart |kill/.test(call)),
      ["systemctl kill --signal=SIGKILL strongswan.service", "systemctl restart strongswan.service"],
    );
  });

  it("gives FRR the static routes of its file that it does not run", () => {
    const [kept, lost, lost6] = [
      "ip route 10.1.0.0/16 10.0.0.1",
      "ip route 10.0.0.0/16 10.0.0.1",
      "ipv6 route fd00:1::/56 fd00:1::1",
    ];
    host.write("/etc/frr/frr.conf", `${kept}\n${lost}\n${lost6}\nrouter bgp 1\n`);
    const given = () => host.calls().filter((call) => call.startsWith("vtysh -c configure"));
    host.says("vtysh -c show running-config", `Current configuration:\n${kept}\n`);
    const said = watch();
    assert.deepEqual(JSON.parse(said.stdout), { restarted: [], routes: [lost, lost6] });
    assert.match(said.stderr, /FRR did not run all of its file, and is given: ip route 10\.0/);
    assert.deepEqual(given(), [`vtysh -c configure terminal -c ${lost} -c ${lost6}`]);

    host.says("vtysh -c show running-config", `${kept}\n${lost}\n${lost6}\n`);
    assert.deepEqual(JSON.parse(watch().stdout), { restarted: [], routes: [] });
    assert.deepEqual(given(), []);
  });

  it("does nothing while a daemon is starting, and nothing to one that is stopped", () => {
    host.write("/run/charon-hangs", "");
    host.says(
      "systemctl show strongswan.service -p ActiveState,ActiveEnterTimestampMonotonic,NRestarts",
      "ActiveState=inactive\nActiveEnterTimestampMonotonic=0\nNRestarts=0\n",
    );
    assert.deepEqual(JSON.parse(watch().stdout), { restarted: [], routes: [] });
    host.says(
      "systemctl show strongswan.service -p ActiveState,ActiveEnterTimestampMonotonic,NRestarts",
      "ActiveState=active\nActiveEnterTimestampMonotonic=99999999999999999\nNRestarts=0\n",
    );
    assert.deepEqual(JSON.parse(watch().stdout), { restarted: [], routes: [] });
  });
});

describe("trunkline-gateway metrics", () => {
  let host: HostFolder;
  beforeEach(() => (host = running()));
  afterEach(() => host.remove());

  const samples = () => {
    const said = host.run(["metrics"]);
    assert.equal(said.code, 0, said.stderr);
    return parseExposition(host.read("/var/lib/prometheus/node-exporter/trunkline.prom"));
  };
  const value = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    samplesOf(samples(), name, labels)[0]?.value;

  it("docs/metrics.md has every metric, and none that there is not", () => {
    const root = join(__dirname, "../../..");
    const names = (text: string) => [...new Set(text.match(/trunkline_[a-z_]+[a-z]/g))].sort();
    const program = readFileSync(join(root, "gateway/host/trunkline_gateway/metrics.py"), "utf8")
      .replaceAll("trunkline_gateway", "")
      .replace(
        "trunkline_tunnel_{what}_total",
        ["bytes", "packets", "errors", "dropped"].map((what) => `trunkline_tunnel_${what}_total`).join(" "),
      );
    assert.deepEqual(names(readFileSync(join(root, "docs/metrics.md"), "utf8")), names(program));
  });

  it("of daemons that say nothing: every tunnel of the release is down, and the page is whole", () => {
    assert.equal(value("trunkline_tunnel_up", { tunnel }), 0);
    assert.equal(value("trunkline_release_info", { release: release.name, gateway: "use1-a" }), 1);
    assert.equal(value("trunkline_daemon_up", { daemon: "strongswan" }), 1);
  });

  it("says whether the gateway is drained, whoever asked for it", () => {
    assert.equal(value("trunkline_drained"), 0);
    for (const reason of ["operator", "restart"]) {
      host.run(["drain", reason]);
      assert.equal(value("trunkline_drained"), 1, reason);
      host.run(["undrain", reason]);
    }
    assert.equal(value("trunkline_drained"), 0);
  });

  it("values come from where they are counted", () => {
    host.says(
      "swanctl --list-sas --raw",
      `list-sa event {${tunnel} {uniqueid=7 version=2 state=ESTABLISHED established=61 child-sas {${tunnel}-1 {name=${tunnel} state=INSTALLED}}}}\n`,
    );
    host.says(
      "swanctl --counters --all --raw",
      `get-counters reply {counters { {ike-rekey-init=9} ${tunnel} {ike-rekey-init=2 ike-rekey-resp=1 child-rekey=5 invalid=0 info-out-req=40 info-in-resp=38}} success=yes}\n`,
    );
    host.says(
      "ip -json -statistics link show type xfrm",
      JSON.stringify([
        {
          ifname: "x1",
          stats64: {
            rx: { bytes: 1000, packets: 10, errors: 1, dropped: 2 },
            tx: { bytes: 2000, packets: 20, errors: 3, dropped: 4 },
          },
        },
        { ifname: "x9" },
      ]),
    );
    host.says(
      "vtysh -c show bgp neighbors json",
      JSON.stringify({
        "fd00::1": {
          nbrDesc: 'b"1\\',
          bgpState: "Established",
          connectionsEstablished: 3,
          addressFamilyInfo: { ipv4Unicast: { acceptedPrefixCounter: 2, sentPrefixCounter: 1 } },
        },
      }),
    );
    host.says(
      "nft -j list counters table inet trunkline",
      JSON.stringify({
        nftables: [{ metainfo: {} }, { counter: { name: "refused", packets: 12, bytes: 3 } }],
      }),
    );
    assert.equal(value("trunkline_refused_packets_total"), 12);
    assert.equal(value("trunkline_tunnel_up", { tunnel }), 1);
    assert.equal(value("trunkline_tunnel_established_seconds", { tunnel }), 61);
    assert.equal(value("trunkline_tunnel_bytes_total", { tunnel, direction: "out" }), 2000);
    assert.equal(value("trunkline_rekeys_total", { tunnel, sa: "ike" }), 3);
    assert.equal(value("trunkline_rekeys_total", { tunnel, sa: "child" }), 5);
    assert.equal(
      value("trunkline_ike_messages_total", { tunnel, exchange: "info", direction: "in", kind: "resp" }),
      38,
    );
    assert.equal(value("trunkline_bgp_up", { neighbour: "fd00::1", description: 'b"1\\' }), 1);
    assert.equal(value("trunkline_bgp_prefixes_accepted", { neighbour: "fd00::1" }), 2);
  });

  it("retransmissions and failed authentications are counted from the journal, each line once", () => {
    const call = "journalctl -u strongswan.service -o json --output-fields=MESSAGE,IKE_SA_NAME -q";
    const line = (cursor: string, MESSAGE: string, name?: string) =>
      JSON.stringify({ __CURSOR: cursor, MESSAGE, ...(name === undefined ? {} : { IKE_SA_NAME: name }) });
    host.says(
      `${call} --boot`,
      [
        line("c1", "retransmit 1 of request with message ID 4", tunnel),
        line("c2", "received AUTHENTICATION_FAILED notify error", tunnel),
        line("c3", "no matching peer config found"),
      ].join("\n"),
    );
    assert.equal(value("trunkline_ike_retransmissions_total", { tunnel }), 1);
    host.says(`${call} --after-cursor c3`, line("c4", "retransmit 2 of request with message ID 4", tunnel));
    assert.equal(value("trunkline_ike_retransmissions_total", { tunnel }), 2);
    host.says(`${call} --after-cursor c4`, "");
    assert.equal(value("trunkline_ike_retransmissions_total", { tunnel }), 2);
    assert.equal(value("trunkline_authentication_failures_total", { tunnel }), 1);
    assert.equal(value("trunkline_authentication_failures_total", { tunnel: "" }), 1);
  });
});
