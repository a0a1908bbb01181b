import { type Proof, proofKinds } from "../verify/proof";
import { escape } from "./escape";
import { renderTopology } from "./topology";
import type { DemoReport } from "./report";

/** One page that opens offline: no script, no font, no image from elsewhere. */
export function renderPage({ plan, proofs, phases }: DemoReport): string {
  const passed = proofs.filter(({ status }) => status === "pass").length;
  const total = phases.reduce((sum, { seconds }) => sum + seconds, 0);
  const verdict =
    passed === proofs.length
      ? "Every proof passed"
      : `${String(proofs.length - passed)} of ${String(proofs.length)} proofs did not pass`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trunkline: ${escape(plan.fleet)}</title>
<style>${style}</style>
</head>
<body>
<header>
<p class="brand">Trunkline</p>
<h1>Fleet ${escape(plan.fleet)}: <span class="${passed === proofs.length ? "pass" : "fail"}">${escape(verdict)}</span></h1>
<p>${String(plan.regions.length)} regions, ${String(plan.links.length)} links, ${String(plan.links.flatMap(({ tunnels }) => tunnels).length)} tunnels. ${String(passed)} of ${String(proofs.length)} proofs passed in ${total.toFixed(0)} seconds, in the lab: one kernel per gateway, real strongSwan and FRR, the real Pulumi engine; the clouds are stand-ins.</p>
</header>
<section>
<h2>Topology</h2>
${renderTopology(plan, proofs)}
</section>
<section>
<h2>Time</h2>
<table class="phases"><tbody>
${phases.map(({ name, seconds }) => `<tr><th>${escape(name)}</th><td class="number">${seconds.toFixed(1)} s</td><td class="bar"><span style="width:${((100 * seconds) / Math.max(total, 0.01)).toFixed(1)}%"></span></td></tr>`).join("\n")}
</tbody></table>
</section>
<section>
<h2>Proofs</h2>
${proofKinds
  .map((kind) =>
    kindSection(
      kind,
      proofs.filter((proof) => proof.kind === kind),
    ),
  )
  .join("\n")}
</section>
</body>
</html>
`;
}

function kindSection(kind: string, proofs: readonly Proof[]): string {
  if (proofs.length === 0) return "";
  const passed = proofs.filter(({ status }) => status === "pass").length;
  return `<details${passed === proofs.length ? "" : " open"}>
<summary><b>${kind}</b> <span class="${passed === proofs.length ? "pass" : "fail"}">${String(passed)} of ${String(proofs.length)} passed</span> <span class="what">${escape(about[kind] ?? "")}</span></summary>
<table><thead><tr><th>Subject</th><th>Status</th><th>Observed</th><th>Expected</th><th>Evidence</th></tr></thead><tbody>
${[...proofs.filter(({ status }) => status !== "pass"), ...proofs.filter(({ status }) => status === "pass")].map(row).join("\n")}
</tbody></table>
</details>`;
}

function row({ id, subject, status, observed, expected, evidence }: Proof): string {
  const again = id.startsWith("again/") ? " <small>after return</small>" : "";
  return `<tr><td>${escape(subject)}${again}</td><td class="${status}">${status}</td><td>${escape(observed)}</td><td>${escape(expected)}</td><td class="evidence">${escape(evidence)}</td></tr>`;
}

const about: Readonly<Record<string, string>> = {
  sa: "IKE and child SA of each tunnel, with exactly the planned transforms",
  certificate: "what each gateway presented to its peers",
  bgp: "sessions and BFD, in tunnels and with the cloud's route service",
  prefixes: "exactly the planned routes, in BGP and in the kernel",
  reachability: "workload to workload, every ordered pair of regions",
  "path-mtu": "the way carries the tunnel's MTU, and says so",
  cleartext: "what crossed between the regions",
  failover: "packets lost while a gateway lost its power",
};

const style = `
:root { color-scheme: light dark; --ink: #1c2430; --dim: #5b6676; --line: #d7dde5; --ground: #fff; --pass: #12734a; --fail: #b3261e; --accent: #2457a8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --dim: #9aa6b5; --line: #333c48; --ground: #12161c; --pass: #4cc38a; --fail: #ff7b72; --accent: #7aa7f0; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); max-width: 1200px; margin: 2rem auto; padding: 0 1.5rem; }
.brand { letter-spacing: .12em; text-transform: uppercase; font-size: 12px; color: var(--dim); margin: 0; }
h1 { font-size: 26px; margin: .2rem 0 .6rem; } h2 { font-size: 18px; margin: 2rem 0 .6rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; }
.pass { color: var(--pass); } .fail, .skip { color: var(--fail); font-weight: 600; }
table { border-collapse: collapse; width: 100%; font-size: 13px; } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; } th { white-space: nowrap; }
.phases { max-width: 640px; } .phases th { font-weight: 500; width: 9rem; } .number { text-align: right; width: 5rem; font-variant-numeric: tabular-nums; } .bar span { display: block; height: 10px; background: var(--accent); border-radius: 5px; min-width: 2px; }
details { margin: .4rem 0; } summary { cursor: pointer; padding: .3rem 0; } .what { color: var(--dim); } .evidence { color: var(--dim); }
svg { width: 100%; height: auto; max-height: 640px; } svg text { fill: var(--ink); font: 14px system-ui, sans-serif; } svg .dim { fill: var(--dim); font-size: 12px; }
svg .region { fill: none; stroke: var(--line); stroke-width: 1.5; } svg .gateway { fill: var(--ground); stroke: var(--accent); stroke-width: 1.5; } svg .tunnel { fill: none; stroke: var(--pass); stroke-width: 1.6; opacity: .75; } svg .tunnel.bad { stroke: var(--fail); stroke-dasharray: 6 4; opacity: 1; }
`;
