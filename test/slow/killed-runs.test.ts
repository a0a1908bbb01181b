import { randomInt } from "node:crypto";
import { assertSurvives } from "../automation/runs/killed-runs";

const asked = process.env["TRUNKLINE_SEED"];
const seed = asked === undefined ? randomInt(2 ** 31) : Number(asked);

describe(`runs whose process is killed again and again (TRUNKLINE_SEED=${String(seed)})`, function () {
  this.timeout(900_000);
  const regions = ["apse2", "euw1", "use1"];

  for (const { fate, name } of [
    {
      fate: { regions, seconds: 0.3, soakSeconds: 2, canary: "fewest-links" },
      name: "by waves, with a soak",
    },
    { fate: { regions, seconds: 0.3 }, name: "all at once" },
    { fate: { regions, seconds: 0.3, fails: "acme.trust" }, name: "where a stack fails" },
    { fate: { regions, seconds: 0.3, ill: "euw1", canary: "euw1" }, name: "rolled back" },
  ])
    it(`end as they would have, ${name} @slow`, async () => {
      for (let round = 0; round < 5; round += 1) await assertSurvives(fate, 3, seed + round);
    });
});
