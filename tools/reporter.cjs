// mocha's spec reporter that also leaves its counts in a file, for the closing line over all layers, and says at its end
// which files took longest.
const { writeFileSync } = require("node:fs");
const { relative } = require("node:path");
const { reporters, Runner } = require("mocha");

const shown = 8;

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const began = new Map();
    const ended = new Map();
    // Hooks count: a file of scenarios boots its machines in one.
    const seen = ({ file }) => {
      if (file === undefined) return;
      if (!began.has(file)) began.set(file, Date.now());
      ended.set(file, Date.now());
    };
    for (const event of [
      Runner.constants.EVENT_HOOK_BEGIN,
      Runner.constants.EVENT_HOOK_END,
      Runner.constants.EVENT_TEST_BEGIN,
      Runner.constants.EVENT_TEST_END,
    ])
      runner.on(event, seen);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(process.env.TRUNKLINE_COUNTS, JSON.stringify({ passes, failures, pending }));
      const files = [...began]
        .map(([file, at]) => [relative(process.cwd(), file), Math.round((ended.get(file) - at) / 1000)])
        .filter(([, seconds]) => seconds > 0)
        .sort(([, one], [, other]) => other - one)
        .slice(0, shown);
      if (files.length > 0) console.log("  Longest files:");
      for (const [file, seconds] of files) console.log(`    ${file}: ${seconds} s`);
    });
  }
};
