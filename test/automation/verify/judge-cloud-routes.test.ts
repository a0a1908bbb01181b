import assert from "node:assert/strict";
import type { GatewayStatus } from "trunkline/gateway/status";
import { judgeCloudRoutes } from "../../../automation/verify/judge-cloud-routes";
import { judgeBgp, judgePrefixes } from "../../../automation/verify/judge-gateways";
import { samplePlan, withAgent } from "../../components/sample-plan";
import { healthyFleet } from "./healthy";

const plan = withAgent(samplePlan(["euw1", "use1"]), "use1");
type Said = NonNullable<GatewayStatus["cloudRoutes"]>;
const said = (act: Said["act"], holders: readonly string[], failed: Said["failed"] = null): Said => ({
  act,
  why: "why",
  holders: [...holders],
  partners: {},
  moves: 0,
  movedAt: null,
  failed,
});

describe("whom a network's routes lead to", () => {
  for (const { why, a, b, status } of [
    {
      why: "to a, and both say so",
      a: said("hold", ["use1-a"]),
      b: said("leave", ["use1-a"]),
      status: "pass",
    },
    {
      why: "to b, while a is away",
      a: said("leave", ["use1-b"]),
      b: said("hold", ["use1-b"]),
      status: "pass",
    },
    {
      why: "to both",
      a: said("take", ["use1-a", "use1-b"]),
      b: said("leave", ["use1-a", "use1-b"]),
      status: "fail",
    },
    { why: "two that believe it", a: said("hold", ["use1-a"]), b: said("hold", ["use1-b"]), status: "fail" },
    { why: "to nobody", a: said("leave", ["elsewhere"]), b: said("leave", ["elsewhere"]), status: "fail" },
    {
      why: "b cannot reach the API",
      a: said("hold", ["use1-a"]),
      b: said("leave", [], { error: "ec2 cannot be reached", since: 0 }),
      status: "fail",
    },
    { why: "b says nothing", a: said("hold", ["use1-a"]), b: undefined, status: "fail" },
  ])
    it(`${why}: ${status}`, async () => {
      const statuses = new Map((await healthyFleet(plan)).statuses);
      for (const [id, cloudRoutes] of [
        ["use1-a", a],
        ["use1-b", b],
      ] as const) {
        const known = statuses.get(id);
        assert.ok(known !== undefined);
        statuses.set(id, { ...known, cloudRoutes });
      }
      const judgements = judgeCloudRoutes(plan.regions, statuses);
      assert.deepEqual(
        judgements.map((judgement) => [judgement.subject, judgement.status]),
        [["use1~route-tables", status]],
      );
    });

  it("no session with a route service is asked of them, and none that tells it anything", async () => {
    const { statuses, endpoints } = await healthyFleet(plan);
    const ofServices = [judgeBgp, judgePrefixes].flatMap((judge) =>
      judge(plan, statuses, endpoints)
        .map(({ subject }) => subject)
        .filter((subject) => subject.endsWith("~route-service")),
    );
    const service = ["euw1-a~route-service", "euw1-b~route-service"];
    assert.deepEqual(ofServices, [...service, ...service]);
  });
});
