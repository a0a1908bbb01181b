import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { controlPath, sshOptions } from "trunkline/gateway/push";
import { gatewayStatus, type GatewayStatus } from "trunkline/gateway/status";
import { Failure } from "./failure";
import { openStateFolder } from "./runner/state-folder";
import type { LiveFleet } from "./session";
import type { RunResult, Site } from "./site";

/** For how long a connection waits for the next question; whoever asks for longer than a run makes another. */
const sharedSeconds = 10;

/**
 * The way to every gateway of a live fleet: the system's `ssh`, with pinned keys that lie in a private folder. Questions to
 * one gateway share a connection: to make one takes longer than most answers.
 */
export class GatewayAccess {
  readonly #folder: string;
  readonly #targets: ReadonlyMap<string, string>;

  constructor(
    private readonly site: Site,
    { regions, trust }: LiveFleet,
    temporary: string,
  ) {
    this.#folder = mkdtempSync(join(temporary, "access-"));
    const hostKeys = new Map(trust.gateways.map(({ id, hostKey }) => [id, hostKey]));
    const targets = new Map<string, string>();
    const known: string[] = [];
    for (const { gateways } of regions)
      for (const { id, publicAddress, sshUser, pushKey } of gateways) {
        targets.set(id, `${sshUser}@${publicAddress}`);
        known.push(`${publicAddress} ${hostKeys.get(id) ?? ""}`);
        writeFileSync(join(this.#folder, id), `${pushKey.trim()}\n`, { mode: 0o600 });
      }
    writeFileSync(join(this.#folder, "known_hosts"), `${known.join("\n")}\n`, { mode: 0o600 });
    this.#targets = targets;
  }

  get gateways(): string[] {
    return [...this.#targets.keys()];
  }

  /** @throws Failure when the gateway cannot be asked */
  async status(gateway: string): Promise<GatewayStatus> {
    const { code, stdout, stderr } = await this.run(gateway, "trunkline-gateway status", 60);
    if (code !== 0)
      throw new Failure(
        "proofFailed",
        `${gateway} does not answer: ${stderr.trim().slice(0, 500)}`,
        "Look at the gateway.",
      );
    return gatewayStatus.parse(JSON.parse(stdout));
  }

  /** A command on the gateway, through its shell. */
  run(gateway: string, command: string, deadlineSeconds = 30): Promise<RunResult> {
    const target = this.#targets.get(gateway);
    if (target === undefined) throw new Failure("badInput", `The fleet has no gateway ${gateway}.`);
    return new Promise((resolve, reject) => {
      const child = spawn("ssh", [...this.#options(gateway), target, command], {
        env: this.#environment,
        stdio: ["ignore", "pipe", "pipe"],
        timeout: deadlineSeconds * 1000,
        killSignal: "SIGKILL",
      });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      child.on("error", reject);
      child.on("close", (code) => resolve({ code: code ?? 255, stdout, stderr }));
    });
  }

  #options(gateway: string): string[] {
    return [
      // ssh takes what it reads first: who is asked again and again learns of a machine that is gone as soon as who connects.
      "-o",
      "ServerAliveInterval=3",
      "-o",
      "ServerAliveCountMax=3",
      ...sshOptions,
      "-o",
      `UserKnownHostsFile=${join(this.#folder, "known_hosts")}`,
      "-o",
      "ControlMaster=auto",
      "-o",
      `ControlPersist=${String(sharedSeconds)}`,
      "-o",
      `ControlPath=${this.#controlPath(gateway)}`,
      "-i",
      join(this.#folder, gateway),
    ];
  }

  #controlPath(gateway: string): string {
    return controlPath(join(this.#folder, `${gateway}.way`));
  }

  get #environment() {
    return { ...this.site.environment };
  }

  /** The next question comes over a new connection: an answer to it shows that the gateway still lets one in. */
  renew(gateway: string): void {
    const target = this.#targets.get(gateway);
    if (target === undefined || !existsSync(this.#controlPath(gateway))) return;
    spawnSync("ssh", [...this.#options(gateway), "-O", "exit", target], {
      env: this.#environment,
      stdio: "ignore",
      timeout: 5000,
    });
  }

  close(): void {
    for (const gateway of this.gateways) this.renew(gateway);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Opens the way to a live fleet's gateways for some work, and takes its keys from the disk afterwards. */
export async function withAccess<T>(
  site: Site,
  live: LiveFleet,
  work: (access: GatewayAccess) => Promise<T>,
): Promise<T> {
  const access = new GatewayAccess(site, live, openStateFolder(site.stateFolder, site.environment).temporary);
  try {
    return await work(access);
  } finally {
    access.close();
  }
}
