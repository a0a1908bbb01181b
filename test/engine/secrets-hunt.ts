import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { StateFolder } from "../../automation/runner/state-folder";
import { allTunnels, type Plan } from "../../fleet/plan";
import { derivePpks } from "../../gateway/ppk";
import { derivePsks } from "../../gateway/psk";
import { stackGraph } from "../../stacks/graph";

/**
 * What a user has in the environment and nobody else may see. It reaches the engine's processes by the environment, as it
 * must in a cloud, and must get no further.
 */
export const planted = {
  PULUMI_CONFIG_PASSPHRASE: "planted-passphrase-3f9c1d7a5e",
  AWS_SESSION_TOKEN: "IQoJb3JpZ2luX2VjEPLANTEDTOKEN0123456789",
  ARM_CLIENT_SECRET: "8Q~plantedplantedplantedplanted",
  AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG/plantedEXAMPLEKEY",
  PULUMI_ACCESS_TOKEN: "pul-plantedplantedplantedplantedplanted1",
};

/** Secrets by their names. */
export type Known = ReadonlyMap<string, string>;

interface Engine {
  readonly pulumiRoot: string;
  readonly state: StateFolder;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Every private key of the fleet, its post-quantum preshared keys and what they are derived of, asked of the engine's
 * encrypted state; and what was planted.
 */
export function secretsOf(plan: Plan, { pulumiRoot, state, environment }: Engine): Known {
  const found = new Map<string, string>(Object.entries(planted));
  for (const { name } of stackGraph(plan)) {
    const words = ["stack", "export", "--show-secrets", "--stack", name, "--non-interactive"];
    const text = execFileSync(join(pulumiRoot, "bin", "pulumi"), words, {
      cwd: state.workDir(name),
      env: { ...environment, ...state.environment },
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    for (const [, body = ""] of text.matchAll(/BEGIN [A-Z ]*PRIVATE KEY-----([^-]+)-----END/g)) {
      const part = secretPart(body.replace(/\\+n|\s/g, ""));
      // One key may stand in the state of several stacks.
      if (![...found.values()].includes(part)) found.set(`private key of ${name} ${part.slice(0, 4)}…`, part);
    }
    for (const [secret, key] of ppksIn(plan, text)) found.set(secret, key);
  }
  return found;
}

/** What the trust stack hands on for PPKs and PSKs, and the keys themselves. */
function ppksIn(plan: Plan, text: string): [string, string][] {
  const [, body] = /ppkSeeds[\\"]*:\s*\{([^}]*)\}/.exec(text) ?? [];
  if (body === undefined) return [];
  const seeds = [...body.matchAll(/([a-z0-9]+)[\\"]+:[\s\\"]+([A-Za-z0-9+/=]{44})/g)].map(
    ([, region = "", seed = ""]) => [region, seed] as const,
  );
  const ppks = Object.entries(derivePpks(plan.fleet, allTunnels(plan), Object.fromEntries(seeds)));
  const psks = Object.entries(derivePsks(plan.fleet, allTunnels(plan), Object.fromEntries(seeds)));
  return [
    ...seeds.map(([region, seed]): [string, string] => [`PPK seed of ${region}`, seed]),
    ...ppks.map(([tunnel, key]): [string, string] => [`PPK of ${tunnel}`, key]),
    ...psks.map(([tunnel, key]): [string, string] => [`PSK of ${tunnel}`, key]),
  ];
}

/** Names of the secrets that stand in a text, as they are or in base64. */
export function hunt(known: Known, text: string): string[] {
  const flat = text.replace(/\\+n|[\r\n]/g, "");
  return [...known].flatMap(([name, secret]) =>
    [secret, ...inBase64(secret)].some((form) => flat.includes(form)) ? [name] : [],
  );
}

export interface File {
  readonly path: string;
  readonly text: string;
}

/**
 * Of a key in base64, what nobody else can know: a key also holds its public half, which stands in certificates.
 * @throws Error when it is of a form that is not known here
 */
function secretPart(body: string): string {
  const bytes = Buffer.from(body, "base64");
  const slice = (start: number, length: number): string =>
    body.slice(Math.ceil(start / 3) * 4, Math.floor((start + length) / 3) * 4);
  // RFC 5915: version 1, then the scalar as an octet string.
  for (const length of [32, 48]) {
    const at = bytes.indexOf(Buffer.from([2, 1, 1, 4, length]));
    if (at >= 0) return slice(at + 5, length);
  }
  // RFC 8410: an Ed25519 seed is an octet string in an octet string.
  const seed = bytes.indexOf(Buffer.from([4, 34, 4, 32]));
  if (seed >= 0) return slice(seed + 4, 32);
  // OpenSSH, PROTOCOL.key: the private part comes last. Curve, public point, scalar; or public key, seed, public key.
  const curve = bytes.lastIndexOf("nistp");
  const point = curve + 8;
  if (curve >= 0) return slice(point + 4 + bytes.readUInt32BE(point) + 4, 32);
  const edwards = bytes.lastIndexOf("ssh-ed25519");
  if (edwards < 0) throw new Error(`a key that begins with ${body.slice(0, 12)}`);
  return slice(edwards + 11 + 4 + 32 + 4, 32);
}

/** As it stands in base64, whatever stands before it. */
function inBase64(secret: string): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.from(`${"-".repeat(before)}${secret}`).toString("base64");
    // The first and the last letters depend on the neighbours.
    return text.slice(before === 0 ? 0 : 4, -4);
  });
}

export function filesBelow(folder: string): File[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
}
