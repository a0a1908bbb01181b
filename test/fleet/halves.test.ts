import assert from "node:assert/strict";
import fc from "fast-check";
import { formatCidr, parseCidr, sizeOf } from "trunkline/fleet/cidr";
import { halvesOf } from "trunkline/fleet/halves";

describe("halves of a network", () => {
  it("are two, side by side, and all of it", () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.integer({ min: 0, max: 31 }), (address, prefix) => {
        const network = { address: address - (address % sizeOf(prefix)), prefix };
        const halves = halvesOf(formatCidr(network)).map(parseCidr);
        const [low, high] = halves.filter((half) => typeof half === "object");
        assert.equal(halves.length, 2);
        assert.equal(low?.address, network.address);
        assert.equal(high?.address, network.address + sizeOf(prefix) / 2);
        assert.deepEqual([low?.prefix, high?.prefix], [prefix + 1, prefix + 1]);
      }),
    );
  });

  it("of one address there are none, nor of an IPv6 network", () => {
    for (const network of ["10.0.0.1/32", "fd00::/64"]) assert.deepEqual(halvesOf(network), []);
  });
});
