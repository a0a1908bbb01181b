import assert from "node:assert/strict";
import { changedStacks } from "../../stacks/graph";
import { fabricHandover, regionHandover } from "../../stacks/handover";
import { named, only } from "../components/recorder";
import { samplePlan, withAgent } from "../components/sample-plan";
import { type FleetRun, upFleet } from "./up";

const plan = withAgent(samplePlan(["euw1", "use1"]), "use1");

describe("a region whose gateways move its routes", () => {
  let fleet: FleetRun;
  before(async () => {
    fleet = await upFleet(plan);
  });
  const region = () => fleet.stack("acme.region-use1");
  const fabric = () => fleet.stack("acme.fabric-use1");

  it("has no Route Server, and no session with one", () => {
    for (const type of ["RouteServer", "RouteServerEndpoint", "RouteServerPeer", "RouteServerPropagation"])
      assert.deepEqual(
        region().filter((made) => made.type.endsWith(`:${type}`)),
        [],
      );
  });

  it("gives both machines one profile, whose role may replace routes of the workloads' table", () => {
    const role = named(region(), "acme-use1-pair-movers-role");
    assert.match(String(role.inputs["assumeRolePolicy"]), /"ec2\.amazonaws\.com"/);
    const [policy, ...others] = only(region(), "aws:iam/rolePolicy:RolePolicy");
    assert.ok(policy !== undefined && others.length === 0);
    assert.match(
      String(policy.inputs["policy"]),
      /"Action":"ec2:ReplaceRoute","Resource":\["arn:aws:ec2:us-east-1:123456789012:route-table\/acme-use1-network-private-id"\]/,
    );
    for (const letter of ["a", "b"]) {
      const machine = named(region(), `acme-use1-pair-${letter}`);
      assert.equal(machine.inputs["iamInstanceProfile"], "acme-use1-pair-movers-profile");
      assert.ok(machine.dependsOn.includes("acme-use1-pair-movers-policy"));
    }
  });

  it("makes a route to each other region, at first to the preferred gateway; where it leads later is no drift", () => {
    const routes = only(fabric(), "aws:ec2/route:Route");
    assert.deepEqual(
      routes.map(({ inputs, ignoreChanges }) => ({ inputs, ignoreChanges })),
      [
        {
          inputs: {
            routeTableId: "acme-use1-network-private-id",
            destinationCidrBlock: plan.regions[0]?.cidrs[0],
            networkInterfaceId: "acme-use1-pair-a-card-id",
          },
          ignoreChanges: ["networkInterfaceId"],
        },
      ],
    );
    const release = named(fabric(), "acme-use1-a-release-ensure");
    for (const { name } of routes) assert.ok(release.dependsOn.includes(name), name);
  });

  it("hands on what its gateways move, and where to", () => {
    const { routeService, agent } = regionHandover.parse(fleet.handovers["acme.region-use1"]);
    assert.deepEqual(routeService, { endpoints: [] });
    assert.deepEqual(agent, {
      routeTables: { workloads: "acme-use1-network-private-id" },
      interfaces: { "use1-a": "acme-use1-pair-a-card-id", "use1-b": "acme-use1-pair-b-card-id" },
    });
    assert.equal(fabricHandover.parse(fleet.handovers["acme.fabric-use1"]).releases.length, 2);
  });

  it("a region elsewhere has no rights and no such routes", () => {
    const other = [...fleet.stack("acme.region-euw1"), ...fleet.stack("acme.fabric-euw1")];
    assert.deepEqual(
      other.filter(({ type, name }) => type.startsWith("aws:iam/") || name.includes("-remote")),
      [],
    );
    assert.equal(named(other, "acme-euw1-pair-a").inputs["iamInstanceProfile"], undefined);
  });

  it("another region brings its routes with the fabric, and leaves the region's stack alone", () => {
    const changed = changedStacks(plan, withAgent(samplePlan(["apse2", "euw1", "use1"]), "use1"));
    const names = changed.map(({ name }) => name);
    assert.ok(names.includes("acme.fabric-use1"));
    assert.ok(!names.includes("acme.region-use1"), names.join());
  });
});
