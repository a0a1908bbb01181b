import { charonDies } from "./charon";

for (const [system, slow] of [
  ["debian-13", ""],
  ["debian-12", " @slow"],
] as const)
  describe(`a charon of ${system} that dies, with the real daemons${slow}`, function () {
    charonDies.call(this, system, "its absence");
  });
