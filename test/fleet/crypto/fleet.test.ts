import assert from "node:assert/strict";
import { planFleet } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import { allTunnels, type Plan } from "trunkline/fleet/plan";

const strong = "aes256gcm16-prfsha384-ecp384 aes256gcm16-ecp384";

function planOf(crypto: string, fields = ""): Plan {
  const region = (name: string, cloudRegion: string, number: number): string =>
    `  ${name}: { cloud: aws, region: ${cloudRegion}, cidr: 10.${String(number)}.0.0/16${fields} }\n`;
  const parsed = parseFleet(
    `fleet: acme\nregions:\n${region("use1", "us-east-1", 10)}${region("euw1", "eu-west-1", 20)}${region("apne1", "ap-northeast-1", 30)}${crypto}`,
    "fleet.yaml",
  );
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const planned = planFleet(parsed.value);
  assert.ok(planned.ok, JSON.stringify(planned));
  return planned.value;
}

/** By link, and by region for what is within it: the one pair of proposals of all its tunnels. */
function suites(plan: Plan): Record<string, string> {
  const of = (tunnels: Plan["links"][number]["tunnels"]): string =>
    [...new Set(tunnels.map(({ ikeSa, childSa }) => `${ikeSa.proposal} ${childSa.proposal}`))].join("; ");
  return Object.fromEntries([
    ...plan.links.map(({ id, tunnels }) => [id, of(tunnels)] as const),
    ...plan.regions.map(({ name, pairTunnels }) => [name, of(pairTunnels)] as const),
  ]);
}

describe("the proposals of a plan", () => {
  for (const crypto of ["", "crypto: { policy: cnsa }\n", "crypto: { policy: compatible }\n"])
    for (const system of ["debian-13", "debian-12", "ubuntu-24.04"])
      it(`of ${system} with ${crypto.trim() || "nothing said"} are the strongest, on links and within pairs`, () => {
        const plan = planOf(crypto, `, system: ${system}`);
        assert.deepEqual([...new Set(Object.values(suites(plan)))], [strong]);
      });

  it("are those that the file names, within pairs as well", () => {
    const plan = planOf("crypto: { policy: compatible, ike: aes256-sha256-prfsha256-modp2048 }\n");
    assert.deepEqual(
      [...new Set(Object.values(suites(plan)))],
      ["aes256-sha256-prfsha256-modp2048 aes256gcm16-ecp384"],
    );
  });

  it("of one link are its own, whichever end is written first, and no other tunnel changes", () => {
    const before = planOf("");
    for (const link of ["euw1~use1", "use1~euw1"]) {
      const after = planOf(`crypto: { links: { ${link}: { esp: aes128gcm16-ecp256 } } }\n`);
      assert.equal(suites(after)["euw1~use1"], "aes256gcm16-prfsha384-ecp384 aes128gcm16-ecp256");
      const others = (plan: Plan) => allTunnels(plan).filter(({ id }) => !/^euw1-.~use1-.$/.test(id));
      assert.deepEqual(others(after), others(before));
    }
  });

  it("of a link with a policy of its own are the strongest under it, whatever the fleet names", () => {
    const plan = planOf(
      "crypto: { ike: chacha20poly1305-prfsha256-curve25519, links: { euw1~use1: { policy: cnsa } } }\n",
    );
    assert.equal(suites(plan)["euw1~use1"], strong);
    assert.equal(suites(plan)["apne1~use1"], "chacha20poly1305-prfsha256-curve25519 aes256gcm16-ecp384");
  });
});
