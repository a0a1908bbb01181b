import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parseFleet } from "trunkline/fleet/parse";
import { planFleet } from "trunkline/fleet/derive";
import { hostOf, type Plan } from "trunkline/fleet/plan";
import type { GatewayStatus } from "trunkline/gateway/status";
import { drainObstacles, sessionsMissing } from "../../automation/operations/drain.plan";
import { writeImageEpoch } from "../../automation/operations/raise-epoch";
import { replacementStages } from "../../automation/operations/replace.plan";
import { samplePlan, withTransitGateway } from "../components/sample-plan";
import { healthyFleet } from "./verify/healthy";

const plan = samplePlan(["use1", "euw1", "apne1"]);

describe("what may be drained", () => {
  let statuses: Map<string, GatewayStatus>;
  beforeEach(async () => {
    ({ statuses } = await healthyFleet(plan));
  });
  const change = (gateway: string, edit: (status: GatewayStatus) => GatewayStatus): void => {
    const status = statuses.get(gateway);
    assert.ok(status !== undefined);
    statuses.set(gateway, edit(status));
  };
  const lose = (gateway: string, ...peers: readonly string[]): void => {
    const addresses = plan.links
      .flatMap(({ tunnels }) => tunnels)
      .flatMap(({ ends: [one, other] }) =>
        one.gateway === gateway && peers.includes(other.gateway)
          ? [hostOf(other.inside)]
          : other.gateway === gateway && peers.includes(one.gateway)
            ? [hostOf(one.inside)]
            : [],
      );
    change(gateway, (status) => ({
      ...status,
      neighbours: status.neighbours.map((neighbour) =>
        addresses.includes(neighbour.address) ? { ...neighbour, state: "Active" } : neighbour,
      ),
    }));
  };

  it("a gateway whose partner has a session with every region", () => {
    assert.deepEqual(drainObstacles(plan, "use1-a", statuses), []);
    lose("use1-b", "euw1-a");
    assert.deepEqual(drainObstacles(plan, "use1-a", statuses), [], "the other gateway of euw1 is left");
  });

  for (const { why, make, says } of [
    {
      why: "the partner does not answer",
      make: () => statuses.delete("use1-b"),
      says: "use1-b does not answer.",
    },
    {
      why: "the partner is drained",
      make: () => change("use1-b", (status) => ({ ...status, drained: ["operator"] })),
      says: "use1-b is drained itself (operator).",
    },
    {
      why: "the partner has no way to a region",
      make: () => lose("use1-b", "euw1-a", "euw1-b"),
      says: "use1-b has no session with euw1.",
    },
  ])
    it(`not while ${why}`, () => {
      make();
      assert.deepEqual(drainObstacles(plan, "use1-a", statuses), [says]);
    });

  it("not to a partner that the region's transit gateway does not hear", async () => {
    const behind = withTransitGateway(plan, "use1");
    const told = new Map((await healthyFleet(behind)).statuses);
    const silence = (...addresses: readonly string[]) => {
      const status = told.get("use1-b");
      assert.ok(status !== undefined);
      const neighbours = status.neighbours.map((neighbour) =>
        addresses.includes(neighbour.address) ? { ...neighbour, state: "Active" } : neighbour,
      );
      told.set("use1-b", { ...status, neighbours });
    };
    const service = behind.regions.find(({ name }) => name === "use1")?.routeService;
    assert.ok(service?.kind === "transit-gateway");
    const [one, other] = service.peers[1]?.speakers ?? ["", ""];
    assert.deepEqual(drainObstacles(behind, "use1-a", told), []);
    silence(one);
    assert.deepEqual(drainObstacles(behind, "use1-a", told), [], "one session is enough");
    const status = told.get("use1-b");
    assert.ok(status !== undefined);
    assert.deepEqual(sessionsMissing(behind, "use1-b", status), ["its region's transit gateway"]);
    silence(other);
    assert.deepEqual(drainObstacles(behind, "use1-a", told), [
      "use1-b has no session with its region's transit gateway.",
    ]);
  });

  it("not the only one of its region", () => {
    const [first, ...others] = plan.regions;
    assert.ok(first !== undefined);
    const alone: Plan = { ...plan, regions: [{ ...first, gateways: first.gateways.slice(0, 1) }, ...others] };
    const [reason = ""] = drainObstacles(alone, first.gateways[0]?.id ?? "", statuses);
    assert.match(reason, /only gateway of its region/);
  });

  it("is undrained when every session is up, the partner's too", () => {
    const status = statuses.get("use1-a");
    assert.ok(status !== undefined);
    assert.deepEqual(sessionsMissing(plan, "use1-a", status), []);
    lose("use1-a", "euw1-b");
    const less = statuses.get("use1-a");
    assert.ok(less !== undefined);
    assert.deepEqual(sessionsMissing(plan, "use1-a", less), ["euw1-b"]);
  });
});

describe("machines that are replaced", () => {
  const gateways = plan.regions.flatMap(({ gateways: own }) => own.map(({ id }) => id));
  const epochs = fc.record(
    Object.fromEntries(gateways.map((id) => [id, fc.option(fc.integer({ min: 1, max: 3 }))])),
  );

  it("are never two of a region at once, and all are new in the end", () => {
    let staged = 0;
    fc.assert(
      fc.property(epochs, (before) => {
        const live = new Map(
          Object.entries(before).flatMap(([id, epoch]) => (epoch === null ? [] : [[id, epoch] as const])),
        );
        const stages = replacementStages(plan, live);
        assert.deepEqual(stages.at(-1)?.plan, plan);
        const now = new Map(live);
        for (const stage of stages) {
          const changed = stage.plan.regions.map(({ gateways: own }) =>
            own
              .filter(({ id, imageEpoch }) => (now.get(id) ?? imageEpoch) !== imageEpoch)
              .map(({ id }) => id),
          );
          assert.ok(changed.every(({ length }) => length <= 1));
          assert.deepEqual([...stage.replaced], changed.flat().sort());
          for (const { gateways: own } of stage.plan.regions)
            for (const { id, imageEpoch } of own) now.set(id, imageEpoch);
        }
        staged += stages.length > 1 ? 1 : 0;
      }),
      { numRuns: 300 },
    );
    assert.ok(staged > 50, String(staged));
  });
});

describe("an image epoch in the fleet file", () => {
  const folder = mkdtempSync(join(tmpdir(), "trunkline-epoch-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is raised in place: comments, order and every other value stay", () => {
    const file = join(folder, "fleet.yaml");
    const text = `# ours\nfleet: acme\nregions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 } # east\n  euw1:\n    cloud: aws\n    region: eu-west-1\n    cidr: 10.20.0.0/16\n`;
    writeFileSync(file, text);
    writeImageEpoch(file, "use1-b", 2);
    writeImageEpoch(file, "euw1-a", 3);
    const now = readFileSync(file, "utf8");
    assert.match(now, /^# ours\n/);
    assert.match(now, /# east\n/);
    const parsed = parseFleet(now, file);
    assert.ok(parsed.ok, now);
    const planned = planFleet(parsed.value);
    assert.ok(planned.ok);
    const found = planned.value.regions.flatMap(({ gateways }) =>
      gateways.map(({ id, imageEpoch }) => `${id} ${String(imageEpoch)}`),
    );
    assert.deepEqual(found, ["euw1-a 3", "euw1-b 1", "use1-a 1", "use1-b 2"]);
    assert.deepEqual(readdirSync(folder), ["fleet.yaml"]);
  });

  it("a file that is no mapping is left as it is, with what to write", () => {
    const file = join(folder, "list.yaml");
    writeFileSync(file, "- 1\n");
    assert.throws(() => writeImageEpoch(file, "use1-a", 2), /cannot be changed/);
    assert.equal(readFileSync(file, "utf8"), "- 1\n");
  });
});
