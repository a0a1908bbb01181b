import assert from "node:assert/strict";
import { planFleet } from "../../fleet/derive";
import { parseFleet } from "../../fleet/parse";
import type { Plan } from "../../fleet/plan";
import { previewFacts } from "../../gateway/preview";
import { renderRelease } from "../../gateway/render";

function planWith(use1: string, defaults = ""): Plan {
  const parsed = parseFleet(
    [
      "fleet: acme",
      ...(defaults === "" ? [] : [`defaults: { ${defaults} }`]),
      "regions:",
      `  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16${use1} }`,
      "  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }",
      "  apne1: { cloud: aws, region: ap-northeast-1, cidr: 10.30.0.0/16 }",
      "",
    ].join("\n"),
    "fleet.yaml",
  );
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const planned = planFleet(parsed.value);
  assert.ok(planned.ok, JSON.stringify(planned));
  return planned.value;
}

const sizesOf = ({ links }: Plan) =>
  Object.fromEntries(links.map(({ id, tunnels }) => [id, [...new Set(tunnels.map(({ mtu }) => mtu))]]));

describe("what fits a tunnel", () => {
  // The table of RFC 4303's overhead in UDP over IPv4: a packet of the outer size and no byte more.
  for (const [outer, mtu] of [
    [1500, 1438],
    [1460, 1398],
    [1452, 1390],
    [1400, 1338],
    [1344, 1282],
  ] as const)
    it(`of packets of ${String(outer)} bytes, ${String(mtu)}`, () => {
      const [link] = planWith("", `outerMtu: ${String(outer)}`).links;
      const [tunnel] = link?.tunnels ?? [];
      assert.deepEqual([tunnel?.mtu, tunnel?.mss], [mtu, { ipv4: mtu - 40, ipv6: mtu - 60 }]);
    });

  // The same over IPv6, whose header has 20 bytes more.
  for (const [outer, mtu] of [
    [1500, 1418],
    [1452, 1370],
    [1400, 1318],
    [1364, 1282],
  ] as const)
    it(`of packets of ${String(outer)} bytes over IPv6, ${String(mtu)}`, () => {
      const [link] = planWith("", `outside: ipv6, outerMtu: ${String(outer)}`).links;
      const [tunnel] = link?.tunnels ?? [];
      assert.deepEqual(
        [tunnel?.outside, tunnel?.mtu, tunnel?.mss],
        ["ipv6", mtu, { ipv4: mtu - 40, ipv6: mtu - 60 }],
      );
    });

  it("is the smaller of both ends', on every tunnel of that link, and of no other", () => {
    const plan = planWith(", outerMtu: 1400");
    assert.deepEqual(sizesOf(plan), { "apne1~euw1": [1390], "apne1~use1": [1338], "euw1~use1": [1338] });
    const pairs = plan.regions.flatMap(({ pairTunnels }) => pairTunnels.map(({ mtu }) => mtu));
    assert.deepEqual([...new Set(pairs)], [1438]);
  });

  it("holds for the segments of each tunnel, where a gateway has several sizes", () => {
    const plan = planWith(", outerMtu: 1400");
    const rules = (gateway: string) =>
      (renderRelease(plan, gateway, previewFacts(plan, gateway)).files["/etc/nftables.conf"] ?? "")
        .split("\n")
        .filter((line) => line.includes("maxseg"));
    const ends = (link: string) =>
      plan.links
        .filter(({ id }) => id === link)
        .flatMap(({ tunnels }) => tunnels.flatMap((tunnel) => tunnel.ends))
        .filter(({ gateway }) => gateway === "euw1-a")
        .map((end) => end.interface);
    const lines = rules("euw1-a");
    assert.equal(lines.length, 4);
    for (const [link, size] of [
      ["euw1~use1", 1298],
      ["apne1~euw1", 1350],
    ] as const) {
      const own = lines.filter((line) => line.includes(`size set ${String(size)}`));
      assert.equal(own.length, 2, link);
      for (const name of ends(link))
        assert.ok(
          own.every((line) => line.includes(name)),
          name,
        );
    }
    assert.ok(rules("use1-a").every((line) => line.includes('"x*"') && line.includes("size set 1298")));
  });
});
