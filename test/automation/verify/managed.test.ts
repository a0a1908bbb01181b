import assert from "node:assert/strict";
import { hostOf } from "trunkline/fleet/plan";
import type { GatewayStatus } from "trunkline/gateway/status";
import { judgeCapture } from "../../../automation/verify/judge-capture";
import { judgeCertificates } from "../../../automation/verify/judge-certificates";
import { judgeBgp, judgePrefixes, judgeSas } from "../../../automation/verify/judge-gateways";
import { judgePathMtu } from "../../../automation/verify/judge-paths";
import type { Judgement } from "../../../automation/verify/proof";
import { fleetPlan } from "../../engine/fleets";
import { espPacket, type Healthy, healthyFleet, ikePacket } from "./healthy";

const planWith = (gateways: number) =>
  fleetPlan(["use1", "euw1"], { use1: `gateways: ${String(gateways)}`, euw1: "gateway: managed" });
const plan = planWith(2);

function judgeAll({ statuses, issued, endpoints, packets }: Healthy): Judgement[] {
  return [
    ...judgeSas(plan, statuses),
    ...judgeCertificates(plan, statuses, issued),
    ...judgeBgp(plan, statuses, endpoints),
    ...judgePrefixes(plan, statuses, endpoints),
    ...judgeCapture(plan, statuses, packets),
  ];
}

const gcm = { "encr-alg": "AES_GCM_16", "encr-keysize": "256" };

const failing = (judgements: readonly Judgement[]) =>
  judgements.filter(({ status }) => status === "fail").map(({ id }) => id);

describe("proofs of tunnels to a managed gateway", () => {
  let fleet: Healthy;
  before(async () => {
    fleet = await healthyFleet(plan);
  });
  const telling = (gateway: string, change: (status: GatewayStatus) => GatewayStatus): Healthy => {
    const status = fleet.statuses.get(gateway);
    assert.ok(status !== undefined);
    return { ...fleet, statuses: new Map(fleet.statuses).set(gateway, change(status)) };
  };

  it("all hold when everything is as planned at the own ends, and nobody asks the managed one", () => {
    const judgements = judgeAll(fleet);
    assert.deepEqual(failing(judgements), []);
    const ids = judgements.map(({ id }) => id);
    for (const { id } of plan.links.flatMap(({ tunnels }) => tunnels))
      for (const kind of ["sa", "bgp", "prefixes"]) assert.ok(ids.includes(`${kind}/${id}`), `${kind}/${id}`);
    assert.ok(judgements.every(({ expected }) => !/euw1-[12]: /.test(expected)));
  });

  it("a tunnel that is down fails its sa alone, one with another group as well", () => {
    for (const change of [
      { state: "CONNECTING" },
      { proposal: { "encr-alg": "AES_GCM_16", "dh-group": "ECP_256" } },
    ])
      assert.deepEqual(
        failing(
          judgeSas(
            plan,
            telling("use1-b", (status) => ({
              ...status,
              ikeSas: status.ikeSas.map((sa) => (sa.name === "euw1-2~use1-b" ? { ...sa, ...change } : sa)),
            })).statuses,
          ),
        ),
        ["sa/euw1-2~use1-b"],
      );
  });

  it("a first child SA has no group of its own, and one of the planned group is as good; another fails", () => {
    for (const [group, fails] of [
      [undefined, []],
      ["ECP_384", []],
      ["ECP_256", ["sa/euw1-2~use1-b"]],
    ] as const) {
      const proposal = group === undefined ? gcm : { ...gcm, "dh-group": group };
      const told = telling("use1-b", (status) => ({
        ...status,
        ikeSas: status.ikeSas.map((sa) =>
          sa.name === "euw1-2~use1-b"
            ? { ...sa, childSas: sa.childSas.map((child) => ({ ...child, proposal })) }
            : sa,
        ),
      }));
      assert.deepEqual(failing(judgeSas(plan, told.statuses)), fails);
    }
  });

  it("a session that is down, or that somebody gave BFD, fails that tunnel's bgp", () => {
    const tunnel = plan.links[0]?.tunnels.find(({ id }) => id === "euw1-1~use1-a");
    const address = hostOf(tunnel?.ends[0].inside ?? "");
    for (const change of [{ state: "Active" }, { bfd: "Up" }])
      assert.deepEqual(
        failing(
          judgeBgp(
            plan,
            telling("use1-a", (status) => ({
              ...status,
              neighbours: status.neighbours.map((about) =>
                about.address === address ? { ...about, ...change } : about,
              ),
            })).statuses,
            fleet.endpoints,
          ),
        ),
        ["bgp/euw1-1~use1-a"],
      );
  });

  it("a prefix more fails what it came by", () => {
    const tunnel = plan.links[0]?.tunnels.find(({ id }) => id === "euw1-1~use1-a");
    const address = hostOf(tunnel?.ends[0].inside ?? "");
    const told = telling("use1-a", (status) => ({
      ...status,
      neighbours: status.neighbours.map((about) =>
        about.address === address ? { ...about, received: [...about.received, "10.99.0.0/16"] } : about,
      ),
    }));
    assert.deepEqual(failing(judgePrefixes(plan, told.statuses, fleet.endpoints)), [
      "prefixes/euw1-1~use1-a",
    ]);
  });

  it("ESP must be seen both ways: what a managed gateway gets, by what the own end sends", () => {
    const sas = [...fleet.statuses.values()].flatMap(({ ikeSas }) =>
      ikeSas.filter(({ name }) => name.includes("euw1")),
    );
    const spisOf = (way: "in" | "out") =>
      sas.flatMap(({ childSas }) => childSas.map(({ spis }) => spis[way] ?? ""));
    const packets = (...spis: readonly string[]) => [...spis.map((spi) => espPacket(spi)), ikePacket()];
    const seen = (...spis: readonly string[]) => judgeCapture(plan, fleet.statuses, packets(...spis));
    assert.deepEqual(failing(seen(...spisOf("in"), ...spisOf("out"))), []);
    assert.match(seen(...spisOf("in"))[0]?.observed ?? "", /no ESP of euw1-1~use1-a towards euw1-1/);
    assert.match(seen(...spisOf("out"))[0]?.observed ?? "", /no ESP of euw1-1~use1-a towards use1-a/);
  });

  it("a gateway with tunnels to managed ones alone presents its certificate to nobody, and has no such proof", async () => {
    const alone = planWith(1);
    const { statuses, issued } = await healthyFleet(alone);
    assert.deepEqual(judgeCertificates(alone, statuses, issued), []);
  });

  for (const [from, to, holds] of [
    ["euw1", "use1", true],
    ["use1", "euw1", false],
  ] as const)
    it(`from ${from} no router need name the MTU: ${String(holds)}; what fits must pass`, () => {
      const answered = { code: 0, stdout: "2 packets transmitted, 2 received", stderr: "" };
      const lost = { code: 1, stdout: "2 packets transmitted, 0 received", stderr: "" };
      const of = (fitting: typeof answered) =>
        judgePathMtu(plan, { from, to, family: "ipv4", echo: answered, large: answered, fitting }).status;
      assert.equal(of(answered), holds ? "pass" : "fail");
      assert.equal(of(lost), "fail");
    });
});
