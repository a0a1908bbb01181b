import { standsBy } from "./standby";

describe("a region with a gateway that stands by, preferred by MED", function () {
  standsBy.call(this, "med");
});
