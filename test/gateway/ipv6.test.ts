import assert from "node:assert/strict";
import { join } from "node:path";
import { derivePlan } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import { previewFacts } from "trunkline/gateway/preview";
import type { Release } from "trunkline/gateway/release";
import { renderRelease } from "trunkline/gateway/render";
import { assertGolden } from "./golden";

function planOf(...regions: readonly string[]): Plan {
  const lines = regions.map((line) => `  ${line}\n`).join("");
  const parsed = parseFleet(`fleet: acme\nregions:\n${lines}`, "fleet.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return derivePlan(parsed.value);
}

/** Two regions with IPv6 and one without. */
function dualStack({
  use1 = "fd8a:1b2c:3d00::/56",
  euw1 = "fd8a:1b2c:3e00::/56",
  apne1 = "routes: service",
} = {}): Plan {
  const ipv6 = (cidr: string) => `ipv6: { cidr: '${cidr}', pool: ipam-pool-0123456789abcdef0 }`;
  return planOf(
    `use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16, ${ipv6(use1)} }`,
    `euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16, ${ipv6(euw1)} }`,
    `apne1: { cloud: aws, region: ap-northeast-1, cidr: 10.30.0.0/16, ${apne1} }`,
  );
}

function releaseOf(plan: Plan, gateway: string): Release {
  return renderRelease(plan, gateway, previewFacts(plan, gateway));
}

describe("the release of a gateway in a fleet with IPv6", () => {
  it("is what lies in the golden folder", () => {
    const plan = dualStack();
    const { files } = releaseOf(plan, "use1-a");
    const of = (...paths: readonly string[]) =>
      Object.fromEntries(paths.map((path) => [path, files[path] ?? ""]));
    const folder = join(__dirname, "golden/ipv6-use1-a");
    assertGolden(
      folder,
      of(
        ...["/etc/frr/frr.conf", "/etc/nftables.conf", "/etc/sysctl.d/90-trunkline.conf"],
        ...["/etc/systemd/system/trunkline-network.service", "/etc/trunkline/network"],
      ),
    );
  });

  it("a network with IPv4 alone is told of IPv4 alone, and its gateways pass on what others need", () => {
    const plan = dualStack();
    const apne1 = releaseOf(plan, "apne1-a").files;
    assert.ok(!("/etc/trunkline/network" in apne1));
    const frr = apne1["/etc/frr/frr.conf"] ?? "";
    assert.doesNotMatch(frr, /to-route-service-ipv6|^ipv6 route /m);
    assert.match(frr, /^ipv6 prefix-list from-use1 seq \d+ permit fd8a:1b2c:3d00::\/56$/m);
    for (const { name, routeService } of plan.regions)
      assert.equal(
        routeService.announced.some((prefix) => prefix.includes(":")),
        name !== "apne1",
        name,
      );
  });

  it("a transit gateway is told of IPv4 alone, by gateways that pass IPv6 on", () => {
    const frr = releaseOf(dualStack({ apne1: "routes: transit-gateway" }), "apne1-a").files[
      "/etc/frr/frr.conf"
    ];
    const [, ipv4 = "", ipv6 = ""] =
      /^ address-family ipv4 unicast\n([\s\S]*?)^ exit-address-family\n !\n address-family ipv6 unicast\n([\s\S]*?)^ exit-address-family$/m.exec(
        frr ?? "",
      ) ?? [];
    assert.match(ipv4, /^ {2}neighbor 169\.254\.100\.2 activate$/m);
    assert.doesNotMatch(ipv6, /169\.254\./);
    assert.match(ipv6, /prefix-list to-use1 out/);
    assert.deepEqual(
      [...(frr ?? "").matchAll(/^ip(?:v6)? prefix-list to-transit-gateway seq \d+ permit (\S+)$/gm)].map(
        ([, prefix]) => prefix,
      ),
      ["10.10.0.0/16", "10.20.0.0/16"],
    );
  });

  it("says nothing of IPv6 where no region has it", () => {
    const plan = planOf(
      "use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }",
      "euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }",
    );
    const { files } = releaseOf(plan, "use1-a");
    for (const path of ["/etc/nftables.conf", "/etc/frr/frr.conf", "/etc/sysctl.d/90-trunkline.conf"])
      assert.doesNotMatch(
        files[path] ?? "",
        /ip6 |ipv6_addr|address-family ipv6|ipv6\.conf\.all\.forwarding/,
      );
  });

  it("two IPv6 networks whose numbers fall together have two entries of a list", () => {
    // Both hash to 2160998037.
    const plan = dualStack({ use1: "fd8a:1:76a1::/56", euw1: "fd8a:2:51c2::/56" });
    const frr = releaseOf(plan, "apne1-a").files["/etc/frr/frr.conf"] ?? "";
    assert.deepEqual(
      [...frr.matchAll(/^ipv6 prefix-list remote seq (\d+) permit (\S+)$/gm)].map(
        ([, number, prefix]) => `${String(number)} ${String(prefix)}`,
      ),
      ["2160998038 fd8a:1:76a1::/56", "2160998039 fd8a:2:51c2::/56"],
    );
  });
});
