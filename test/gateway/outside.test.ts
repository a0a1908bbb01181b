import assert from "node:assert/strict";
import { join } from "node:path";
import { derivePlan } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import { previewFacts } from "trunkline/gateway/preview";
import { renderRelease } from "trunkline/gateway/render";
import { assertGolden } from "./golden";

const global = "ipv6: { cidr: '3fff:1b2c:3d00::/56', pool: ipam-pool-0123456789abcdef0 }";

/** Two regions that speak to each other over IPv6, and one that does not. */
function planOf(euw1 = "outside: ipv6"): Plan {
  const parsed = parseFleet(
    `fleet: acme
management: { allowFrom: [203.0.113.0/24] }
regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16, outside: ipv6 }
  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16, ${euw1} }
  apne1: { cloud: aws, region: ap-northeast-1, cidr: 10.30.0.0/16 }
`,
    "fleet.yaml",
  );
  assert.ok(parsed.ok);
  return derivePlan(parsed.value);
}

function filesOf(plan: Plan, gateway: string): Readonly<Record<string, string>> {
  return renderRelease(plan, gateway, previewFacts(plan, gateway)).files;
}

describe("the release of a gateway that speaks to others over IPv6", () => {
  it("is what lies in the golden folder", () => {
    const files = filesOf(planOf(), "use1-a");
    const paths = [
      ...["/etc/nftables.conf", "/etc/swanctl/conf.d/trunkline.conf", "/etc/sysctl.d/90-trunkline.conf"],
      ...["/etc/systemd/system/trunkline-espinudp.socket", "/etc/systemd/system/trunkline-network.service"],
      ...["/etc/trunkline/links", "/etc/trunkline/network"],
    ];
    const golden = Object.fromEntries(paths.map((path) => [path, files[path] ?? ""]));
    assertGolden(join(__dirname, "golden/outside-ipv6-use1-a"), golden);
  });

  it("names its own IPv6 address towards those peers, and its private one towards the others and its partner", () => {
    const plan = planOf();
    const facts = previewFacts(plan, "use1-a");
    const swanctl = filesOf(plan, "use1-a")["/etc/swanctl/conf.d/trunkline.conf"] ?? "";
    const found = [
      ...swanctl.matchAll(
        /^ {2}(\S+~\S+) \{\n {4}version = 2\n {4}local_addrs = (\S+)\n {4}remote_addrs = (\S+)/gm,
      ),
    ].map(([, tunnel = "", local = "", remote = ""]) => ({ tunnel, local, remote }));
    assert.equal(found.length, 5);
    for (const { tunnel, local, remote } of found) {
      const peer = tunnel.split("~").find((end) => end !== "use1-a") ?? "";
      const own = tunnel.includes("euw1") ? facts.self.ipv6?.address : facts.self.privateAddress;
      assert.deepEqual([local, remote], [own, facts.peers[peer]], tunnel);
      assert.equal(remote.includes(":"), tunnel.includes("euw1"), tunnel);
    }
    assert.equal(swanctl.match(/encap = yes/g)?.length, 5);
  });

  it("lets in IKE and ESP in UDP of exactly these peers over IPv6, and of ICMPv6 no more than it needs", () => {
    const plan = planOf();
    const nftables = filesOf(plan, "use1-a")["/etc/nftables.conf"] ?? "";
    const { peers } = previewFacts(plan, "use1-a");
    const elements = (set: string) =>
      new RegExp(`set ${set} \\{[^}]*elements = \\{ ([^}]*) \\}`).exec(nftables)?.[1]?.split(", ");
    assert.deepEqual(elements("peers6"), [peers["euw1-a"], peers["euw1-b"]]);
    assert.deepEqual(elements("peers"), [peers["apne1-a"], peers["apne1-b"], peers["use1-b"]]);
    const [, input = ""] = /chain input \{\n([^]*?)\n {2}\}/.exec(nftables) ?? [];
    const accepted = input.split("\n").filter((line) => /ip6|icmpv6/.test(line) && line.endsWith("accept"));
    assert.deepEqual(
      accepted.map((line) => line.trim()),
      [
        "icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept",
        "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 accept",
        'iifname { "x*", "p*" } icmpv6 type echo-request accept',
        "ip6 saddr @peers6 udp dport { 500, 4500 } accept",
      ],
    );
  });

  it("forwards no IPv6 where no network of the fleet has it", () => {
    const files = filesOf(planOf(), "use1-a");
    assert.match(files["/etc/frr/frr.conf"] ?? "", /^no ipv6 forwarding$/m);
    assert.doesNotMatch(files["/etc/sysctl.d/90-trunkline.conf"] ?? "", /ipv6\.conf\.all\.forwarding/);
  });

  it("uses the region's own global network, whose hosts may ask the gateway for an echo", () => {
    const plan = planOf(`outside: ipv6, ${global}`);
    const files = filesOf(plan, "euw1-a");
    assert.match(files["/etc/trunkline/network"] ?? "", /^10\.20\.0\.4 3fff:1b2c:3d00::a\/64$/m);
    assert.match(files["/etc/nftables.conf"] ?? "", /^ +ip6 saddr @own6 icmpv6 type echo-request accept$/m);
    assert.match(files["/etc/frr/frr.conf"] ?? "", /^ipv6 route 3fff:1b2c:3d00::\/56 3fff:1b2c:3d00::1$/m);
  });

  it("is told of no peer over IPv6 where none has it, and keeps its address", () => {
    const files = filesOf(planOf("outside: ipv4"), "use1-a");
    assert.match(files["/etc/trunkline/network"] ?? "", /^10\.10\.0\.4 2001:db8:1::a\/64$/m);
    assert.doesNotMatch(files["/etc/trunkline/network"] ?? "", /^to /m);
    assert.doesNotMatch(files["/etc/swanctl/conf.d/trunkline.conf"] ?? "", /_addrs = \S*:/);
  });

  it("cannot be rendered before the region has handed on the address", () => {
    const plan = planOf();
    const { self, ...facts } = previewFacts(plan, "use1-a");
    const { ipv6, ...without } = self;
    assert.ok(ipv6 !== undefined);
    assert.throws(
      () => renderRelease(plan, "use1-a", { ...facts, self: without }),
      /The hand-over of region use1 names no IPv6 address of use1-a\. Bring that stack up with this fleet file first\./,
    );
  });
});
