import assert from "node:assert/strict";
import { join } from "node:path";
import { only, run } from "./recorder";

describe("examples/components-aws", () => {
  it("makes a network and a pair in the provider's region", async () => {
    const { resources, result } = await run(async () => {
      const { addresses }: { addresses: unknown } = await import(
        join(__dirname, "../../examples/components-aws/index.ts")
      );
      return addresses;
    });
    assert.deepEqual(Object.keys(Object(result)), ["a", "b"]);
    assert.equal(only(resources, "aws:ec2/instance:Instance").length, 2);
    for (const { type, name, provider } of resources)
      if (type.startsWith("aws:")) assert.equal(provider, "frankfurt", name);
  });
});
