import assert from "node:assert/strict";
import type { GatewayStatus } from "trunkline/gateway/status";
import { drainObstacles, hasTaken } from "../../../automation/operations/drain.plan";
import { judgeCertificates } from "../../../automation/verify/judge-certificates";
import { judgeBgp, judgePrefixes, judgeSas, type Statuses } from "../../../automation/verify/judge-gateways";
import { plannedLosses } from "../../../automation/verify/failover.plan";
import { judgeSharedAddresses, tunnelsWhereHeld } from "../../../automation/verify/shared-address";
import { pair, plan, said, sharingFleet, use1 } from "./sharing";

let issued = new Map<string, string>();
const fleet = async (holder: "use1-a" | "use1-b"): Promise<Map<string, GatewayStatus>> => {
  const all = await sharingFleet(holder);
  issued = all.issued;
  return all.statuses;
};

const failing = (statuses: Statuses): string[] => {
  const held = tunnelsWhereHeld(plan, statuses);
  return [
    ...judgeSas(held, statuses),
    ...judgeSharedAddresses(plan, statuses),
    ...judgeBgp(held, statuses, new Map()),
    ...judgePrefixes(held, statuses, new Map()),
    ...judgeCertificates(plan, statuses, issued),
  ]
    .filter(({ id, status }) => status !== "pass" && !id.endsWith("~route-service"))
    .map(({ id }) => id)
    .sort();
};

describe("proofs of a pair that shares an address", () => {
  for (const holder of ["use1-a", "use1-b"] as const)
    it(`hold while ${holder} has it, and the other nothing`, async () => {
      assert.deepEqual(failing(await fleet(holder)), []);
    });

  const changed = async (id: string, change: (status: GatewayStatus) => GatewayStatus) => {
    const statuses = await fleet("use1-a");
    const status = statuses.get(id);
    assert.ok(status !== undefined);
    return statuses.set(id, change(status));
  };

  it("fail where the other keeps an SA of the pair's tunnels", async () => {
    const holder = (await fleet("use1-a")).get("use1-a");
    const sas = holder?.ikeSas.filter(({ name }) => name === "euw1-a~use1") ?? [];
    assert.equal(sas.length, 1);
    const statuses = await changed("use1-b", (status) => ({ ...status, ikeSas: [...status.ikeSas, ...sas] }));
    assert.deepEqual(failing(statuses), ["sa/use1~address"]);
  });

  it("fail where both say that they hold it, or nobody does", async () => {
    for (const [id, claimed] of [
      ["use1-b", "use1-b"],
      ["use1-a", "use1-b"],
    ] as const) {
      const statuses = await changed(id, (status) => ({
        ...status,
        cloudRoutes: said(id, claimed).cloudRoutes,
      }));
      const found = failing(statuses);
      assert.ok(found.includes("sa/use1~address"), found.join());
      assert.ok(found.includes("sa/euw1-a~use1"), found.join());
    }
  });
  it("fail where the other does not send to who has it", async () => {
    const statuses = await changed("use1-b", (status) => ({ ...status, routes: [] }));
    assert.deepEqual(failing(statuses), [`prefixes/${pair.id}`]);
  });

  it("are not those of tunnels that are up already, but each gateway's loss is tried: the address is brought to it", () => {
    const losses = plannedLosses(plan, ["power"]).filter(({ gateway }) => gateway.startsWith("use1-"));
    assert.deepEqual(losses, [
      { gateway: "use1-a", loss: "power" },
      { gateway: "use1-b", loss: "power" },
    ]);
  });
});

describe("what may be drained of a pair that shares an address", () => {
  it("the holder, whose partner hears it and may call the cloud", async () => {
    assert.deepEqual(drainObstacles(plan, "use1-a", await fleet("use1-a")), []);
  });

  for (const { why, change, says } of [
    {
      why: "does not hear it",
      change: { neighbours: [] },
      says: "use1-b does not hear its partner.",
    },
    {
      why: "is drained itself",
      change: { drained: ["operator"] },
      says: "use1-b is drained itself (operator).",
    },
    {
      why: "cannot call the cloud",
      change: { cloudRoutes: undefined },
      says: "use1-b cannot move the address: it says nothing of it.",
    },
  ])
    it(`not while the partner ${why}`, async () => {
      const statuses = await fleet("use1-a");
      const status = statuses.get("use1-b");
      assert.ok(status !== undefined);
      statuses.set("use1-b", { ...status, ...change });
      assert.deepEqual(drainObstacles(plan, "use1-a", statuses), [says]);
    });

  it("it has moved when the other holds it, and has every session", async () => {
    const statuses = await fleet("use1-b");
    const [a, b] = [statuses.get("use1-a"), statuses.get("use1-b")];
    assert.ok(a !== undefined && b !== undefined);
    assert.ok(hasTaken(plan, use1, b));
    assert.ok(!hasTaken(plan, use1, a));
    assert.ok(!hasTaken(plan, use1, { ...b, neighbours: b.neighbours.slice(1) }));
  });
});
