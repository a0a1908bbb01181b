// One door to the tests: `unit` (no engine, no kernel), `all`, `slow`. Ends with the line `N passed, N failed`.
// A title with `@slow` is left out but of `slow`, which has everything that has an engine or a kernel.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { globSync } from "node:fs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Fastest first. A layer is a run of its own: a crash in one cannot hide another's result. */
const layers = {
  unit: "test/{fleet,gateway,components,stacks,automation,lab,tools,house}/**/*.test.ts",
  engine: "test/engine/**/*.test.ts",
  lab: "test/scenarios/**/*.test.ts",
  slow: "test/slow/**/*.test.ts",
};
/** Files of these share nothing; scenarios share the machine's time, which their kernels' timers need. */
const sideBySide = ["unit", "engine"];
const suites = { unit: ["unit"], all: ["unit", "engine", "lab"], slow: ["engine", "lab", "slow"] };

/** Scenarios have gateways of every release that the lab can boot. */
const furtherImages = ["--image", "debian-12"];

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
const total = { passes: 0, failures: 0, pending: 0 };
try {
  // Processes that tests start run the compiled code, as a user's do.
  if (run(process.execPath, ["tools/build.mjs"]) !== 0) total.failures += 1;
  else if (
    asked !== "unit" &&
    run(process.execPath, ["packages/cli/bin/trunkline-setup.js", "--for-tests", ...furtherImages]) !== 0
  ) {
    console.error("The set-up failed: engine and lab tests cannot run.");
    total.failures += 1;
  } else
    for (const layer of suite) {
      if (globSync(layers[layer], { cwd: root }).length === 0) continue;
      const counts = join(folder, `${layer}.json`);
      const mocha = join(root, "node_modules/mocha/bin/mocha.js");
      const status = run(
        process.execPath,
        [
          mocha,
          ...(sideBySide.includes(layer) ? ["--parallel", "--jobs", String(availableParallelism())] : []),
          ...(asked === "slow" || askedByTitle ? [] : ["--grep", "@slow", "--invert"]),
          ...["--reporter", "tools/reporter.cjs", layers[layer], ...chosen],
        ],
        {
          TRUNKLINE_COUNTS: counts,
        },
      );
      const seen = existsSync(counts)
        ? JSON.parse(readFileSync(counts, "utf8"))
        : { passes: 0, failures: 0, pending: 0 };
      for (const key of Object.keys(total)) total[key] += seen[key];
      // mocha's status is its count of failures; a crash leaves no counts, and is one.
      if (status !== 0 && seen.failures === 0) total.failures += 1;
    }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const skipped = total.pending > 0 ? `, ${total.pending} skipped` : "";
console.log(`${total.passes} passed, ${total.failures} failed${skipped}`);
process.exit(total.failures === 0 && total.passes > 0 ? 0 : 1);
