import assert from "node:assert/strict";
import type { Stack, UpResult } from "@pulumi/pulumi/automation";
import type { Plan } from "../../../fleet/plan";
import type { Interface, ObjectKind, RouteTable, WorldObject } from "../../../lab/world/model";
import { stackProgram } from "../../../stacks/program";
import { type Engine, startEngine } from "../engine";

type Changes = NonNullable<UpResult["summary"]["resourceChanges"]>;

/** A fleet stack by stack on the real engine, and what stands in its recorded cloud. */
export class RecordedFleet {
  private constructor(private readonly engine: Engine) {}

  static async start(): Promise<RecordedFleet> {
    return new RecordedFleet(await startEngine());
  }

  end(): Promise<void> {
    return this.engine.close();
  }

  open(plan: Plan, stack: string): Promise<Stack> {
    return this.engine.stack(stack, stackProgram(plan, stack, { protect: false }));
  }

  async up(plan: Plan, stack: string): Promise<Changes> {
    return (await (await this.open(plan, stack)).up()).summary.resourceChanges ?? {};
  }

  /** Once the engine knows what is in the cloud by now, there is nothing for it to do. */
  async hasNothingToDo(plan: Plan, region: string): Promise<void> {
    for (const stack of [`acme.region-${region}`, `acme.fabric-${region}`]) {
      await (await this.open(plan, stack)).refresh();
      // What other stacks handed on is read each time.
      const touched: string[] = [];
      await (
        await this.open(plan, stack)
      ).up({
        onEvent: ({ resourcePreEvent: { metadata } = {} }) => {
          if (metadata !== undefined && !["same", "read"].includes(metadata.op))
            touched.push(`${metadata.op} ${metadata.urn}`);
        },
      });
      assert.deepEqual(touched, [], stack);
    }
  }

  async objects(): Promise<WorldObject[]> {
    return Object.values((await this.engine.lab.world()).objects);
  }

  /** @param part of the objects' names */
  async all<K extends ObjectKind>(kind: K, part = ""): Promise<Extract<WorldObject, { kind: K }>[]> {
    return (await this.objects()).filter(
      (object): object is Extract<WorldObject, { kind: K }> =>
        object.kind === kind && object.name.includes(part),
    );
  }

  /** As gateways do it, by the cloud's API. */
  put(object: WorldObject): Promise<void> {
    return this.engine.lab.put(object);
  }

  /** @param gateway `use1-a` */
  async cardOf(gateway: string): Promise<Interface> {
    const [region = "", letter = ""] = gateway.split("-");
    const [found] = await this.all("interface", `${region}-pair-${letter}-card`);
    assert.ok(found !== undefined, gateway);
    return found;
  }

  /** The region's table that holds routes to gateways. */
  async tableOf(region: string): Promise<RouteTable> {
    const found = (await this.all("routeTable", region)).find(({ routes }) =>
      routes.some(({ target }) => "interface" in target),
    );
    assert.ok(found !== undefined, region);
    return found;
  }
}
