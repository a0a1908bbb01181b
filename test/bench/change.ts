import type { Plan } from "trunkline/fleet/plan";
import { renderPreview } from "trunkline/gateway/preview";
import { regionStack } from "trunkline/stacks/graph";
import type { RunEvent } from "../../automation/runner/runner";
import { planOf } from "../engine/fleets";
import { Backbone } from "../scenarios/backbone/backbone";
import { labMeshText } from "./mesh";
import { type Asked, atMost, type Part } from "./part";
import { stacksOf } from "./progress";
import { whole } from "./reboot";

const another = "10.250.0.0/16";
const provenWithinSeconds = 600;

interface Touched {
  readonly stack: string;
  readonly name: string;
  readonly op: string;
}

interface Row {
  readonly regions: number;
  readonly upSeconds: number;
  /** From the beginning of `up` to all proofs; NaN when some never held. */
  readonly provenSeconds: number;
  /** Releases of the gateways that are told something else by the new plan. */
  readonly releases: readonly Touched[];
  /** What the changed region's own stack made, which was not there before. */
  readonly made: readonly Touched[];
  readonly beyond: readonly Touched[];
}

/** The first region of a mesh has another network: every gateway is to know it, and nothing else is to change. */
export async function measureChange({ regions = [10] }: Asked): Promise<Part> {
  const rows: Row[] = [];
  for (const count of regions) rows.push(await measure(count));
  return {
    data: rows,
    lines: rows.flatMap(({ regions: count, upSeconds, provenSeconds, releases, made, beyond }) => [
      `change  one of ${String(count)} regions has another network: up ${upSeconds.toFixed(1)} s, all proofs ${provenSeconds.toFixed(1)} s after it began`,
      `change  touched: ${String(releases.length)} releases; made: ${named(made)}; beyond that: ${named(beyond)}`,
    ]),
    marks: rows.flatMap(({ regions: count, provenSeconds, beyond }) => [
      atMost(
        `change of one of ${String(count)} regions: fleets that were not whole after ${String(provenWithinSeconds)} s`,
        Number.isNaN(provenSeconds) ? 1 : 0,
        0,
      ),
      atMost(
        `change of one of ${String(count)} regions: resources touched beyond what must be`,
        beyond.length,
        0,
      ),
    ]),
  };
}

async function measure(regions: number): Promise<Row> {
  const before = planOf(labMeshText(regions));
  const after = planOf(labMeshText(regions, [another]));
  const progress = stacksOf("change", regions);
  const backbone = await Backbone.start(before, {}, progress);
  try {
    await whole(backbone);
    const events: RunEvent[] = [];
    const started = performance.now();
    const since = (): number => (performance.now() - started) / 1000;
    await backbone.up(after, (event) => {
      events.push(event);
      progress(event);
    });
    const upSeconds = since();
    const proofs = await backbone.proofs(provenWithinSeconds);
    const provenSeconds = proofs.every(({ status }) => status === "pass") ? since() : NaN;
    const row = { regions, upSeconds, provenSeconds, ...sorted(events.flatMap(touchedBy), before, after) };
    process.stderr.write(`change  ${String(regions)} regions  ${provenSeconds.toFixed(1)} s\n`);
    return row;
  } finally {
    await backbone.end();
  }
}

/** What the engine did to a resource that a provider makes. A component or a stack is nothing that could be touched. */
function touchedBy(event: RunEvent): Touched[] {
  if (event.kind !== "resource" || event.state === "started") return [];
  const { stack, type, name, op } = event;
  if (op === "same" || op === "read" || type.startsWith("trunkline:") || type === "pulumi:pulumi:Stack")
    return [];
  return [{ stack, name, op }];
}

/** What must be: the releases that the new plan renders otherwise, and what the changed region's own stack adds. */
function sorted(
  touched: readonly Touched[],
  before: Plan,
  after: Plan,
): Pick<Row, "releases" | "made" | "beyond"> {
  const told = after.regions
    .flatMap(({ gateways }) => gateways.map(({ id }) => id))
    .filter((id) => renderPreview(before, id).hash !== renderPreview(after, id).hash)
    .map((id) => `${after.fleet}-${id}-release-ensure`);
  const isRelease = ({ name, op }: Touched): boolean => op === "update" && told.includes(name);
  const changed = regionStack(after.fleet, "r0");
  const isMade = ({ stack, op }: Touched): boolean => op === "create" && stack === changed;
  return {
    releases: touched.filter(isRelease),
    made: touched.filter(isMade),
    beyond: touched.filter((one) => !isRelease(one) && !isMade(one)),
  };
}

function named(touched: readonly Touched[]): string {
  return touched.length === 0 ? "nothing" : touched.map(({ op, name }) => `${name} (${op})`).join(", ");
}
