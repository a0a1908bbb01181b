import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { Plan } from "../../fleet/plan";
import { stackGraph } from "../../stacks/graph";
import { trustHandover } from "../../stacks/handover";
import { stackProgram } from "../../stacks/program";
import { type Engine, startEngine } from "./engine";
import { fleetPlan, type RegionName } from "./fleets";
import { type Seen, watchPeers, watchProcesses } from "./watch";

/** Real-looking, and worth nothing (AWS's own example key; GitGuardian-style others). */
const credentials = {
  AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  AWS_SESSION_TOKEN: "IQoJb3JpZ2luX2VjEXAMPLETOKEN",
  AWS_PROFILE: "production",
  PULUMI_ACCESS_TOKEN: "pul-0123456789abcdef0123456789abcdef01234567",
  GOOGLE_APPLICATION_CREDENTIALS: "/home/someone/key.json",
  ARM_CLIENT_SECRET: "8Q~exampleexampleexampleexample",
  HTTPS_PROXY: "http://198.51.100.9:3128",
};

describe("a fleet on the real engine, in a recorded lab", function () {
  this.timeout(600_000);
  let engine: Engine;
  const events: EngineEvent[] = [];
  const printed: string[] = [];
  let seen: Seen;
  let peers: ReadonlySet<string>;
  /** A pair, and others that are no larger than they must be for it to have peers. */
  const planWith = (names: readonly RegionName[], euw1 = "gateways: 2") =>
    fleetPlan(names, { euw1, use1: "gateways: 1", apse2: "gateways: 1" });
  const two = planWith(["euw1", "use1"]);
  const three = planWith(["apse2", "euw1", "use1"]);
  /** One stack of each layer: what holds for one region holds for the other. */
  const ofEachLayer = ["acme.region-euw1", "acme.trust", "acme.fabric-euw1"];
  /** Of the fleet with one more region, without the fabrics of its neighbour and of itself. */
  const withOneMore = stackGraph(three)
    .map(({ name }) => name)
    .filter((name) => !/fabric-(apse2|use1)$/.test(name));

  const open = (plan: Plan, name: string) => engine.stack(name, stackProgram(plan, name, { protect: false }));
  const hear = {
    onEvent: (event: EngineEvent) => events.push(event),
    onOutput: (text: string) => printed.push(text),
  };
  const up = async (plan: Plan, name: string) => {
    const { summary } = await (await open(plan, name)).up(hear);
    return summary.resourceChanges ?? {};
  };

  before(async () => {
    engine = await startEngine(credentials);
  });
  after(() => engine.close());

  it("comes up, stack by stack in the graph's order", async () => {
    const mark = `TRUNKLINE_LAB=${engine.lab.folder}`;
    const [watch, connections] = [watchProcesses(mark), watchPeers(mark)];
    try {
      for (const { name } of stackGraph(two))
        assert.deepEqual(Object.keys(await up(two, name)), ["create"], name);
    } finally {
      seen = watch.stop();
      peers = connections.stop();
    }
    const { objects } = await engine.lab.world();
    const machines = Object.values(objects).filter(({ kind }) => kind === "machine");
    assert.equal(machines.length, 3);
  });

  it("with real-looking credentials around, no process of the engine has one of them", () => {
    assert.deepEqual([...seen.providers].sort(), ["aws", "command", "tls"]);
    const variables = [...seen.variables].join("\n");
    for (const [name, value] of Object.entries(credentials)) {
      assert.ok(!variables.includes(`${name}=`), name);
      assert.ok(!variables.includes(value), `the value of ${name}`);
    }
  });

  it("nothing connects to anything but this host", () => {
    const away = [...peers].filter(
      (peer) => !peer.startsWith("127.") && peer !== "0000:0000:0000:0000:0000:0000:0000:0001",
    );
    assert.deepEqual(away, []);
    assert.notEqual(peers.size, 0);
  });

  it("no private key stands in plain state, events, output or argv", async () => {
    const outputs = await (await open(two, "acme.region-use1")).outputs();
    const handover: unknown = outputs["handover"]?.value;
    const body = /PRIVATE KEY-----\\n([A-Za-z0-9+/]{40,})/.exec(JSON.stringify(handover))?.[1];
    assert.ok(body !== undefined, "the push key is handed on");
    const places = {
      state: filesBelow(join(engine.folder, "state")),
      workspaces: filesBelow(join(engine.folder, "work")),
      temporary: filesBelow(join(engine.folder, "tmp")),
      pulumiHome: filesBelow(join(engine.lab.folder, "pulumi-home")),
      events: [JSON.stringify(events)],
      output: printed,
      argv: [...seen.argv],
    };
    for (const [place, texts] of Object.entries(places))
      for (const text of texts) {
        assert.doesNotMatch(text, /PRIVATE KEY-----(\s|\\+n)+[A-Za-z0-9+/]{40}/, place);
        assert.ok(!text.includes(body), place);
      }
    assert.ok(places.state.length >= 5);
  });

  it("a refresh finds everything as it was, and the next update changes nothing", async () => {
    for (const name of ofEachLayer) {
      await (await open(two, name)).refresh({ expectNoChanges: true });
      assert.deepEqual(Object.keys(await up(two, name)), ["same"], name);
    }
  });

  it("a refresh sees what somebody changed in the cloud, and the next update mends it", async () => {
    const { objects } = await engine.lab.world();
    const card = Object.values(objects).find((object) => object.kind === "interface");
    assert(card?.kind === "interface");
    await engine.lab.put({ ...card, sourceDestinationCheck: true });
    const region = card.name.includes("use1") ? "acme.region-use1" : "acme.region-euw1";
    const stack = await open(two, region);
    const { summary } = await stack.refresh();
    assert.equal(summary.resourceChanges?.update, 1);
    const mended = await stack.up();
    assert.equal(mended.summary.resourceChanges?.update, 1);
    assert.equal((await engine.lab.get("interface", card.id))?.sourceDestinationCheck, false);
  });

  it("one more region changes no resource of the others' regions, and replaces nothing anywhere", async () => {
    const before = await engine.lab.world();
    for (const name of withOneMore) {
      const changes = await up(three, name);
      const kinds = Object.keys(changes).sort();
      if (/region-(euw1|use1)$/.test(name)) assert.deepEqual(kinds, ["same"], name);
      else
        assert.deepEqual(
          kinds.filter((kind) => !["create", "read", "same", "update"].includes(kind)),
          [],
          name,
        );
    }
    const after = await engine.lab.world();
    for (const [id, object] of Object.entries(before.objects))
      // A firewall gains the new peers' rules.
      if (object.kind !== "firewall") assert.deepEqual(after.objects[id], object);
  });

  it("another system and kind of key touch nothing that is there, until a gateway's epoch is raised @slow", async () => {
    const fields = "system: debian-12, trust: { keyAlgorithm: rsa-3072 }";
    const changed = planWith(["apse2", "euw1", "use1"], fields);
    const raised = planWith(["apse2", "euw1", "use1"], `${fields}, epochs: { a: { image: 2 } }`);
    const machines = async () =>
      Object.values((await engine.lab.world()).objects)
        .flatMap((object) => (object.kind === "machine" && object.name.includes("euw1") ? [object] : []))
        .sort((one, other) => (one.name < other.name ? -1 : 1));
    const certificates = async () => {
      const outputs = await (await open(changed, "acme.trust")).outputs();
      return trustHandover
        .parse(outputs["handover"]?.value)
        .gateways.map(({ certificate }) => new X509Certificate(certificate));
    };
    const [wereMachines, wereCertificates] = [await machines(), await certificates()];
    for (const name of ofEachLayer) {
      const kinds = Object.keys(await up(changed, name));
      assert.deepEqual(
        kinds.filter((kind) => !["same", "update"].includes(kind)),
        [],
        name,
      );
    }
    assert.deepEqual(await machines(), wereMachines);
    assert.deepEqual((await certificates()).map(String), wereCertificates.map(String));

    for (const name of ofEachLayer) await up(raised, name);
    assert.deepEqual(
      (await machines()).map(({ image }) => image),
      ["debian-12", "debian-13"],
    );
    const gateways = raised.regions.flatMap((region) => region.gateways.map(({ id }) => id));
    const now = await certificates();
    for (const [index, gateway] of gateways.entries())
      if (gateway === "euw1-a") assert.equal(now[index]?.publicKey.asymmetricKeyDetails?.modulusLength, 3072);
      else assert.equal(String(now[index]), String(wereCertificates[index]), gateway);
    for (const name of ofEachLayer) assert.deepEqual(Object.keys(await up(raised, name)), ["same"], name);
  });

  it("goes in reverse order and leaves nothing in the cloud", async () => {
    for (const name of [...withOneMore, "acme.fabric-use1"].reverse()) {
      const { summary } = await (await open(three, name)).destroy();
      assert.equal(summary.result, "succeeded", name);
    }
    assert.deepEqual((await engine.lab.world()).objects, {});
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
}
