import assert from "node:assert/strict";
import { join } from "node:path";
import { only, run } from "./recorder";

const machines = {
  aws: "aws:ec2/instance:Instance",
  azure: "azure-native:compute:VirtualMachine",
  gcp: "gcp:compute/instance:Instance",
} as const;
const packages = ["aws", "azure-native", "gcp"];

for (const [cloud, machine] of Object.entries(machines))
  describe(`examples/components-${cloud}`, () => {
    it("makes a network and a pair in the provider's region", async () => {
      const { resources, calls, result } = await run(async () => {
        const { addresses }: { addresses: unknown } = await import(
          join(__dirname, `../../examples/components-${cloud}/index.ts`)
        );
        return addresses;
      });
      assert.deepEqual(Object.keys(Object(result)), ["a", "b"]);
      assert.equal(only(resources, machine).length, 2);
      const ofCloud = resources.filter(({ type }) => packages.includes(type.split(":")[0] ?? ""));
      assert.ok(ofCloud.length > 10);
      for (const { name, provider } of ofCloud) assert.equal(provider, "frankfurt", name);
      for (const { token, provider } of calls) assert.equal(provider, "frankfurt", token);
    });
  });
