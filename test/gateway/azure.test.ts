import assert from "node:assert/strict";
import { join } from "node:path";
import { derivePlan } from "../../fleet/derive";
import { parseFleet } from "../../fleet/parse";
import type { Plan } from "../../fleet/plan";
import { previewFacts } from "../../gateway/preview";
import type { Release } from "../../gateway/release";
import { renderRelease } from "../../gateway/render";
import { assertGolden } from "./golden";

function releaseOf(plan: Plan, gateway: string): Release {
  return renderRelease(plan, gateway, previewFacts(plan, gateway));
}

describe("a release towards Azure's Route Server", () => {
  it("of a region of Azure, is what lies in the golden folder, and names no ASN of 32 bits to its Route Server", () => {
    const parsed = parseFleet(
      "fleet: acme\nregions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16 }\n  weu: { cloud: azure, region: westeurope, cidr: 10.2.0.0/16 }\n  neu: { cloud: azure, region: northeurope, cidr: 10.3.0.0/16, ha: active-standby }\n",
      "fleet.yaml",
    );
    assert.ok(parsed.ok);
    const plan = derivePlan(parsed.value);
    const { files, manifest } = releaseOf(plan, "weu-b");
    const shown = ["/etc/frr/frr.conf", "/etc/nftables.conf", "/etc/trunkline/repair.json"];
    assertGolden(
      join(__dirname, "golden/azure-weu-b"),
      Object.fromEntries(shown.map((path) => [path, files[path] ?? ""])),
    );
    const frr = files["/etc/frr/frr.conf"] ?? "";
    for (const address of ["10.2.0.68", "10.2.0.69"]) {
      assert.match(
        frr,
        new RegExp(
          `^ neighbor ${address} local-as (6451[2-9]|645[2-9]\\d|64[6-9]\\d\\d|65[0-5]\\d\\d) no-prepend replace-as$`,
          "m",
        ),
      );
      assert.ok(frr.includes(` neighbor ${address} ebgp-multihop 2\n`));
      assert.ok(frr.includes(` neighbor ${address} timers 60 180\n`));
      assert.ok(!frr.includes(` neighbor ${address} bfd`));
      assert.ok(Object(JSON.parse(manifest)).expects.neighbours.includes(address));
    }
    // Who stands by has the longer AS path.
    const standsBy = releaseOf(plan, "neu-b").files["/etc/frr/frr.conf"] ?? "";
    assert.match(
      standsBy,
      / set as-path replace any\n set as-path prepend (\d+)\n set large-community none\n set metric 200\n/,
    );
    assert.doesNotMatch(
      releaseOf(plan, "neu-a").files["/etc/frr/frr.conf"] ?? "",
      /to-route-service permit 30\n set as-path replace any\n set as-path prepend/,
    );
    assert.doesNotMatch(frr, /set as-path prepend/);
  });

  it("an aggregate towards Azure's Route Server is its gateway's, by the alias", () => {
    const spokes = Array.from({ length: 7 }, (_, index) => {
      const cidrs = Array.from(
        { length: 100 },
        (__, third) => `10.${String(index + 1)}.${String(2 * third)}.0/23`,
      );
      return `  s${String(index)}: { cloud: azure, region: eastus, cidrs: [172.${String(16 + index)}.0.0/16, ${cidrs.join(", ")}] }\n`;
    });
    const parsed = parseFleet(
      `fleet: acme\nregions:\n  weu: { cloud: azure, region: westeurope, cidr: 192.168.0.0/16 }\n${spokes.join("")}`,
      "fleet.yaml",
    );
    assert.ok(parsed.ok, JSON.stringify(parsed));
    const plan = derivePlan(parsed.value);
    const service = plan.regions.find(({ name }) => name === "weu")?.routeService;
    assert.ok(service?.kind === "service" && service.alias !== undefined);
    const frr = releaseOf(plan, "weu-a").files["/etc/frr/frr.conf"] ?? "";
    const [, entry = ""] = /^route-map to-route-service permit 10\n([^]*?)^exit$/m.exec(frr) ?? [];
    assert.match(entry, new RegExp(`^ set aggregator as ${String(service.alias)} [0-9.]+$`, "m"));
    for (const { name, asn } of plan.regions)
      if (name !== "weu")
        assert.match(entry, new RegExp(`^ set as-path exclude .*\\b${String(asn)}\\b`, "m"));
  });
});
