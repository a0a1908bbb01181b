import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { optionsOf } from "../fleet/options";
import { hostOf, type Plan } from "../fleet/plan";
import { endOf } from "../fleet/tunnel-ends";
import { explainUnknown, knows } from "../fleet/system";
import type { GatewayFacts } from "./facts";
import type { Ppks } from "./ppk";
import type { Psks } from "./psk";
import type { Release, ReleaseManifest } from "./release";
import { renderFrr, renderFrrDaemons } from "./renderers/frr";
import { renderGre } from "./renderers/gre";
import { renderNftables } from "./renderers/nftables";
import { renderNetwork } from "./renderers/own-ipv6";
import { ppkPath, renderPpks } from "./renderers/ppk";
import { pskPath, renderPsks } from "./renderers/psk";
import { renderRepair, repairs } from "./renderers/repair";
import { renderRoutes } from "./renderers/routes";
import { renderStrongswan } from "./renderers/strongswan";
import { renderSwanctl } from "./renderers/swanctl";
import { renderLinks, renderSshd, renderSysctl } from "./renderers/system";
import { renderNetworkUnit, renderRepairUnit, renderRoutesUnit, renderUnits } from "./renderers/units";
import { gatewayView, type GatewayView, hasIpv6, speaksIpv6 } from "./view";

/** Packages that a release runs on, by their names in every system of `fleet/system.ts`. */
const packages = [
  "charon-systemd",
  "frr",
  "frr-pythontools",
  "iproute2",
  "libstrongswan-standard-plugins",
  "nftables",
  "strongswan-swanctl",
];

/**
 * One gateway's whole configuration. Pure: equal inputs give equal bytes. The private key is made on the gateway and stays
 * there; what is secret of a release is the content of `secretPaths` alone. Its hash tells nobody anything: a key has 256
 * bits that cannot be guessed.
 * @param ppks of the gateway's tunnels that have one. Secret
 * @param psks of its tunnels to managed gateways. Secret
 * @throws Error when the plan has no such gateway, the facts lack a peer, or the machine's system knows too little
 */
export function renderRelease(
  plan: Plan,
  gateway: string,
  facts: GatewayFacts,
  ppks: Ppks = {},
  psks: Psks = {},
): Release {
  const view = gatewayView(plan, gateway);
  requireKnown(view, facts);
  const files = renderFiles(view, facts, ppks, psks);
  const described = Object.entries(files)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, content]) => [path, { mode: modeOf(path), sha256: sha256(content) }] as const);
  const manifest = canonicalManifest({
    format: "trunkline.release/1",
    gateway,
    system: facts.self.system,
    files: Object.fromEntries(described),
    // Whom the cloud's API is, its certificate says.
    packages: movesRoutes(view) ? [...packages, "ca-certificates"].sort() : packages,
    keyEpoch: view.gateway.keyEpoch,
    expects: {
      connections: [...view.tunnels, ...view.partners].map(({ tunnel }) => tunnel.id),
      neighbours: [
        ...[...view.tunnels, ...view.partners].map(({ peer }) => hostOf(peer.inside)),
        ...facts.endpoints.map(({ address }) => address),
        ...(view.transit?.speakers ?? []),
      ],
    },
  });
  return { gateway, hash: sha256(manifest), manifest, files };
}

/** The plan was checked for the system that it names; the machine may be an older one. */
function requireKnown(
  { region, gateway: { id, system: planned }, tunnels, partners }: GatewayView,
  { self }: GatewayFacts,
): void {
  const options = optionsOf(
    endOf(region, id),
    [...tunnels, ...partners].map(({ tunnel }) => tunnel),
  );
  const unknown = options.filter((option) => !knows(self.system, option));
  if (unknown.length > 0)
    throw new Error(
      `${id}: ${unknown.map((option) => explainUnknown(self.system, option)).join("; ")}. Raise its image epoch, which makes a machine with ${planned}, or leave the option out.`,
    );
}

/**
 * A release as it is pushed, lines of text: the program that receives it, since a new machine has none; the manifest;
 * then `HASH BASE64` for each content, of which only those that the machine lacks are sent.
 */
export function bundleOf({ manifest, files }: Release): string {
  const contents = new Map(
    Object.values(files).map((content) => [sha256(content), Buffer.from(content).toString("base64")]),
  );
  const lines = [...contents]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([hash, text]) => `${hash} ${text}`);
  return `${[`trunkline.bundle/2 ${receiver()}`, manifest, ...lines].join("\n")}\n`;
}

let receiving: string | undefined;

/** `transfer.py` with the two modules that it imports, as one program in base64. */
function receiver(): string {
  receiving ??= Buffer.from(
    ["place", "lease", "transfer"]
      .map((name) => readFileSync(join(__dirname, "host", "trunkline_gateway", `${name}.py`), "utf8"))
      .join("\n")
      .replace(/^from \.\w+ import .*$/gm, ""),
  ).toString("base64");
  return receiving;
}

function renderFiles(view: GatewayView, facts: GatewayFacts, ppks: Ppks, psks: Psks): Record<string, string> {
  const secrets = renderPpks(view, ppks);
  const keys = renderPsks(view, facts, psks);
  return {
    "/etc/frr/daemons": renderFrrDaemons(facts.self.system),
    "/etc/frr/frr.conf": renderFrr(view, facts),
    "/etc/nftables.conf": renderNftables(view, facts),
    "/etc/ssh/sshd_config.d/50-trunkline.conf": renderSshd(),
    "/etc/strongswan.conf": renderStrongswan(),
    "/etc/swanctl/conf.d/trunkline.conf": renderSwanctl(view, facts),
    ...(secrets === undefined ? {} : { [ppkPath]: secrets }),
    ...(keys === undefined ? {} : { [pskPath]: keys }),
    // strongSwan reads only the first certificate of a file.
    ...numbered("/etc/swanctl/x509ca/trunkline-root", facts.roots),
    ...numbered("/etc/swanctl/x509ca/trunkline-issuing", facts.intermediates),
    "/etc/swanctl/x509/trunkline.pem": facts.certificate,
    "/etc/sysctl.d/90-trunkline.conf": renderSysctl(speaksIpv6(view)),
    "/etc/trunkline/links": renderLinks(view),
    ...(hasIpv6(view)
      ? {
          "/etc/systemd/system/trunkline-network.service": renderNetworkUnit(view.region.outside),
          "/etc/trunkline/network": renderNetwork(view, facts),
        }
      : {}),
    ...Object.fromEntries(
      Object.entries(renderUnits(facts.self.system, view.region.outside)).map(([name, unit]) => [
        `/etc/systemd/${name}`,
        unit,
      ]),
    ),
    ...(movesRoutes(view)
      ? {
          "/etc/systemd/system/trunkline-routes.service": renderRoutesUnit(view.region.shared !== undefined),
          "/etc/trunkline/routes.json": renderRoutes(view, facts),
        }
      : {}),
    ...(repairs(view)
      ? {
          "/etc/systemd/system/trunkline-repair.service": renderRepairUnit(),
          "/etc/trunkline/repair.json": renderRepair(view),
        }
      : {}),
    ...(view.transit === undefined ? {} : { "/etc/trunkline/gre": renderGre(view.transit, facts) }),
    ...hostProgram(),
  };
}

function movesRoutes({ region }: GatewayView): boolean {
  return region.routeService.kind === "agent";
}

function numbered(path: string, texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text, index) => [`${path}-${String(index)}.pem`, text]));
}

/** Files of a release that hold a secret, where it has them. */
export const secretPaths: readonly string[] = [ppkPath, pskPath];

/** FRR's own files are read by its own user; nothing else needs more than root writing and all reading, and what is secret less. */
function modeOf(path: string): string {
  if (secretPaths.includes(path)) return "0600";
  return path.startsWith("/usr/local/sbin/") ? "0755" : "0644";
}

let program: Readonly<Record<string, string>> | undefined;

/** The gateway's own program, by the path at which it is installed. */
export function hostProgram(): Readonly<Record<string, string>> {
  if (program !== undefined) return program;
  const folder = join(__dirname, "host");
  const modules = readdirSync(join(folder, "trunkline_gateway")).filter((name) => name.endsWith(".py"));
  program = {
    "/usr/local/sbin/trunkline-gateway": readFileSync(join(folder, "trunkline-gateway"), "utf8"),
    ...Object.fromEntries(
      modules.map((name) => [
        `/usr/local/lib/trunkline/trunkline_gateway/${name}`,
        readFileSync(join(folder, "trunkline_gateway", name), "utf8"),
      ]),
    ),
  };
  return program;
}

/** Sorted keys, no spaces: one value, one text. */
function canonicalManifest(manifest: ReleaseManifest): string {
  return JSON.stringify(manifest, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
