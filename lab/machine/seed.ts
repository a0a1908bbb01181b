import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine } from "../world/model";

/** What a cloud tells a machine at boot. */
export interface MachineSeed {
  readonly hostname: string;
  /** With the subnet's prefix: `10.10.1.4/24`. */
  readonly address: string;
  /** The subnet's first address: the network's router. */
  readonly router: string;
  readonly mac: string;
  readonly mtu: number;
  readonly userData: string;
  /** The authority that the clouds' APIs have their certificates from, and the names of these APIs. */
  readonly cloud?: CloudDoors | undefined;
}

export interface CloudDoors {
  /** PEM. */
  readonly authority: string;
  /** OpenSSL's hash of its subject: the name of its file in a folder of trusted certificates. */
  readonly hash: string;
  readonly address: string;
  readonly names: readonly string[];
}

interface SeedFile {
  readonly name: string;
  readonly mode: number;
  readonly content: string;
}

/** A tar archive for a machine's second disk, unpacked by `/usr/lib/trunkline-lab/start` in the image. */
export function machineSeed(seed: MachineSeed): Buffer {
  const settings = Object.entries({
    MACHINE_HOSTNAME: seed.hostname,
    MACHINE_ADDRESS: seed.address,
    MACHINE_ROUTER: seed.router,
    MACHINE_MAC: seed.mac,
    MACHINE_MTU: String(seed.mtu),
  });
  return tar([
    ...agentFiles(),
    shipped("configure"),
    shipped("user-data-once"),
    {
      name: "settings",
      mode: 0o600,
      content: settings.map(([key, value]) => `${key}=${quoted(value)}\n`).join(""),
    },
    ...authorityOf(seed.cloud),
    ...(seed.cloud === undefined
      ? []
      : [{ name: "names", mode: 0o644, content: `${seed.cloud.address} ${seed.cloud.names.join(" ")}\n` }]),
    { name: "user-data", mode: 0o700, content: seed.userData },
  ]);
}

/** Images that boot as on a cloud: what others are told here, they ask the cloud itself. */
export function isCloudImage(image: Machine["image"]): boolean {
  return image === "debian-13-cloud";
}

/**
 * The hardware that such a machine finds, and whom to believe; everything else comes by DHCP and metadata.
 * @see cloud-init, "Amazon EC2" (data sources): it knows EC2 by the firmware's system UUID
 */
export function cloudSeed(id: string, doors: CloudDoors | undefined): Buffer {
  const digits = createHash("sha256").update(id).digest("hex");
  const uuid = [
    "ec2" + digits.slice(0, 5),
    ...[5, 9, 13].map((at) => digits.slice(at, at + 4)),
    digits.slice(17, 29),
  ];
  const firmware = {
    "system-manufacturer": "Amazon EC2",
    "system-uuid": uuid.join("-"),
    "system-serial-number": uuid.join("-"),
    "chassis-asset-tag": "Amazon EC2",
  };
  return tar([
    ...agentFiles(),
    shipped("configure-cloud", "configure"),
    {
      name: "firmware",
      mode: 0o600,
      content: Object.entries(firmware)
        .map(([key, value]) => `${key}: ${value}\n`)
        .join(""),
    },
    ...authorityOf(doors),
  ]);
}

function authorityOf(doors: CloudDoors | undefined): SeedFile[] {
  return doors === undefined
    ? []
    : [{ name: `authority.${doors.hash}`, mode: 0o644, content: doors.authority }];
}

/** The fabric kernel boots straight into the agent. */
export function fabricSeed(): Buffer {
  return tar(agentFiles());
}

function agentFiles(): SeedFile[] {
  const programs = ["agent.py", "channel.py", "frames.py", "lateness.py"].map((name) => ({
    name,
    mode: 0o644,
    content: readFileSync(join(__dirname, "agent", name), "utf8"),
  }));
  return [shipped("agent"), ...programs];
}

function shipped(file: string, name = file): SeedFile {
  return { name, mode: 0o755, content: readFileSync(join(__dirname, "seed", file), "utf8") };
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** POSIX ustar, the few fields that matter; names are short. */
function tar(files: readonly SeedFile[]): Buffer {
  const blocks = files.flatMap(({ name, mode, content }) => {
    const bytes = Buffer.from(content, "utf8");
    const padded = Buffer.alloc(Math.ceil(bytes.length / 512) * 512);
    bytes.copy(padded);
    return [header(name, mode, bytes.length), padded];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function header(name: string, mode: number, size: number): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, at: number, digits: number) =>
    block.write(`${value.toString(8).padStart(digits, "0")}\0`, at, "ascii");
  block.write(name, 0, 100, "utf8");
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11);
  block.write("        ", 148, "ascii");
  block.write("0", 156, "ascii");
  block.write("ustar\u000000", 257, "ascii");
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
    "ascii",
  );
  return block;
}
