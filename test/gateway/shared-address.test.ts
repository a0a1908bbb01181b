import assert from "node:assert/strict";
import { derivePlan } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import { previewFacts, renderPreview } from "trunkline/gateway/preview";
import { renderRelease } from "trunkline/gateway/render";

const moved = "ha: active-standby, routes: agent, address: moved";
function planOf(euw1: string) {
  const parsed = parseFleet(
    `fleet: acme\nregions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16, ${moved} }\n  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16${euw1} }\n`,
    "fleet.yaml",
  );
  assert.ok(parsed.ok);
  return derivePlan(parsed.value);
}
const plan = planOf("");
const both = planOf(`, ${moved}`);

/** One connection of a gateway: its lines without comments and depth. */
function connection(gateway: string, tunnel: string, of = plan): string[] {
  const text = renderPreview(of, gateway).files["/etc/swanctl/conf.d/trunkline.conf"] ?? "";
  const [, section = ""] = text.split(`\n  ${tunnel} {\n`);
  return section
    .split("\n  }\n", 1)
    .join()
    .split("\n")
    .map((line) => line.trim());
}

describe("the release of a gateway whose pair shares an address", () => {
  it("both gateways have the same tunnels, under the pair's name and from the address that it moves to", () => {
    for (const [gateway, address] of [
      ["use1-a", "10.10.0.5"],
      ["use1-b", "10.10.64.5"],
    ] as const)
      for (const tunnel of ["euw1-a~use1", "euw1-b~use1"]) {
        const lines = connection(gateway, tunnel);
        assert.ok(lines.includes("id = use1.acme.trunkline.internal"), gateway);
        assert.ok(lines.includes(`local_addrs = ${address}`), lines.join("\n"));
      }
    const links = ["use1-a", "use1-b"].map((gateway) =>
      (renderPreview(plan, gateway).files["/etc/trunkline/links"] ?? "")
        .split("\n")
        .filter((line) => line.startsWith("x")),
    );
    assert.deepEqual(links[0], links[1]);
    assert.equal(links[0]?.length, 2);
  });

  it("no configuration calls: neither end of such a tunnel does, and whoever holds the address is told to", () => {
    for (const gateway of ["use1-a", "use1-b", "euw1-a"]) {
      const lines = connection(gateway, "euw1-a~use1");
      assert.ok(lines.includes("start_action = none") && lines.includes("dpd_action = clear"), gateway);
    }
    const told = JSON.parse(renderPreview(plan, "use1-b").files["/etc/trunkline/routes.json"] ?? "");
    assert.deepEqual(told.address, {
      allocation: "eipalloc-preview-use1",
      beside: "10.10.64.4",
      privateAddresses: ["10.10.0.5", "10.10.64.5"],
      tunnels: [
        { id: "euw1-a~use1", calls: true },
        { id: "euw1-b~use1", calls: true },
      ],
      firstSeconds: 60,
      unableSeconds: 30,
    });
  });

  it("of two such pairs one calls", () => {
    const calls = ["euw1-a", "use1-a"].map((gateway) => {
      const told = JSON.parse(renderPreview(both, gateway).files["/etc/trunkline/routes.json"] ?? "");
      return told.address.tunnels;
    });
    assert.deepEqual(calls, [[{ id: "euw1~use1", calls: true }], [{ id: "euw1~use1", calls: false }]]);
  });

  it("the tunnel within the pair is as ever: own names, own addresses, and one end calls", () => {
    assert.ok(connection("use1-a", "use1-a~use1-b").includes("id = use1-a.acme.trunkline.internal"));
    assert.ok(connection("use1-a", "use1-a~use1-b").includes("local_addrs = 10.10.0.4"));
    assert.ok(connection("use1-a", "use1-a~use1-b").includes("start_action = trap|start"));
  });

  it("a peer expects the pair's name, at its one address", () => {
    const lines = connection("euw1-a", "euw1-a~use1");
    assert.ok(lines.includes("id = use1.acme.trunkline.internal"));
    const { peers } = previewFacts(plan, "euw1-a");
    assert.ok(lines.includes(`remote_addrs = ${peers["use1"] ?? ""}`));
  });

  it("the unit that moves the address may touch the interface; one that moves routes alone may not", () => {
    const unit = (of: typeof plan) =>
      renderPreview(of, "use1-a").files["/etc/systemd/system/trunkline-routes.service"] ?? "";
    assert.match(unit(plan), /^CapabilityBoundingSet=CAP_DAC_OVERRIDE CAP_NET_ADMIN$/m);
    const regions = plan.regions.map(({ shared, ...region }) => {
      assert.ok(shared === undefined || region.name === "use1");
      return region;
    });
    assert.match(unit({ ...plan, regions, links: [] }), /^CapabilityBoundingSet=CAP_DAC_OVERRIDE$/m);
  });

  it("is refused while the region's stack has handed on no such address", () => {
    const facts = previewFacts(plan, "use1-a");
    const { sharedAddress, ...self } = facts.self;
    assert.equal(sharedAddress, "10.10.0.5");
    assert.throws(
      () => renderRelease(plan, "use1-a", { ...facts, self }),
      /no address that the pair of use1 shares/,
    );
    const { agent, ...rest } = facts;
    assert.ok(agent !== undefined);
    const { address, ...without } = agent;
    assert.ok(address !== undefined);
    assert.throws(
      () => renderRelease(plan, "use1-a", { ...rest, agent: without }),
      /hand-over of region use1 names no address that its pair shares/,
    );
  });
});
