import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import type { GatewayStatus } from "trunkline/gateway/status";
import { Failure } from "../../../automation/failure";
import type { Probes, RunResult } from "../../../automation/site";
import { loseGateway } from "../../../automation/verify/failover";
import type { Loss } from "../../../automation/verify/failover.plan";
import { samplePlan } from "../../components/sample-plan";
import { healthyFleet } from "./healthy";
import { plan as sharing, sharingFleet } from "./sharing";

const plan = samplePlan(["use1", "euw1"]);
const lost = { id: "use1-a", instanceId: "i-1" };

/** Two workloads whose packets all arrive, and what was done to the gateway. */
class Hosts implements Probes {
  readonly did: string[] = [];
  /** Packet programs by the words that end them. */
  readonly running = new Map<string, (ended: RunResult) => void>();
  starts = 0;
  readonly lateness = () => Promise.resolve([]);
  readonly routeServiceSeconds = 0.9;
  onDid: (what: string) => Promise<void> = () => Promise.resolve();

  readonly hosts = () =>
    Promise.resolve(["use1", "euw1"].map((region) => ({ region, host: region, address: `${region}.test` })));
  readonly captureInternet = () => Promise.resolve(new Duplex());
  readonly power = (id: string, state: "on" | "off") => this.#do(`${id} ${state}`);
  readonly cable = (id: string, state: "cut" | "mended") => this.#do(`${id} ${state}`);

  readonly run = (_: string, argv: readonly string[]): Promise<RunResult> => {
    const [program, ...words] = argv;
    if (program === "pkill") this.#end(words.at(-1) ?? "");
    if (program === "sh") return this.#do(words.join(" ")).then(() => said(""));
    if (program !== "python3") return Promise.resolve(said(""));
    const [verb = "", ...rest] = words.slice(2);
    if (verb === "clock") return Promise.resolve(said("100"));
    this.starts += 1;
    const key = `${verb} ${rest.slice(0, 2).join(" ")} `;
    return new Promise((resolve) => this.running.set(key, resolve));
  };

  #end(key: string): void {
    const flows = [95, 96, 97, 98, 99].map((last) => ({ received: Math.ceil(last / 5), last, gaps: [] }));
    this.running.get(key)?.(said(JSON.stringify(key.startsWith("send") ? { sent: 99 } : { flows })));
    this.running.delete(key);
  }

  async #do(what: string): Promise<void> {
    this.did.push(what);
    await this.onDid(what);
  }
}

function said(stdout: string): RunResult {
  return { code: 0, stdout, stderr: "" };
}

describe("a loss that is tried", () => {
  let hosts: Hosts;
  let healthy: Map<string, GatewayStatus>;
  let asked: number;
  let stop: AbortController;
  beforeEach(async () => {
    hosts = new Hosts();
    ({ statuses: healthy } = await healthyFleet(plan));
    asked = 0;
    stop = new AbortController();
  });

  /** Every gateway has carried more each time that it is asked. */
  const status = (gateway: string): Promise<GatewayStatus> => {
    const found = healthy.get(gateway);
    assert.ok(found !== undefined);
    asked += 1;
    return Promise.resolve({ ...found, forwarded: { in: asked, out: asked, handed: 0, taken: 0 } });
  };
  const lose = (loss: Loss, ask = status) => loseGateway(plan, lost, loss, hosts, ask, { stop: stop.signal });
  const interrupted = (error: unknown): boolean => error instanceof Failure && error.kind === "interrupted";

  it("is given back, and counted until the gateway carries traffic again", async () => {
    const { before, back, flows } = await lose("cable");
    assert.deepEqual(hosts.did, ["i-1 cut", "i-1 mended"]);
    assert.deepEqual(Object.keys(before), ["use1-a", "use1-b"]);
    assert.ok(back !== undefined && back !== "never");
    assert.deepEqual(
      flows.map(({ from, to, sent, lost: packets }) => [from, to, sent, packets]),
      [
        ["euw1", "use1", 99, 0],
        ["use1", "euw1", 99, 0],
      ],
    );
    assert.equal(hosts.running.size, 0);
  });

  for (const { loss, did } of [
    { loss: "power", did: ["i-1 off", "i-1 on"] },
    { loss: "cable", did: ["i-1 cut", "i-1 mended"] },
  ] as const)
    it(`stopped while ${loss} is gone: it is back before the command ends, and no packet program is left`, async () => {
      hosts.onDid = () => {
        stop.abort();
        return Promise.resolve();
      };
      await assert.rejects(lose(loss), interrupted);
      assert.deepEqual(hosts.did, did);
      assert.equal(hosts.running.size, 0);
    });

  it("stopped before anything was taken: nothing is", async () => {
    const stopping = (gateway: string): Promise<GatewayStatus> => {
      // The two gateways as it begins, and once packets flow.
      if (asked > 2) stop.abort();
      return status(gateway);
    };
    await assert.rejects(lose("power", stopping), interrupted);
    assert.deepEqual(hosts.did, []);
    assert.equal(hosts.running.size, 0);
  });

  it("taken by halves: it is given back all the same", async () => {
    hosts.onDid = (what) =>
      what.endsWith("off") ? Promise.reject(new Error("half off")) : Promise.resolve();
    await assert.rejects(lose("power"), /half off/);
    assert.deepEqual(hosts.did, ["i-1 off", "i-1 on"]);
    assert.equal(hosts.running.size, 0);
  });

  it("not given back: no packet program is left", async () => {
    hosts.onDid = (what) => (what.endsWith("on") ? Promise.reject(new Error("no boot")) : Promise.resolve());
    await assert.rejects(lose("power"), /no boot/);
    assert.equal(hosts.running.size, 0);
  });

  it("without packets that arrive: no packet program is left", async () => {
    const run = hosts.run;
    const deaf: Probes = {
      ...hosts,
      run: (host, argv) =>
        argv.includes("hears") ? Promise.reject(new Error("nobody hears")) : run(host, argv),
    };
    await assert.rejects(loseGateway(plan, lost, "power", deaf, status), /nobody hears/);
    assert.equal(hosts.running.size, 0);
  });

  it("source ports are drawn again while none goes past the gateway", async () => {
    const partnerOnly = async (gateway: string): Promise<GatewayStatus> => {
      const now = await status(gateway);
      const firstDraw = hosts.starts <= 4;
      return gateway === "use1-a" && firstDraw ? { ...now, forwarded: { in: 0, out: 0 } } : now;
    };
    const { before } = await lose("bgpd", partnerOnly);
    // Two directions, and two programs each.
    assert.equal(hosts.starts, 8);
    assert.ok((before["use1-a"]?.["in"] ?? 0) > 0);
  });
});

describe("a loss at a pair that shares an address", () => {
  it("is noticed when the other has taken it, and over when the gateway is back and the other carries", async () => {
    const [before, after] = [await sharingFleet("use1-a"), await sharingFleet("use1-b")];
    const hosts = new Hosts();
    let asked = 0;
    let since = Infinity;
    let takenAtMend = false;
    // Asked three times, the other has the address.
    const taken = () => asked > since + 6;
    hosts.onDid = (what) => {
      if (what.endsWith("cut")) since = asked;
      else takenAtMend = taken();
      return Promise.resolve();
    };
    const cut = () => hosts.did.at(-1)?.endsWith("cut") === true;
    const status = (gateway: string): Promise<GatewayStatus> => {
      asked += 1;
      if (gateway === "use1-a" && cut()) return Promise.reject(new Error("no answer"));
      const found = (taken() ? after : before).statuses.get(gateway);
      assert.ok(found !== undefined);
      const carries = gateway === (taken() ? "use1-b" : "use1-a");
      return Promise.resolve({
        ...found,
        forwarded: carries ? { in: asked, out: asked } : { in: 1, out: 1 },
      });
    };
    const { back } = await loseGateway(sharing, lost, "cable", hosts, status);
    assert.deepEqual(hosts.did, ["i-1 cut", "i-1 mended"]);
    assert.ok(takenAtMend);
    assert.ok(back !== undefined && back !== "never");
  });
});
