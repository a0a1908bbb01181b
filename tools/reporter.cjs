// mocha's spec reporter that also leaves its counts and its failures in a file, whole and by file, for the closing lines
// over all layers, and says at its end which files took longest.
const { writeFileSync } = require("node:fs");
const { relative } = require("node:path");
const { reporters, Runner } = require("mocha");

const shown = 8;
const linesOfMessage = 12;

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const files = new Map();
    const failed = [];
    // Hooks count: a file of scenarios boots its machines in one.
    const seen = ({ file }) => {
      if (file === undefined) return;
      const about = files.get(file) ?? { began: Date.now(), spent: 0, passes: 0, failures: 0, pending: 0 };
      files.set(file, { ...about, ended: Date.now() });
      return files.get(file);
    };
    for (const event of [
      Runner.constants.EVENT_HOOK_BEGIN,
      Runner.constants.EVENT_HOOK_END,
      Runner.constants.EVENT_TEST_BEGIN,
      Runner.constants.EVENT_TEST_END,
    ])
      runner.on(event, seen);
    for (const event of [Runner.constants.EVENT_HOOK_END, Runner.constants.EVENT_TEST_END])
      runner.on(event, ({ file, duration }) => {
        if (file !== undefined) files.get(file).spent += duration ?? 0;
      });
    for (const [event, counter] of [
      [Runner.constants.EVENT_TEST_PASS, "passes"],
      [Runner.constants.EVENT_TEST_FAIL, "failures"],
      [Runner.constants.EVENT_TEST_PENDING, "pending"],
    ])
      runner.on(event, (test) => {
        const about = seen(test);
        if (about !== undefined) about[counter] += 1;
      });
    runner.on(Runner.constants.EVENT_TEST_FAIL, (test, error) => {
      failed.push({
        file: test.file === undefined ? undefined : relative(process.cwd(), test.file),
        title: test.titlePath().join(" > "),
        message: String(error?.message ?? error)
          .split("\n", linesOfMessage)
          .join("\n"),
      });
    });
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      const about = [...files].map(([file, { spent, ...counted }]) => ({
        file: relative(process.cwd(), file),
        ...counted,
        // Files that run side by side are told of when they are over.
        began: Math.min(counted.began, counted.ended - spent),
      }));
      const counts = process.env.TRUNKLINE_COUNTS;
      if (counts !== undefined)
        writeFileSync(counts, JSON.stringify({ passes, failures, pending, files: about, failed }));
      const longest = about
        .map(({ file, began, ended }) => [file, Math.round((ended - began) / 1000)])
        .filter(([, seconds]) => seconds > 0)
        .sort(([, one], [, other]) => other - one)
        .slice(0, shown);
      if (longest.length > 0) console.log("  Longest files:");
      for (const [file, seconds] of longest) console.log(`    ${file}: ${seconds} s`);
    });
  }
};
