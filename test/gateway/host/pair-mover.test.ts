import assert from "node:assert/strict";
import { z } from "zod";
import { gatewayStatus } from "trunkline/gateway/status";
import { stepped } from "./stepped";

const saidSchema = gatewayStatus.shape.cloudRoutes
  .unwrap()
  .unwrap()
  .and(z.object({ did: z.array(z.string()) }));

/** What `use1-b` says and does after each of these; at first use1-a has the address, and both are well. */
const told = (steps: readonly object[]) => stepped("pair-mover.py", steps, saidSchema);

const gone = { prefixes: 0, state: "Idle" };
const drained = { partner: { preference: 0 } };
/** In this order, and with nothing between. */
const taken = [
  "associate eni-b 10.10.0.21",
  "call euw1-a~use1",
  "call usw2~use1",
  "replace 10.20.0.0/16 eni-b",
];

describe("the program that moves an address with the routes", () => {
  it("stands by while its partner carries: it calls nobody, and keeps no SA of the pair's tunnels", () => {
    const [said, ended] = told([
      { seconds: 5 },
      {
        sas: [
          ["euw1-a~use1", "CONNECTING"],
          ["use1-a~use1-b", "ESTABLISHED"],
        ],
      },
    ]);
    assert.deepEqual(
      [said?.act, said?.why, said?.holders, said?.address, said?.did],
      ["leave", "use1-a holds the address and carries", ["use1-a"], { holder: "use1-a", here: false }, []],
    );
    assert.deepEqual(ended?.did, ["end euw1-a~use1"]);
  });

  it("takes the address, sees it here, calls every peer, and then takes the routes", () => {
    const [, said] = told([{ seconds: 5 }, drained]);
    assert.deepEqual(said?.did.slice(0, 4), taken);
    assert.deepEqual(
      [said?.act, said?.holders, said?.address, said?.moves],
      ["hold", ["use1-b"], { holder: "use1-b", here: true }, 1],
    );
  });

  it("takes it after three seconds when the partner is not heard, and once only", () => {
    const [, first, late, after] = told([{ seconds: 5 }, { partner: gone }, { seconds: 3 }, { seconds: 30 }]);
    assert.deepEqual([first?.act, first?.did], ["leave", []]);
    assert.deepEqual([late?.act, late?.did.slice(0, 4)], ["hold", taken]);
    assert.equal(after?.moves, 1);
  });

  it("waits a minute for a partner that it has never heard: it has just started itself", () => {
    const never = { ...gone, times: 0 };
    const [early, late] = told([{ partner: never, seconds: 59 }, { seconds: 3 }]);
    assert.deepEqual([early?.act, early?.did], ["leave", []]);
    assert.deepEqual([late?.act, late?.moves], ["hold", 1]);
  });

  for (const { why, step, says } of [
    { why: "bgpd does not answer", step: { silent: true }, says: "its daemons do not answer" },
    { why: "it is drained", step: { ...drained, reasons: { operator: 1 } }, says: "it is drained" },
  ])
    it(`takes nothing while ${why}`, () => {
      const [, said] = told([{ seconds: 5 }, { ...step, seconds: 90 }]);
      assert.deepEqual([said?.act, said?.why, said?.did], ["leave", says, []]);
    });

  it("takes nothing while charon does not know the tunnels, and says so", () => {
    const [, said] = told([{ seconds: 5 }, { ...drained, forgets: "usw2~use1" }]);
    assert.deepEqual(said?.did, []);
    assert.equal(said.failed?.error, "the address stays where it is: strongSwan does not know usw2~use1");
  });

  it("moves no route and calls nobody before EC2 shows the address here", () => {
    const [, said] = told([{ seconds: 5 }, { ...drained, late: true }]);
    assert.deepEqual(said?.did, ["associate eni-b 10.10.0.21"]);
    assert.match(said.failed?.error ?? "", /does not show it here$/);
    assert.deepEqual(said.address, { holder: null, here: false });
  });

  it("does not take what EC2 does not give, and says so", () => {
    const [, said] = told([{ seconds: 5 }, { ...drained, fails: "AssociateAddress" }]);
    assert.deepEqual(said?.did, []);
    assert.equal(said.failed?.error, "EC2 refuses AssociateAddress: UnauthorizedOperation");
  });

  it("takes the routes later when EC2 gives the address alone", () => {
    const [, half, whole] = told([
      { seconds: 5 },
      { ...drained, fails: "ReplaceRoute" },
      { fails: null, seconds: 10 },
    ]);
    assert.deepEqual(half?.did.slice(0, 3), taken.slice(0, 3));
    assert.equal(half.address?.here, true);
    assert.deepEqual(whole?.holders, ["use1-b"]);
    assert.ok(whole.did.every((step) => !step.startsWith("associate")));
  });

  it("calls what is not up while it holds the address, and forgets all when it has lost it", () => {
    const own = { at: ["eni-b", "10.10.0.21"] };
    const [, calling, up, lost] = told([
      { ...own, partner: { prefixes: 0 }, seconds: 20 },
      { remote: {}, sas: [["usw2~use1", "ESTABLISHED"]] },
      {
        sas: [
          ["euw1-a~use1", "ESTABLISHED"],
          ["usw2~use1", "ESTABLISHED"],
        ],
        seconds: 5,
      },
      { at: ["eni-a", "10.10.0.5"], remote: gone },
    ]);
    assert.deepEqual(calling?.did, ["call euw1-a~use1"]);
    assert.deepEqual(up?.did, []);
    assert.deepEqual(lost?.did, ["end euw1-a~use1", "end usw2~use1"]);
    assert.equal(lost.act, "leave");
  });

  it("leaves a tunnel between two such pairs to the other end, but for the minute after it has moved", () => {
    const [, said] = told([{ at: ["eni-b", "10.10.0.21"], partner: { prefixes: 0 } }, { seconds: 1 }]);
    assert.deepEqual(said?.did, ["call euw1-a~use1"]);
  });

  it("gives nothing back when the partner returns", () => {
    const [, , back] = told([
      { seconds: 5 },
      { partner: gone, seconds: 5 },
      { partner: { prefixes: 0 }, seconds: 90 },
    ]);
    assert.deepEqual([back?.act, back?.moves], ["hold", 1]);
  });
});
