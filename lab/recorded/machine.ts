import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ExecResult } from "../client/client";
import { run } from "./run";

/** Programs that a gateway's own program calls and a host of the lab does not have, or must not be changed by. */
const standIns = [
  ...["systemctl", "systemd-run", "systemd-analyze", "ip", "nft", "sshd", "sysctl", "swanctl", "vtysh"],
  ...["frr-reload.py", "dpkg-query", "apt-get", "journalctl"],
];
const hostKey = "etc/ssh/trunkline_host_ed25519.pub";
const bootstrapKey = "etc/ssh/trunkline_bootstrap_ecdsa";

/**
 * A machine without a kernel: a folder with its files, in which the gateway's own program runs on the host's Python,
 * every other program a stand-in that remembers. User data is not run but read: whatever it says must not happen here.
 */
export class RecordedMachine {
  readonly #root: string;
  readonly #bin: string;

  constructor(private readonly folder: string) {
    this.#root = join(folder, "root");
    this.#bin = join(folder, "bin");
  }

  /** First power-on; a machine that is there already keeps its disk. */
  create(userData: string): void {
    if (existsSync(this.#root)) return;
    mkdirSync(this.#bin, { recursive: true, mode: 0o700 });
    for (const name of standIns) symlinkSync(join(__dirname, "stand-in.py"), join(this.#bin, name));
    const pushKey = /^.*?\b(ssh-ed25519 [A-Za-z0-9+/=]+)/m.exec(userData)?.[1];
    const bootstrap = /-----BEGIN OPENSSH PRIVATE KEY-----[\s\S]+?-----END OPENSSH PRIVATE KEY-----\n/.exec(
      userData,
    );
    if (pushKey !== undefined) this.#write("root/.ssh/authorized_keys", `${pushKey}\n`);
    if (bootstrap !== null) this.#write(bootstrapKey, bootstrap[0]);
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Public host keys that its sshd offers now: type and base64. */
  async hostKeys(): Promise<string[]> {
    const own = join(this.#root, hostKey);
    const first = join(this.#root, bootstrapKey);
    return [
      ...(existsSync(own) ? [words(readFileSync(own, "utf8"))] : []),
      ...(existsSync(first) ? [words(await publicKeyOf(first))] : []),
    ];
  }

  authorizes(publicKey: string): boolean {
    const file = join(this.#root, "root/.ssh/authorized_keys");
    return existsSync(file) && readFileSync(file, "utf8").split("\n").includes(words(publicKey));
  }

  /** What a shell on the machine would do with a command, as far as it concerns the gateway's program. */
  async shell(command: string, stdin: Uint8Array, deadlineSeconds: number): Promise<ExecResult> {
    const state = join(this.#root, "var/lib/trunkline/");
    const program = join(this.#root, "usr/local/sbin/trunkline-gateway");
    const here = command
      .replace(/^(\/usr\/local\/sbin\/)?trunkline-gateway\b/, `python3 -EsB '${program}'`)
      .replace(/^(python3 -EsB )\/var\/lib\/trunkline\//, `$1${state}`);
    if (!/^(true$|python3 )/.test(here))
      return { code: 127, stdout: "", stderr: "the recorded lab runs the gateway's own program only\n" };
    return run(["/bin/sh", "-c", here], {
      directory: this.#root,
      stdin,
      deadlineSeconds,
      environment: {
        PATH: [this.#bin, process.env["PATH"] ?? "/usr/bin:/bin"].join(":"),
        HOME: join(this.#root, "root"),
        LANG: "C.UTF-8",
        TRUNKLINE_ROOT: this.#root,
      },
    });
  }

  #write(path: string, text: string): void {
    const target = join(this.#root, path);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    writeFileSync(target, text, { mode: 0o600 });
  }
}

/** @param file of a private key that has no passphrase; ssh-keygen(1) */
export async function publicKeyOf(file: string): Promise<string> {
  const environment = { PATH: process.env["PATH"] ?? "/usr/bin:/bin" };
  const options = { environment, directory: "/", stdin: Buffer.alloc(0), deadlineSeconds: 10 };
  const { code, stdout } = await run(["ssh-keygen", "-y", "-P", "", "-f", file], options);
  return code === 0 ? stdout : "";
}

/** Type and key, without the comment. */
function words(line: string): string {
  return line.trim().split(/\s+/).slice(0, 2).join(" ");
}
