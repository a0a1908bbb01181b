import assert from "node:assert/strict";
import { changedStacks } from "../../stacks/graph";
import { trustHandover } from "../../stacks/handover";
import { named, only, type Recorded } from "../components/recorder";
import { planOf } from "../engine/fleets";
import { type FleetRun, upFleet } from "./up";

const fleetOf = (crypto: string) =>
  planOf(`fleet: acme
management: { allowFrom: [203.0.113.0/24] }
regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }
  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }
  apne1: { cloud: aws, region: ap-northeast-1, cidr: 10.30.0.0/16 }
${crypto}
`);

/** Of a link alone, so that there are regions and releases with and without. */
const plan = fleetOf("crypto: { links: { euw1~use1: { postQuantum: ppk } } }");
const path = "/etc/swanctl/conf.d/trunkline-ppk.conf";

/** The keys of a release by their tunnels, out of what is pushed. */
function keysOf({ inputs }: Recorded): Record<string, string> {
  const lines = String(inputs["stdin"]).split("\n").slice(2);
  const texts = lines.map((line) => Buffer.from(line.split(" ")[1] ?? "", "base64").toString());
  const text = texts.find((content) => content.includes("\nsecrets {\n")) ?? "";
  return Object.fromEntries(
    [...text.matchAll(/^ {2}ppk-(\S+) \{\n.*\n {4}secret = 0s(\S+)$/gm)].map(([, id = "", key = ""]) => [
      id,
      key,
    ]),
  );
}

describe("post-quantum preshared keys in the stacks", () => {
  let fleet: FleetRun;
  before(async () => {
    fleet = await upFleet(plan);
  });
  const release = (gateway: string) =>
    named(fleet.stack(`acme.fabric-${gateway.split("-")[0] ?? ""}`), `acme-${gateway}-release-ensure`);

  it("are derived of one key for each region that has them, made in the trust stack and used for nothing else", () => {
    const seeds = only(fleet.stack("acme.trust"), "tls:index/privateKey:PrivateKey").filter(({ name }) =>
      name.endsWith("-ppk"),
    );
    assert.deepEqual(
      seeds.map(({ name, inputs }) => [name, inputs]),
      ["euw1", "use1"].map((name) => [`acme-${name}-ppk`, { algorithm: "ED25519" }]),
    );
    const { ppkSeeds = {} } = trustHandover.parse(fleet.handovers["acme.trust"]);
    assert.deepEqual(Object.keys(ppkSeeds), ["euw1", "use1"]);
    for (const seed of Object.values(ppkSeeds)) assert.equal(Buffer.from(seed, "base64").length, 32);
  });

  it("are the same at both ends, and each gateway's are of its own tunnels", () => {
    for (const [one, other] of [
      ["euw1-a", "use1-a"],
      ["euw1-a", "use1-b"],
      ["euw1-b", "use1-a"],
      ["euw1-b", "use1-b"],
    ] as const) {
      const tunnel = `${one}~${other}`;
      const [here, there] = [keysOf(release(one)), keysOf(release(other))];
      assert.equal(Object.keys(here).length, 2);
      assert.ok(here[tunnel] !== undefined && here[tunnel] === there[tunnel], tunnel);
    }
    assert.equal(String(release("apne1-a").inputs["stdin"]).includes(path), false);
  });

  it("make what is pushed a secret, where there are any; the release's name is none", () => {
    for (const [gateway, secrets] of [
      ["use1-a", ["environment.TRUNKLINE_PUSH_KEY", "stdin"]],
      ["apne1-a", ["environment.TRUNKLINE_PUSH_KEY"]],
    ] as const)
      assert.deepEqual([...release(gateway).secrets].sort(), secrets);
  });

  it("stand in no other input, and in no environment or argument", () => {
    const keys = Object.values(keysOf(release("use1-a")));
    assert.equal(keys.length, 2);
    const seeds = Object.values(trustHandover.parse(fleet.handovers["acme.trust"]).ppkSeeds ?? {});
    for (const { name, inputs } of fleet.resources) {
      const { stdin: pushed, ...others } = inputs;
      assert.equal(typeof pushed === "string" || pushed === undefined, true);
      for (const secret of [...keys, ...seeds]) assert.ok(!JSON.stringify(others).includes(secret), name);
    }
    for (const seed of seeds)
      assert.ok(!fleet.resources.some(({ inputs }) => String(inputs["stdin"]).includes(seed)));
  });

  it("bring up the trust stack and both fabrics when they are turned on, and nothing else", () => {
    assert.deepEqual(
      changedStacks(fleetOf(""), plan)
        .map(({ name }) => name)
        .sort(),
      ["acme.fabric-euw1", "acme.fabric-use1", "acme.trust"],
    );
  });
});
