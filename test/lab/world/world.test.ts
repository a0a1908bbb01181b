import assert from "node:assert/strict";
import fc from "fast-check";
import { LabError } from "../../../lab/client/client";
import type { World } from "../../../lab/world/model";
import { referencesOf } from "../../../lab/world/references";
import { emptyWorld, nextPublicAddress, putObject, removeObject } from "../../../lab/world/world";
import { refusals } from "../refusals";
import { gatewayMachine, twoNetworks } from "../two-networks";

const all = [...twoNetworks(), gatewayMachine("west"), gatewayMachine("east")];
const full = () => all.reduce(putObject, emptyWorld());

describe("the world", () => {
  for (const { what, code, put, remove } of refusals)
    it(`refuses ${what}`, () => {
      const world = full();
      assert.throws(
        () => {
          if (put !== undefined) putObject(world, put);
          if (remove !== undefined) removeObject(world, remove.kind, remove.id);
        },
        (error: unknown) => error instanceof LabError && error.code === code && error.message !== "",
      );
    });

  it("takes the same object twice", () => {
    const world = full();
    for (const object of Object.values(world.objects)) assert.deepEqual(putObject(world, object), world);
  });

  it("is as before when something absent is removed", () => {
    const world = full();
    assert.equal(removeObject(world, "subnet", "subnet-nowhere"), world);
  });

  it("hands out the lowest public address that nobody has", () => {
    assert.equal(nextPublicAddress(emptyWorld()), "198.18.0.1");
    assert.equal(nextPublicAddress(full()), "198.18.0.3");
  });

  it("holds no reference to nothing, whatever is put and removed in whatever order", () => {
    const step = fc.record({ index: fc.nat(all.length - 1), put: fc.boolean() });
    let refused = 0;
    let done = 0;
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { maxLength: 80 }), (fromFull, steps) => {
        let world: World = fromFull ? full() : emptyWorld();
        for (const { index, put } of steps) {
          const object = all[index];
          assert(object !== undefined);
          try {
            world = put ? putObject(world, object) : removeObject(world, object.kind, object.id);
            done += 1;
          } catch (error) {
            assert(error instanceof LabError);
            refused += 1;
          }
          for (const one of Object.values(world.objects))
            for (const { kind, id } of referencesOf(one)) assert.equal(world.objects[id]?.kind, kind);
        }
      }),
      { numRuns: 300 },
    );
    assert(refused > 100 && done > 100, `${String(done)} done, ${String(refused)} refused`);
  });

  it("comes to nothing again, users before what they use", () => {
    let world = full();
    let left = Object.values(world.objects);
    while (left.length > 0) {
      const before = left.length;
      for (const { kind, id } of left)
        try {
          world = removeObject(world, kind, id);
        } catch (error) {
          assert(error instanceof LabError && error.code === "DependencyViolation");
        }
      left = Object.values(world.objects);
      assert(left.length < before, "a circle of references");
    }
  });
});
