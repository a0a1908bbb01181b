import type { Plan } from "trunkline/fleet/plan";
import type { Proof } from "../verify/proof";
import { escape } from "./escape";

interface Point {
  readonly x: number;
  readonly y: number;
}

const size = { width: 1000, height: 620 };
const centre: Point = { x: 500, y: 310 };
const box = { width: 190, height: 104 };

/** Regions on an ellipse, their gateways inside, a line per tunnel: green when all that is proven of it holds. */
export function renderTopology(plan: Plan, proofs: readonly Proof[]): string {
  const places = new Map(plan.regions.map(({ name }, index) => [name, placeOf(index, plan.regions.length)]));
  const gateways = new Map(
    plan.regions.flatMap(({ name, gateways: own }) => {
      const { x, y } = places.get(name) ?? centre;
      return own.map(({ id }, index) => [id, { x: x + (index === 0 ? -45 : 45), y: y + 22 }] as const);
    }),
  );
  const bad = new Set(proofs.filter(({ status }) => status !== "pass").map(({ subject }) => subject));
  const lines = plan.links.flatMap(({ tunnels }) =>
    tunnels.map(({ id, ends: [one, other] }) => {
      const [from, to] = [gateways.get(one.gateway) ?? centre, gateways.get(other.gateway) ?? centre];
      return `<line class="tunnel${bad.has(id) ? " bad" : ""}" x1="${round(from.x)}" y1="${round(from.y)}" x2="${round(to.x)}" y2="${round(to.y)}"><title>${escape(id)}</title></line>`;
    }),
  );
  const regions = plan.regions.map(({ name, cloudRegion, cidrs, gateways: own }) => {
    const { x, y } = places.get(name) ?? centre;
    return `<g><rect class="gateway" style="stroke:var(--line)" x="${round(x - box.width / 2)}" y="${round(y - box.height / 2)}" width="${String(box.width)}" height="${String(box.height)}" rx="10"/>
<text x="${round(x)}" y="${round(y - 28)}" text-anchor="middle"><tspan font-weight="600">${escape(name)}</tspan> <tspan class="dim">aws ${escape(cloudRegion)}</tspan></text>
<text class="dim" x="${round(x)}" y="${round(y - 10)}" text-anchor="middle">${escape(cidrs.join(" "))}</text>
${own
  .map(({ id }) => {
    const at = gateways.get(id) ?? centre;
    return `<rect class="gateway" x="${round(at.x - 40)}" y="${round(at.y - 14)}" width="80" height="28" rx="6"/><text x="${round(at.x)}" y="${round(at.y + 5)}" text-anchor="middle">${escape(id)}</text>`;
  })
  .join("\n")}</g>`;
  });
  return `<svg viewBox="0 0 ${String(size.width)} ${String(size.height)}" role="img" aria-label="Regions, gateways and tunnels">
${lines.join("\n")}
${regions.join("\n")}
</svg>`;
}

function placeOf(index: number, count: number): Point {
  if (count === 1) return centre;
  const angle = -Math.PI / 2 + (2 * Math.PI * index) / count;
  return { x: centre.x + 380 * Math.cos(angle), y: centre.y + 240 * Math.sin(angle) };
}

function round(value: number): string {
  return value.toFixed(1);
}
