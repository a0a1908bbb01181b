import assert from "node:assert/strict";
import { askProofs } from "../../../automation/gates/proofs-gate";
import type { Proof } from "../../../automation/verify/proof";
import { samplePlan } from "../../components/sample-plan";

const plan = samplePlan(["apse2", "euw1", "use1"]);
const proof = (kind: Proof["kind"], subject: string, status: Proof["status"]): Proof => ({
  id: `${kind}/${subject}`,
  kind,
  subject,
  status,
  expected: "every echo request answered",
  observed: status === "pass" ? "5 of 5 answered" : "0 of 5 answered",
  evidence: "",
  seconds: 1,
});
const canary = { unsettled: ["apse2", "use1"], disturbed: [] };

describe("the gate of proofs", () => {
  const ask = (proofs: readonly Proof[], held: readonly string[] = []) =>
    askProofs(plan, canary, new Set(held), () => Promise.resolve([...proofs]));

  it("passes with what counts, and says what waits for others", async () => {
    const { answer, holding } = await ask([
      proof("sa", "euw1-a~euw1-b", "pass"),
      proof("sa", "euw1-a~use1-a", "fail"),
      proof("sa", "euw1-b~use1-a", "pass"),
    ]);
    assert.deepEqual(answer, { outcome: "passed", evidence: ["1 proof passed; 2 wait for other regions"] });
    assert.deepEqual([...holding], ["sa/euw1-a~euw1-b", "sa/euw1-b~use1-a"]);
  });

  it("fails with what held before and does not any more, and shows what was seen", async () => {
    const { answer } = await ask(
      [proof("reachability", "euw1>use1", "fail"), proof("reachability", "euw1>apse2", "fail")],
      ["reachability/euw1>use1"],
    );
    assert.deepEqual(answer, {
      outcome: "failed",
      because: "1 of 1 proof failed",
      evidence: ["reachability/euw1>use1: expected every echo request answered; seen: 0 of 5 answered"],
    });
  });

  it("waits for what counts alone", async () => {
    const waited: boolean[] = [];
    await askProofs(plan, canary, new Set(["sa/euw1-a~use1-a"]), (counts) => {
      for (const tunnel of ["euw1-a~use1-a", "euw1-a~use1-b"])
        waited.push(counts({ id: `sa/${tunnel}`, kind: "sa", subject: tunnel }));
      return Promise.resolve([]);
    });
    assert.deepEqual(waited, [true, false]);
  });

  it("shows so many that fail at most, and how many more there are", async () => {
    const failing = Array.from({ length: 30 }, (_, index) =>
      proof("bgp", `euw1-a~x${String(index)}`, "fail"),
    );
    const { answer } = await ask(failing);
    assert.equal(answer.outcome, "failed");
    assert.equal(answer.outcome === "failed" && answer.evidence.length, 21);
    assert.equal(answer.outcome === "failed" && answer.evidence.at(-1), "… 10 more");
  });
});
