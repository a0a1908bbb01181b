import assert from "node:assert/strict";
import { derivePlan } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import { hostOf } from "trunkline/fleet/plan";
import { renderPreview } from "trunkline/gateway/preview";

const parsed = parseFleet(
  "fleet: acme\nregions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }\n  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }\n",
  "fleet.yaml",
);
assert.ok(parsed.ok);
const plan = derivePlan({
  ...parsed.value,
  regions: parsed.value.regions.map((region) =>
    region.name === "use1" ? { ...region, routes: "agent" } : region,
  ),
});
const unit = "/etc/systemd/system/trunkline-routes.service";
const told = "/etc/trunkline/routes.json";

describe("the release of a gateway that moves routes", () => {
  const { files, manifest } = renderPreview(plan, "use1-b");

  it("says what it moves, in which order gateways stand, and over which sessions it hears them", () => {
    const use1 = plan.regions.find(({ name }) => name === "use1");
    const [a] = use1?.pairTunnels[0]?.ends ?? [];
    const remote = plan.links
      .flatMap(({ tunnels }) => tunnels)
      .flatMap(({ ends }) => (ends.some(({ gateway }) => gateway === "use1-b") ? ends : []))
      .filter(({ region }) => region === "euw1")
      .map(({ inside }) => hostOf(inside));
    assert.deepEqual(JSON.parse(files[told] ?? ""), {
      cloudRegion: "us-east-1",
      place: 1,
      gateways: [
        { id: "use1-a", interface: "eni-preview-use1-a", neighbour: hostOf(a?.inside ?? "") },
        { id: "use1-b", interface: "eni-preview-use1-b", neighbour: null },
      ],
      remote,
      tables: ["rtb-preview"],
      destinations: ["10.20.0.0/16"],
      waitSeconds: 3,
    });
  });

  it("has the unit that moves them, and whom the cloud's certificates are from", () => {
    assert.match(files[unit] ?? "", /^ExecStart=\/usr\/local\/sbin\/trunkline-gateway routes$/m);
    assert.match(files[unit] ?? "", /^NoNewPrivileges=yes$/m);
    assert.match(manifest, /"ca-certificates"/);
  });

  it("speaks with no route service", () => {
    assert.doesNotMatch(files["/etc/frr/frr.conf"] ?? "", /description route service/);
  });

  it("a gateway elsewhere has none of it", () => {
    const other = renderPreview(plan, "euw1-a");
    assert.equal(other.files[unit], undefined);
    assert.equal(other.files[told], undefined);
    assert.doesNotMatch(other.manifest, /"ca-certificates"/);
  });
});
