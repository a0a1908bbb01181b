// One door to the tests: `unit` (no engine, no kernel), `all`, `slow`. Ends with the line `N passed, N failed`.
// A title with `@slow` is left out but of `slow`, which has everything that has an engine or a kernel.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { lateMs, notMeasured, sideBySideLateMs } from "./stalls.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Fastest first. A layer is a run of its own: a crash in one cannot hide another's result. */
const layers = {
  unit: "test/{fleet,gateway,components,stacks,automation,lab,tools,house}/**/*.test.ts",
  engine: "test/engine/**/*.test.ts",
  lab: "test/scenarios/{*,gateway/*}.test.ts",
  backbone: "test/scenarios/backbone/*.test.ts",
  slow: "test/slow/**/*.test.ts",
};
/**
 * Fleets of few gateways whose cases in `npm test` judge by what arrives, not by when: there they go with the lab's, side
 * by side. The slow suite has their further cases, which measure.
 */
const small = ["managed", "outside-ipv6"].map((name) => `test/scenarios/backbone/${name}.test.ts`);
/** Files of these share nothing but the machine's time; a whole fleet needs all of it, for its kernels' timers. */
const sideBySide = ["unit", "engine", "lab"];
/** Of what takes long, those whose size does not say so: most of it stands in files beside it. */
const longer = ["test/engine/routes.test.ts", "test/engine/clouds.test.ts"];
/** The largest first: what runs side by side then ends with a short one, and waits for nobody. */
function filesOf(layer) {
  const patterns = [layers[layer], ...(asked === "all" && layer === "lab" ? small : [])];
  const exclude = asked === "all" && layer === "backbone" ? small : [];
  const files = globSync(patterns, { cwd: root, exclude }).map((file) => ({
    file,
    size: longer.includes(file) ? Infinity : statSync(join(root, file)).size,
  }));
  return files
    .sort((one, other) =>
      one.size === other.size ? (one.file < other.file ? -1 : 1) : other.size - one.size,
    )
    .map(({ file }) => file);
}
const suites = {
  unit: ["unit"],
  all: ["unit", "engine", "lab", "backbone"],
  slow: ["engine", "lab", "backbone", "slow"],
};
/** Above this a timer was too late for what a layer measures; the first two have no kernels. */
const late = {
  unit: sideBySideLateMs,
  engine: sideBySideLateMs,
  lab: lateMs,
  backbone: lateMs,
  slow: lateMs,
};

/** Scenarios have gateways of every release that the lab can boot; a slow one boots all of Debian 13, with cloud-init. */
const furtherImages = {
  all: ["--image", "debian-12"],
  slow: ["--image", "debian-12", "--image", "debian-13-cloud"],
};

/** Whoever asks for titles gets them, slow ones too. */
const chosen = process.argv.slice(3);
const askedByTitle = chosen.some((word) => /^(-g|--grep|-f|--fgrep)\b/.test(word));

const asked = process.argv[2] ?? "all";
const suite = suites[asked];
if (suite === undefined) {
  console.error(`tools/test.mjs: no suite "${asked}"; there are ${Object.keys(suites).join(", ")}`);
  process.exit(2);
}

function run(command, args, env = {}) {
  return (
    spawnSync(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } }).status ?? 1
  );
}

const folder = mkdtempSync(join(tmpdir(), "trunkline-test-"));
/** Tests start thousands of Pythons: the system's own, which a gateway has, and not one that first chooses among several. */
const python = "/usr/bin/python3";
if (existsSync(python)) {
  symlinkSync(python, join(folder, "python3"));
  process.env.PATH = [folder, process.env.PATH].join(delimiter);
}
const counted = ["passes", "failures", "pending"];

/** One run of mocha: its counts, whole and by file. */
function mocha(layer, patterns) {
  const counts = join(folder, "counts.json");
  rmSync(counts, { force: true });
  const program = join(root, "node_modules/mocha/bin/mocha.js");
  const status = run(
    process.execPath,
    [
      program,
      ...(sideBySide.includes(layer) ? ["--parallel", "--jobs", String(availableParallelism())] : []),
      ...(asked === "slow" || askedByTitle ? [] : ["--grep", "@slow", "--invert"]),
      ...["--reporter", "tools/reporter.cjs", ...patterns, ...chosen],
    ],
    { TRUNKLINE_COUNTS: counts },
  );
  const finished = existsSync(counts);
  const seen = finished
    ? JSON.parse(readFileSync(counts, "utf8"))
    : { passes: 0, failures: 0, pending: 0, files: [], failed: [] };
  // What crashed or was interrupted leaves no counts, and may say that it ended well.
  if (finished && (status === 0 || seen.failures > 0)) return seen;
  const crash = { title: `the layer "${layer}"`, message: `mocha ended early, with status ${status}` };
  return { ...seen, failures: 1, failed: [crash] };
}

/**
 * Tests measure what daemons do in fractions of a second, and wait with deadlines. A file that failed while the machine
 * itself stood still has measured the machine: it runs once more, alone, and that run counts, whatever it says.
 */
function watched(layer, files) {
  const noted = join(folder, "stalls.jsonl");
  const watcher = spawn(process.execPath, [join(root, "tools/stalls.mjs"), noted], { stdio: "ignore" });
  try {
    const first = mocha(layer, files);
    const stalls = existsSync(noted)
      ? readFileSync(noted, "utf8")
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line))
      : [];
    for (const { file, worst } of notMeasured(first.files, stalls, late[layer])) {
      console.log(
        `${file} failed, and the machine stood still for ${worst} ms meanwhile: it runs once more.`,
      );
      const then = first.files.find((about) => about.file === file);
      const now = mocha(layer, [file]);
      for (const key of counted) first[key] += now[key] - then[key];
      first.failed = [...first.failed.filter((failure) => failure.file !== file), ...now.failed];
    }
    return first;
  } finally {
    watcher.kill();
  }
}

const total = { passes: 0, failures: 0, pending: 0 };
const failed = [];
try {
  // Processes that tests start run the compiled code, as a user's do.
  if (run(process.execPath, ["tools/build.mjs"]) !== 0) total.failures += 1;
  else if (
    asked !== "unit" &&
    run(process.execPath, ["packages/cli/bin/trunkline-setup.js", "--for-tests", ...furtherImages[asked]]) !==
      0
  ) {
    console.error("The set-up failed: engine and lab tests cannot run.");
    total.failures += 1;
  } else
    for (const layer of suite) {
      const files = filesOf(layer);
      if (files.length === 0) continue;
      const seen = watched(layer, files);
      for (const key of counted) total[key] += seen[key];
      failed.push(...seen.failed);
    }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
// Of a long log the end is what is kept and read: what failed stands there once more.
if (failed.length > 0) console.log("\nFailed:");
for (const { file, title, message } of failed)
  console.log(
    `  ${file === undefined ? "" : `${file}: `}${title}\n    ${message.replaceAll("\n", "\n    ")}`,
  );
const skipped = total.pending > 0 ? `, ${total.pending} skipped` : "";
console.log(`${total.passes} passed, ${total.failures} failed${skipped}`);
process.exit(total.failures === 0 && total.passes > 0 ? 0 : 1);
