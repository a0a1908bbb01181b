import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bundleOf, hostProgram } from "../../../gateway/render";

const firstContact = join(__dirname, "../../../gateway/host/first_contact.py");
const standIns = [
  ...["systemctl", "systemd-run", "systemd-analyze", "ip", "nft", "sshd", "sysctl", "swanctl", "vtysh"],
  ...["frr-reload.py", "dpkg-query", "apt-get", "journalctl", "networkctl"],
];

/** The program syncs every file, as it must; on a disk that would be most of a test's time. */
export const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export interface Said {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A gateway as a folder: the real program, stand-ins for every daemon (stand-in.sh). */
export class HostFolder {
  readonly root: string;
  readonly #bin: string;
  readonly #program: string;

  constructor(private readonly folder = mkdtempSync(join(memory, "trunkline-host-"))) {
    this.root = join(folder, "root");
    this.#bin = join(folder, "bin");
    this.#program = join(folder, "program");
    if (existsSync(this.#bin)) return;
    mkdirSync(this.#bin);
    for (const name of standIns) symlinkSync(join(__dirname, "stand-in.sh"), join(this.#bin, name));
    for (const [path, text] of Object.entries(hostProgram())) {
      mkdirSync(dirname(join(this.#program, path)), { recursive: true });
      writeFileSync(join(this.#program, path), text);
    }
    this.write("/var/lib/trunkline/keys/1.pem", "the key\n");
    // The distribution's own.
    this.write("/etc/frr/frr.conf", "! of the distribution\n");
    this.write("/etc/ssh/trunkline_bootstrap_ecdsa", "first contact\n");
  }

  /** As it is now, for another try. */
  copy(): HostFolder {
    const folder = mkdtempSync(join(memory, "trunkline-host-"));
    cpSync(this.folder, folder, { recursive: true, verbatimSymlinks: true });
    return new HostFolder(folder);
  }

  /** `killedAt`, `fullAt`: the step before which it is killed, or the written file at which the disk is full. */
  run(
    words: readonly string[],
    options: { readonly stdin?: string; readonly killedAt?: number; readonly fullAt?: number } = {},
  ): Said {
    const killer =
      options.killedAt !== undefined
        ? [join(__dirname, "killed.py"), String(options.killedAt)]
        : options.fullAt !== undefined
          ? [join(__dirname, "full.py"), String(options.fullAt)]
          : [];
    return this.#python(
      [...killer, join(this.#program, "usr/local/sbin/trunkline-gateway"), ...words],
      options.stdin ?? "",
    );
  }

  /** What stands in front of a bundle, run as the push script runs it. */
  receive(words: readonly string[], stdin: string): Said {
    const loader = "import base64,sys;exec(base64.b64decode(sys.stdin.readline().split()[1]))";
    return this.#python(["-c", loader, ...words], stdin);
  }

  /** For whatever calls the program by other ways. */
  get environment(): Record<string, string> {
    return {
      PATH: `${this.#bin}:${process.env["PATH"] ?? "/usr/bin:/bin"}`,
      HOME: this.root,
      LANG: "C.UTF-8",
      TRUNKLINE_ROOT: this.root,
    };
  }

  firstContact(...words: string[]): Said {
    return this.#python([firstContact, ...words], "");
  }

  #python(words: readonly string[], input: string): Said {
    const { status, signal, stdout, stderr } = spawnSync("python3", ["-sB", ...words], {
      input,
      encoding: "utf8",
      timeout: 100_000,
      env: this.environment,
    });
    return { code: status, signal, stdout, stderr };
  }

  path(path: string): string {
    return join(this.root, path);
  }

  has(path: string): boolean {
    return existsSync(this.path(path));
  }

  read(path: string): string {
    return readFileSync(this.path(path), "utf8");
  }

  /** Permission bits. */
  mode(path: string): number {
    return statSync(this.path(path)).mode & 0o777;
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
    chmodSync(this.path(path), 0o600);
  }

  /** What a call of a stand-in prints from now on. */
  says(call: string, text: string): void {
    this.write(`/run/said/${call.replace(/[ /]/g, "_")}`, text);
  }

  /** Statements of Python with the program's package at hand. */
  python(text: string): Said {
    return this.#python(
      [
        "-c",
        `import sys;sys.path.insert(0,${JSON.stringify(join(this.#program, "usr/local/lib/trunkline"))})\n${text}`,
      ],
      "",
    );
  }

  /** What the stand-ins were told since the last time. */
  calls(): string[] {
    if (!this.has("/run/calls")) return [];
    const calls = this.read("/run/calls").trimEnd().split("\n");
    rmSync(this.path("/run/calls"));
    return calls;
  }

  /** Everything that a daemon would see or runs, by path; not the notes that the program keeps for itself. */
  visible(): Record<string, string> {
    return Object.fromEntries(
      ["etc", "usr", "run/loaded", "run/active"].flatMap((folder) =>
        existsSync(this.path(folder))
          ? readdirSync(this.path(folder), { recursive: true, withFileTypes: true })
              .filter((entry) => entry.isFile())
              .map((entry) => join(entry.parentPath, entry.name))
              .map((file) => [file.slice(this.root.length), readFileSync(file, "utf8")] as const)
              .sort(([one], [other]) => (one < other ? -1 : 1))
          : [],
      ),
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A release with little in it, for tests of the program and not of what is rendered. */
export function smallRelease(
  change: Readonly<Record<string, string>> = {},
  about: { readonly system?: string } = {},
): {
  readonly name: string;
  readonly bundle: string;
} {
  const files: Record<string, string> = {
    "/etc/frr/frr.conf": "router bgp 1\n",
    "/etc/nftables.conf": "table inet trunkline\n",
    "/etc/swanctl/conf.d/trunkline.conf": "connections {\n  a~b {\n    proposals = good\n  }\n}\n",
    "/etc/systemd/system/trunkline-boot.service": "[Unit]\n",
    "/usr/local/sbin/trunkline-gateway": "the program\n",
    ...change,
  };
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const manifest = JSON.stringify({
    expects: { connections: ["a~b"], neighbours: [] },
    files: Object.fromEntries(
      Object.entries(files).map(([path, text]) => [
        path,
        { mode: /-p[ps]k\.conf$/.test(path) ? "0600" : "0644", sha256: sha256(text) },
      ]),
    ),
    format: "trunkline.release/1",
    gateway: "use1-a",
    keyEpoch: 1,
    packages: ["frr"],
    ...about,
  });
  const name = sha256(manifest);
  return { name, bundle: bundleOf({ gateway: "use1-a", hash: name, manifest, files }) };
}
