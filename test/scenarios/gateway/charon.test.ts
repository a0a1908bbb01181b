import { charonDies } from "./charon";

for (const system of ["debian-13", "debian-12"] as const)
  describe(`a charon of ${system} that dies, with the real daemons`, function () {
    charonDies.call(this, system, "its absence");
  });
