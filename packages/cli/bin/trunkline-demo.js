#!/usr/bin/env node
"use strict";
// Plain old JavaScript on purpose: an older Node must get as far as the sentence below.
var version = process.versions.node.split(".").map(Number);
if (version[0] < 22 || (version[0] === 22 && version[1] < 12)) {
  process.stderr.write(
    "trunkline-demo needs Node 22.12 or newer; this is " + process.versions.node + ". Install Node 24 and try again.\n",
  );
  process.exit(2);
}
require("../automation/demo/main.js");
