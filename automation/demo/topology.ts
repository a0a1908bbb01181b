import type { Plan } from "trunkline/fleet/plan";
import type { Proof } from "../verify/proof";
import { escape } from "./escape";

interface Point {
  readonly x: number;
  readonly y: number;
}

const centre: Point = { x: 0, y: 0 };
/** Of the ellipse on whose rim the regions stand. */
const radius: Point = { x: 380, y: 240 };
const boxHeight = 104;
const margin = 18;
/** From one gateway of a region to the next. */
const step = 90;
/** Between the tunnels of a link, in the middle. */
const spread = 14;

/** Regions on an ellipse, their gateways inside, a line per tunnel: green when all that is proven of it holds. */
export function renderTopology(plan: Plan, proofs: readonly Proof[]): string {
  const places = new Map(plan.regions.map(({ name }, index) => [name, placeOf(index, plan.regions.length)]));
  const gateways = new Map(
    plan.regions.flatMap(({ name, gateways: own, shared }) => {
      const { x, y } = places.get(name) ?? centre;
      return [
        ...own.map(
          ({ id }, index) => [id, { x: x + (index - (own.length - 1) / 2) * step, y: y + 22 }] as const,
        ),
        // Between the two.
        ...(shared === undefined ? [] : [[shared.id, { x, y: y + 22 }] as const]),
      ];
    }),
  );
  const bad = new Set(proofs.filter(({ status }) => status !== "pass").map(({ subject }) => subject));
  const lines = plan.links.flatMap(({ tunnels }) =>
    tunnels.map(({ id, ends: [one, other] }, index) => {
      const [from, to] = [gateways.get(one.gateway) ?? centre, gateways.get(other.gateway) ?? centre];
      const bow = bowed(from, to, (index - (tunnels.length - 1) / 2) * spread);
      return `<path class="tunnel${bad.has(id) ? " bad" : ""}" d="M${point(from)} Q${point(bow)} ${point(to)}"><title>${escape(id)}</title></path>`;
    }),
  );
  const regions = plan.regions.map(({ name, cloud, cloudRegion, cidrs, gateways: own }) => {
    const { x, y } = places.get(name) ?? centre;
    const boxWidth = widthOf(own.length);
    return `<g><rect class="gateway" style="stroke:var(--line)" x="${round(x - boxWidth / 2)}" y="${round(y - boxHeight / 2)}" width="${String(boxWidth)}" height="${String(boxHeight)}" rx="10"/>
<text x="${round(x)}" y="${round(y - 28)}" text-anchor="middle"><tspan font-weight="600">${escape(name)}</tspan> <tspan class="dim">${escape(cloud)} ${escape(cloudRegion)}</tspan></text>
<text class="dim" x="${round(x)}" y="${round(y - 10)}" text-anchor="middle">${escape(cidrs.join(" "))}</text>
${own
  .map(({ id }) => {
    const at = gateways.get(id) ?? centre;
    return `<rect class="gateway" x="${round(at.x - 40)}" y="${round(at.y - 14)}" width="80" height="28" rx="6"/><text x="${round(at.x)}" y="${round(at.y + 5)}" text-anchor="middle">${escape(id)}</text>`;
  })
  .join("\n")}</g>`;
  });
  const ys = [...places.values()].map(({ y }) => y);
  const top = Math.min(...ys) - boxHeight / 2 - margin;
  const height = Math.max(...ys) + boxHeight / 2 + margin - top;
  const reach =
    radius.x + widthOf(Math.max(...plan.regions.map(({ gateways: own }) => own.length))) / 2 + margin;
  return `<svg viewBox="${round(-reach)} ${round(top)} ${round(2 * reach)} ${round(height)}" role="img" aria-label="Regions, gateways and tunnels">
${lines.join("\n")}
${regions.join("\n")}
</svg>`;
}

function placeOf(index: number, count: number): Point {
  if (count === 1) return centre;
  const angle = -Math.PI / 2 + (2 * Math.PI * index) / count;
  return { x: centre.x + radius.x * Math.cos(angle), y: centre.y + radius.y * Math.sin(angle) };
}

function widthOf(gateways: number): number {
  return Math.max(2, gateways) * step + 10;
}

/** The control point of a curve whose middle is this far from the straight line. */
function bowed(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return {
    x: (from.x + to.x) / 2 + ((to.y - from.y) / length) * 2 * distance,
    y: (from.y + to.y) / 2 - ((to.x - from.x) / length) * 2 * distance,
  };
}

function point({ x, y }: Point): string {
  return `${round(x)} ${round(y)}`;
}

function round(value: number): string {
  return value.toFixed(1);
}
