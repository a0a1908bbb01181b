import assert from "node:assert/strict";
import type { World } from "../../../lab/world/model";
import { passage } from "../../../lab/world/passage";
import { emptyWorld, putObject } from "../../../lab/world/world";
import { contract } from "../contract";
import { gatewayMachine, twoNetworks } from "../two-networks";

describe("the contract of both labs, as the recorded one answers", () => {
  const world: World = [...twoNetworks(), gatewayMachine("west"), gatewayMachine("east")].reduce(
    putObject,
    emptyWorld(),
  );

  for (const { what, changed = [], from, packet, expected } of contract)
    it(what, () => {
      const seen = passage(changed.reduce(putObject, world), from, packet);
      if ("refused" in expected) {
        assert(!seen.arrives, JSON.stringify(seen));
        assert.equal(seen.because, expected.refused);
        return;
      }
      assert(seen.arrives, JSON.stringify(seen));
      assert.equal(seen.at, expected.at);
      if (expected.source !== undefined) assert.equal(seen.packet.source, expected.source);
      if (expected.destination !== undefined) assert.equal(seen.packet.destination, expected.destination);
    });
});
