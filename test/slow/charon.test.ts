import { charonDies } from "../scenarios/gateway/charon";

/** Needs what `npm test` sets up for the lab. */
for (const system of ["debian-13", "debian-12"] as const)
  describe(`a charon of ${system} that comes back where there is no partner, with the real daemons`, function () {
    charonDies.call(this, system, "its return");
  });
