import assert from "node:assert/strict";
import { planImage } from "../../../components/aws/image.plan";

describe("components/aws/image.plan", () => {
  for (const { size, architecture, why } of [
    { size: "t4g.small", architecture: "arm64", why: "Graviton" },
    { size: "c7gn.large", architecture: "arm64", why: "Graviton with more network" },
    { size: "m6gd.xlarge", architecture: "arm64", why: "Graviton with a disk" },
    { size: "a1.medium", architecture: "arm64", why: "the first Graviton" },
    { size: "t3.small", architecture: "x86_64", why: "Intel" },
    { size: "c6in.large", architecture: "x86_64", why: "Intel with more network" },
    { size: "g5.xlarge", architecture: "x86_64", why: "a g-family is about graphics" },
    { size: "g5g.xlarge", architecture: "arm64", why: "graphics on Graviton" },
    { size: "c7i-flex.large", architecture: "x86_64", why: "Intel flex: no g among its attributes" },
    { size: "m8gn.large", architecture: "arm64", why: "Graviton 4" },
  ])
    it(`${size}: ${why}`, () => {
      const image = planImage(size, "debian-13");
      assert.equal(image.architecture, architecture);
      assert.equal(image.name, architecture === "arm64" ? "debian-13-arm64-*" : "debian-13-amd64-*");
      assert.equal(image.owner, "136693071363");
    });

  for (const { system, owner, arm, intel } of [
    {
      system: "debian-12",
      owner: "136693071363",
      arm: "debian-12-arm64-*",
      intel: "debian-12-amd64-*",
    },
    {
      system: "ubuntu-24.04",
      owner: "099720109477",
      arm: "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-*",
      intel: "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*",
    },
  ] as const)
    it(`${system}: from its own publisher, for either processor`, () => {
      assert.deepEqual(planImage("t4g.small", system), { owner, architecture: "arm64", name: arm });
      assert.deepEqual(planImage("t3.small", system), { owner, architecture: "x86_64", name: intel });
    });
});
