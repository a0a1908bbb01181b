// mocha's spec reporter that also leaves its counts in a file, for the closing line over all layers.
const { writeFileSync } = require("node:fs");
const { reporters, Runner } = require("mocha");

module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(process.env.TRUNKLINE_COUNTS, JSON.stringify({ passes, failures, pending }));
    });
  }
};
