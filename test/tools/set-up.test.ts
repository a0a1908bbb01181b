import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { searchPath } from "../../tools/setup/processes";

/**
 * The command `trunkline-setup` on machines that lack something. Each is this machine in a mount namespace of its own, as
 * an ordinary user, so that nothing can be installed: what is missing is covered by an empty file or a small file system.
 */
const program = join(__dirname, "../../packages/cli/bin/trunkline-setup.js");

interface Row {
  readonly what: string;
  /** Shell words, as root of the namespace; $1 is a folder of the test's own, whose $1/cache is the cache's. */
  readonly before?: string;
  /** A wrapper around the command. */
  readonly around?: readonly string[];
  /** What Node takes the machine for. */
  readonly taken?: { readonly platform: string } | { readonly arch: string };
  readonly says: RegExp;
}

function hide(...programs: readonly string[]): string {
  const paths = programs.flatMap((name) =>
    [...searchPath().split(":"), "/usr/local/go/bin"].map((at) => `${at}/${name}`),
  );
  return `: > "$1/empty"; for file in ${[...new Set(paths)].join(" ")}; do if [ -e "$file" ]; then mount --bind "$1/empty" "$file"; fi; done`;
}

/** The seccomp filter of a container without SYS_PTRACE: system call 101 answers EPERM (x86-64). */
const withoutPtrace = `import ctypes, os, struct, sys
code = b"".join(struct.pack("HBBI", *row) for row in [(0x20, 0, 0, 0), (0x15, 0, 1, 101), (6, 0, 0, 0x50001), (6, 0, 0, 0x7FFF0000)])
text = ctypes.create_string_buffer(code, len(code))
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
filter = Program(4, ctypes.addressof(text))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, ctypes.byref(filter), 0, 0) != 0: sys.exit("no filter")
os.execvp(sys.argv[1], sys.argv[1:])`;

const rows: readonly Row[] = [
  {
    what: "macOS",
    taken: { platform: "darwin" },
    says: /^NotLinux {2}.*this is macOS\. Use a Linux machine/m,
  },
  { what: "arm64", taken: { arch: "arm64" }, says: /^NotX86 {2}.*this machine is arm64\. Use an x86-64/m },
  {
    what: "no mmdebstrap and no gcc",
    before: hide("mmdebstrap", "gcc"),
    says: /^MissingPrograms {2}.*\bgcc\b.*\bmmdebstrap\b.*Run once: sudo apt-get install .*mmdebstrap/m,
  },
  {
    what: "no Go and no download",
    before: hide("go", "pulumi"),
    says: /^NoPulumi {2}.*no Go to build it\. Install Go/m,
  },
  {
    what: "no space in the cache",
    before: 'mkdir -p "$1/cache"; mount -t tmpfs -o size=64m,mode=1777 small "$1/cache"',
    says: /^NoSpace {2}.*cache\/trunkline has 6\d MB free, and the set-up needs .* GB there/m,
  },
  {
    what: "a cache below /proc",
    before: "export XDG_CACHE_HOME=/proc/trunkline",
    says: /^CacheNotWritable {2}/m,
  },
  {
    what: "a tiny /dev/shm, and no room elsewhere",
    before:
      "mount -t tmpfs -o size=16m,mode=1777 small /dev/shm; for at in /tmp /var/tmp; do mount --rbind $at $at; mount -o remount,bind,ro $at; done",
    says: /^NoMemoryFolder {2}.*\/dev\/shm has 1\d MB free, \/tmp cannot be written to.*--shm-size/m,
  },
  {
    what: "no ptrace",
    around: ["python3", "-c", withoutPtrace],
    says: /^NoPtrace {2}.*forbids ptrace \(.*not permitted\)/m,
  },
];

describe("trunkline-setup on a machine that will not do", function () {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "set-up-"))));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  for (const { what, before, around = [], taken, says } of rows)
    it(`${what}: one sentence, status 1, and nothing is begun`, () => {
      const user = ["unshare", "--user", "--map-user=65534", "--map-group=65534", ...around];
      const inside = `set -e; ${before ?? ":"}; shift; exec "$@"`;
      const world = ["--user", "--map-root-user", "--mount", "--net", "sh", "-c", inside, "sh", folder];
      const pretended = encodeURIComponent(
        Object.entries(taken ?? {})
          .map(
            ([name, value]) =>
              `Object.defineProperty(process,${JSON.stringify(name)},{value:${JSON.stringify(value)}});`,
          )
          .join(""),
      );
      const { status, stdout, stderr } = spawnSync(
        "unshare",
        [...world, ...user, process.execPath, program],
        {
          encoding: "utf8",
          timeout: 50_000,
          env: {
            PATH: process.env["PATH"],
            HOME: folder,
            XDG_CACHE_HOME: join(folder, "cache"),
            NODE_OPTIONS: `--import=data:text/javascript,${pretended}`,
          },
        },
      );
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, /\n\s+at /);
      assert.deepEqual([status, stdout], [1, ""]);
    });
});
