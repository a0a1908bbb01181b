import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lab } from "../../../lab/daemon/lab";
import type { Backend, Change } from "../../../lab/world/backend";
import type { Network } from "../../../lab/world/model";
import { createRecorded } from "../../../lab/world/recorded";

const network = (number: number): Network => ({
  kind: "network",
  id: `vpc-${String(number)}`,
  name: `network ${String(number)}`,
  cloud: "aws",
  cloudRegion: "us-east-1",
  cidrs: [`10.${String(number)}.0.0/16`],
});

describe("the world of a running lab", () => {
  let folder: string;
  let lab: Lab;
  /** Ids of each step, in order. */
  let steps: string[][];
  /** What the backend cannot make. */
  let impossible: string | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "trunkline-world-"));
    steps = [];
    impossible = undefined;
    const recorded = createRecorded(join(folder, "machines"));
    const backend: Backend = {
      ...recorded,
      async apply(change: Change) {
        // As a fabric does: longer than the caller takes to ask for the next thing.
        await new Promise((resolve) => setTimeout(resolve, 20));
        const ids = change.touched.map(({ id }) => id);
        if (impossible !== undefined && ids.includes(impossible)) throw new Error(`no ${impossible}`);
        steps.push(ids);
        await recorded.apply(change);
      },
    };
    lab = new Lab(backend, join(folder, "world.json"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const outcome = (work: Promise<void>) =>
    work.then(
      () => "made",
      (error: unknown) => String(error),
    );

  it("what is put while a step runs becomes real in the next one, all of it", async () => {
    await Promise.all([1, 2, 3, 4].map((number) => lab.put(network(number))));
    assert.deepEqual(steps.flat().sort(), ["vpc-1", "vpc-2", "vpc-3", "vpc-4"]);
    assert.ok(steps.length < 4, JSON.stringify(steps));
    const saved: unknown = JSON.parse(readFileSync(join(folder, "world.json"), "utf8"));
    assert.deepEqual(Object.keys(Object(Object(saved).objects)).sort(), ["vpc-1", "vpc-2", "vpc-3", "vpc-4"]);
  });

  it("what a cloud would refuse is refused alone", async () => {
    const wrong = { ...network(2), cidrs: ["10.2.0.1/16"] };
    const said = await Promise.all([network(1), wrong, network(3)].map((one) => outcome(lab.put(one))));
    assert.equal(said[0], "made");
    assert.match(said[1] ?? "", /10\.2\.0\.1\/16/);
    assert.equal(said[2], "made");
    assert.deepEqual(Object.keys(lab.world.objects).sort(), ["vpc-1", "vpc-3"]);
  });

  it("what cannot be made fails alone, and nothing of it is in the world", async () => {
    impossible = "vpc-2";
    const said = await Promise.all([1, 2, 3].map((number) => outcome(lab.put(network(number)))));
    assert.deepEqual(said, ["made", "Error: no vpc-2", "made"]);
    assert.deepEqual(Object.keys(lab.world.objects).sort(), ["vpc-1", "vpc-3"]);
  });

  it("keeps the order of what is put and removed", async () => {
    await lab.put(network(1));
    const changed = { ...network(1), name: "changed" };
    await Promise.all([lab.put(network(2)), lab.remove("network", "vpc-1"), lab.put(changed)]);
    assert.deepEqual(lab.world.objects["vpc-1"], changed);
  });
});
