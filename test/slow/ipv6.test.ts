import assert from "node:assert/strict";
import { loseGateway } from "../../automation/verify/failover";
import { foundByBfd, perSecond } from "../scenarios/backbone/measured";
import { type Backbone, bringsUp, planOf } from "../scenarios/backbone/backbone";

const ipv6 = {
  use1: "{ cidr: fd8a:1b2c:3d00::/56, pool: ipam-pool-0123456789abcdef0 }",
  euw1: "{ cidr: fd8a:1b2c:3e00::/56, pool: ipam-pool-0fedcba9876543210 }",
};
const plan = planOf(["use1", "euw1"], {
  use1: `{ cloud: aws, region: us-east-1, cidr: 10.10.0.0/16, ipv6: ${ipv6.use1} }`,
  euw1: `{ cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16, ipv6: ${ipv6.euw1} }`,
});
const overIpv6 = ["euw1>use1", "use1>euw1"].flatMap((pair) => [
  `path-mtu/${pair} over IPv6`,
  `reachability/${pair} over IPv6`,
]);

describe("pairs in networks with IPv4 and IPv6", function () {
  this.timeout(600_000);
  let backbone: Backbone;
  bringsUp(plan, (up) => (backbone = up));

  it("every proof holds", async () => {
    assert.deepEqual(await backbone.failing(), []);
  });

  it("a filter that lets IPv4 alone pass: the proofs of IPv6 fail, and no other", async () => {
    const table = "table ip6 trunkline-test";
    const chain = "{ chain forward { type filter hook forward priority -1; policy drop; }; }";
    for (const gateway of ["use1-a", "use1-b"]) await backbone.sh(gateway, `nft '${table} ${chain}'`);
    try {
      assert.deepEqual(await backbone.failing(overIpv6), [...overIpv6].sort());
    } finally {
      for (const gateway of ["use1-a", "use1-b"]) await backbone.sh(gateway, `nft delete ${table}`);
    }
    assert.deepEqual(await backbone.failing(), []);
  });

  it("a gateway loses its power: IPv6 goes by its partner as IPv4 does, and comes back", async () => {
    const { probes } = backbone.site;
    const lost = { id: "use1-a", instanceId: backbone.instanceOf("use1-a") };
    const status = (gateway: string) => backbone.status(gateway);
    // The same hosts by their other address.
    const hosts = async () =>
      (await probes.hosts()).map((host) => ({ ...host, address: host.ipv6 ?? "none" }));
    const { flows } = await loseGateway(plan, lost, "power", { ...probes, hosts }, status, { perSecond });
    assert.equal(flows.length, 2);
    foundByBfd(flows);
    assert.deepEqual(await backbone.failing(), []);
  });
});
