import assert from "node:assert/strict";
import fc from "fast-check";
import {
  clearHostBits6,
  formatAddress6,
  formatCidr6,
  overlaps6,
  parseCidr6,
  subnetOf6,
} from "../../fleet/cidr6";

const address = fc
  .array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
  .map((words) => words.reduce((sum, word) => (sum << 16n) | BigInt(word), 0n));
const network = fc
  .tuple(address, fc.nat(128))
  .map(([bits, prefix]) => ({ address: bits - (bits % (1n << BigInt(128 - prefix))), prefix }));

/** As browsers write a host (WHATWG URL, "IPv6 serializer"), which is RFC 5952 as well. */
const shortest = (text: string): string => new URL(`http://[${text}]/`).hostname.slice(1, -1);

describe("IPv6 networks", () => {
  it("are written as RFC 5952 has it, and read again", () => {
    fc.assert(
      fc.property(network, (cidr) => {
        const words = Array.from({ length: 8 }, (_, index) =>
          ((cidr.address >> BigInt(112 - index * 16)) & 0xffffn).toString(16).padStart(4, "0"),
        );
        const text = formatCidr6(cidr);
        assert.equal(text, `${shortest(words.join(":"))}/${String(cidr.prefix)}`);
        assert.deepEqual(parseCidr6(text), cidr);
        assert.deepEqual(parseCidr6(`${words.join(":").toUpperCase()}/${String(cidr.prefix)}`), cidr);
      }),
    );
  });

  it("overlap when one lies in the other, told by their first bits", () => {
    const bits = ({ address: at }: { readonly address: bigint }) => at.toString(2).padStart(128, "0");
    fc.assert(
      fc.property(network, network, (one, other) => {
        const length = Math.min(one.prefix, other.prefix);
        assert.equal(overlaps6(one, other), bits(one).slice(0, length) === bits(other).slice(0, length));
      }),
    );
  });

  for (const text of [
    ...["", "::", "::/129", "::/-1", "::/01", "::/x", "1::2::3/64", ":::/64", "1:2:3:4:5:6:7/64"],
    ...["1:2:3:4:5:6:7:8:9/64", "1:2:3:4:5:6:7:8::/128", "12345::/64", "g::/64", "10.0.0.0/16"],
    ...["::ffff:10.0.0.0/112", "fe80::%eth0/64", "fd8a::/56/56", " fd8a::/56"],
  ])
    it(`"${text}" is none`, () => {
      assert.equal(parseCidr6(text), undefined);
    });

  it("with bits beyond the prefix are told apart, and what was meant is named", () => {
    assert.equal(parseCidr6("fd8a:1b2c::1/56"), "hostBits");
    assert.equal(clearHostBits6("fd8a:1b2c::1/56"), "fd8a:1b2c::/56");
  });

  it("have subnets by index", () => {
    const cidr = parseCidr6("fd8a:1b2c:3d00::/56");
    assert.ok(typeof cidr === "object");
    assert.equal(formatCidr6(subnetOf6(cidr, 64, 5)), "fd8a:1b2c:3d00:5::/64");
    assert.equal(formatAddress6(subnetOf6(cidr, 128, 1).address), "fd8a:1b2c:3d00::1");
  });
});
