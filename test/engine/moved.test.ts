import assert from "node:assert/strict";
import type { Interface, PublicAddress } from "../../lab/world/model";
import { stackGraph } from "../../stacks/graph";
import { stackProgram } from "../../stacks/program";
import { type Engine, startEngine } from "./engine";
import { fleetPlan } from "./fleets";

describe("a pair that shares an address, on the real engine in a recorded lab", function () {
  this.timeout(600_000);
  let engine: Engine;
  const plan = fleetPlan(["euw1", "use1"], { use1: "ha: active-standby, routes: agent, address: moved" });
  const open = (name: string) => engine.stack(name, stackProgram(plan, name, { protect: false }));
  const up = async (name: string) => (await (await open(name)).up()).summary.resourceChanges ?? {};
  const objects = async () => Object.values((await engine.lab.world()).objects);
  const address = async (): Promise<PublicAddress> => {
    const found = (await objects()).find(({ name }) => name.includes("use1-pair-moved-address"));
    assert.ok(found?.kind === "publicAddress");
    return found;
  };
  const cardOf = async (gateway: string): Promise<Interface> => {
    const found = (await objects()).find(({ kind, name }) => kind === "interface" && name.includes(gateway));
    assert.ok(found?.kind === "interface", gateway);
    return found;
  };
  /** As gateways do it, by the cloud's API. */
  const move = async (gateway: string): Promise<void> => {
    const { id, secondaryAddresses: [second = ""] = [] } = await cardOf(gateway);
    await engine.lab.put({ ...(await address()), interface: id, privateAddress: second });
  };

  before(async () => {
    engine = await startEngine();
  });
  after(() => engine.close());

  it("comes up: an address that nobody holds yet, and an interface with two private ones for each gateway", async () => {
    for (const { name } of stackGraph(plan)) await up(name);
    assert.equal((await address()).interface, undefined);
    for (const [gateway, count] of [
      ["use1-pair-a-card", 1],
      ["use1-pair-b-card", 1],
      ["euw1-pair-a-card", 0],
    ] as const)
      assert.equal((await cardOf(gateway)).secondaryAddresses?.length ?? 0, count, gateway);
    const [role] = (await objects()).filter((object) => object.kind === "role");
    assert.match(Object.values(role?.policies ?? {}).join(), /"ec2:AssociateAddress"/);
  });

  for (const [letter, which] of [
    ["a", " @slow"],
    ["b", ""],
  ])
    it(`where the gateways have moved it to ${letter} there is nothing to do, with a refresh and without${which}`, async () => {
      const gateway = `use1-pair-${letter}-card`;
      await move(gateway);
      for (const name of ["acme.region-use1", "acme.fabric-use1"]) {
        assert.deepEqual(Object.keys(await up(name)), ["same"], name);
        await (await open(name)).refresh();
        assert.deepEqual(Object.keys(await up(name)), ["same"], name);
      }
      assert.equal((await address()).interface, (await cardOf(gateway)).id);
    });

  it("is gone after destroy, whoever holds the address: interfaces first", async () => {
    for (const { name } of [...stackGraph(plan)].reverse()) await (await open(name)).destroy();
    assert.deepEqual(await objects(), []);
  });
});
