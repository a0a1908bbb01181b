import { standsBy } from "../scenarios/backbone/standby";

/** Needs what `npm test` sets up for the lab. */
describe("a region with a gateway that stands by, preferred by MED", function () {
  standsBy.call(this, "med");
});

describe("a region that was active-active, with a gateway that stands by, preferred by prepending", function () {
  standsBy.call(this, "prepend", "both");
});
