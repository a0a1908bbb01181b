import assert from "node:assert/strict";
import { judgeCapture } from "../../../automation/verify/judge-capture";
import { judgeSas } from "../../../automation/verify/judge-gateways";
import { judgePathMtu } from "../../../automation/verify/judge-paths";
import { samplePlan, withOutsideIpv6 } from "../../components/sample-plan";
import { espPacket, type Healthy, healthyFleet, pinged, tooLong } from "./healthy";

const overIpv4 = samplePlan(["apne1", "euw1", "use1"]);
const plan = withOutsideIpv6(overIpv4, ["euw1", "use1"]);
const judge = (of: typeof plan, { statuses, packets }: Healthy) =>
  [...judgeSas(of, statuses), ...judgeCapture(of, statuses, packets)].filter(
    ({ status }) => status === "fail",
  );

describe("proofs of tunnels over IPv6", () => {
  let fleet: Healthy;
  before(async () => {
    fleet = await healthyFleet(plan);
  });

  it("hold where daemons and the wire show what is planned, of each tunnel by itself", () => {
    assert.deepEqual(judge(plan, fleet), []);
    const said = judgeSas(plan, fleet.statuses).map(({ id, observed }) => [id, / over IPv6/.test(observed)]);
    for (const [id, over] of said) assert.equal(over, /euw1-.~use1/.test(String(id)), String(id));
  });

  it("fail where a tunnel runs over the other family than is planned: its sa, and the wire", async () => {
    const failed = judge(plan, await healthyFleet(overIpv4));
    const four = ["a~use1-a", "a~use1-b", "b~use1-a", "b~use1-b"].map((end) => `sa/euw1-${end}`);
    assert.deepEqual(failed.map(({ id }) => id).sort(), ["cleartext/internet", ...four].sort());
    assert.match(failed.find(({ kind }) => kind === "cleartext")?.observed ?? "", /no ESP of .* over IPv6/);
    assert.deepEqual(
      judge(overIpv4, fleet)
        .map(({ id }) => id)
        .sort(),
      ["cleartext/internet", ...four].sort(),
    );
  });

  it("fail where the daemons say IPv6, and the wire has the same SPIs over IPv4 alone", () => {
    const spis = [...fleet.statuses.values()].flatMap(({ ikeSas }) =>
      ikeSas.flatMap(({ childSas }) => childSas.map(({ spis }) => spis.in ?? "")),
    );
    const ike = fleet.packets.slice(-1);
    const failed = judge(plan, { ...fleet, packets: [...spis.map((spi) => espPacket(spi)), ...ike] });
    assert.deepEqual(
      failed.map(({ id }) => id),
      ["cleartext/internet"],
    );
  });

  it("expect a path's MTU to be that of its tunnels: 20 bytes less", () => {
    const path = { from: "euw1", to: "use1", family: "ipv4", echo: pinged(5) } as const;
    for (const [mtu, status] of [
      [1370, "pass"],
      [1390, "fail"],
    ] as const)
      assert.equal(
        judgePathMtu(plan, { ...path, large: tooLong(mtu), fitting: pinged(2, 2) }).status,
        status,
      );
  });
});
