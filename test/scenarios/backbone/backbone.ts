import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { derivePlan } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import { allTunnels, type Plan, type PlannedTunnel } from "trunkline/fleet/plan";
import { gatewaysAt } from "trunkline/fleet/tunnel-ends";
import { waysTo } from "trunkline/fleet/ways";
import type { GatewayStatus } from "trunkline/gateway/status";
import type { LabSite } from "../../../automation/cli/lab-door";
import { GatewayAccess } from "../../../automation/gateway-access";
import { bringUp } from "../../../automation/operations/replace";
import type { RunEvent, Runner } from "../../../automation/runner/runner";
import type { LiveFleet, SessionOptions } from "../../../automation/session";
import type { RunResult } from "../../../automation/site";
import { betweenQuestions } from "../../../automation/pause";
import { labOf } from "../../../automation/up";
import type { Proof } from "../../../automation/verify/proof";
import { verify } from "../../../automation/verify/verify";
import type { LabClient } from "../../../lab/client/client";
import { openLab } from "../../../lab/client/open";
import {
  labCommands,
  labManagement,
  openLabSite,
  runner,
  Session,
  withoutLoader,
} from "../../engine/compiled";
import { carrying } from "../sas";

const regions = {
  use1: "{ cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }",
  euw1: "{ cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }",
  apne1: "{ cloud: aws, region: ap-northeast-1, cidr: 10.30.0.0/16 }",
  sae1: "{ cloud: aws, region: sa-east-1, cidr: 10.40.0.0/16 }",
} as const;

type RegionName = keyof typeof regions;

/** @param more lines of the fleet itself */
export function planOf(
  names: readonly RegionName[],
  change: Readonly<Partial<Record<RegionName, string>>> = {},
  more = "",
): Plan {
  const lines = names.map((name) => `  ${name}: ${change[name] ?? regions[name]}\n`).join("");
  const parsed = parseFleet(`fleet: acme\n${more}regions:\n${lines}`, "fleet.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return derivePlan(parsed.value);
}

/** Two regions, a pair of gateways in each. */
export const two = planOf(["use1", "euw1"]);

/** A region whose gateways move its routes, one that a transit gateway follows, and one whose pair shares an address. */
export const kinds = planOf(["use1", "apne1", "sae1"], {
  use1: "{ cloud: aws, region: us-east-1, cidr: 10.10.0.0/16, routes: agent }",
  apne1: "{ cloud: aws, region: ap-northeast-1, cidr: 10.30.0.0/16, routes: transit-gateway }",
  sae1: "{ cloud: aws, region: sa-east-1, cidr: 10.40.0.0/16, ha: active-standby, routes: agent, address: moved }",
});

/** A whole fleet on the real engine and real daemons, as `trunkline up --lab` makes it. */
export class Backbone {
  #live: LiveFleet | undefined;
  #access: { readonly live: LiveFleet; readonly access: GatewayAccess } | undefined;

  private constructor(
    private readonly folder: string,
    readonly site: LabSite,
    private plan: Plan,
    private readonly giveLoaderBack: () => void,
  ) {}

  /** @param further what the engine's environment has besides */
  static async start(
    plan: Plan,
    further: Readonly<Record<string, string>> = {},
    onEvent?: (event: RunEvent) => void,
  ): Promise<Backbone> {
    const folder = mkdtempSync(join(tmpdir(), "trunkline-backbone-"));
    const giveLoaderBack = withoutLoader();
    const opened = await openLabSite(plan.fleet, () => undefined, join(folder, "lab"));
    // A gateway that is off stays off here: no push need wait for it as long as for a machine that boots.
    const environment = { ...opened.environment, TRUNKLINE_REACH_SECONDS: "60", ...further };
    const site = { ...opened, environment };
    const backbone = new Backbone(folder, site, plan, giveLoaderBack);
    try {
      await backbone.up(plan, onEvent);
      return backbone;
    } catch (error) {
      await backbone.end();
      throw error;
    }
  }

  get labFolder(): string {
    return join(this.folder, "lab");
  }

  async end(): Promise<void> {
    this.giveLoaderBack();
    this.#access?.access.close();
    this.site.close();
    await labCommands.down({ folder: this.labFolder });
    rmSync(this.folder, { recursive: true, force: true });
  }

  /**
   * @param asked how it goes through the regions, and who runs the stacks where other programs are to
   * @throws Failure as the command does
   */
  async up(
    plan: Plan,
    onEvent: (event: RunEvent) => void = () => undefined,
    asked: Pick<SessionOptions, "rollout"> & { readonly runner?: Runner } = {},
  ): Promise<void> {
    this.plan = plan;
    const never = new AbortController().signal;
    const { rollout } = asked;
    const options = { stop: never, stopNow: never, onEvent, ...(rollout === undefined ? {} : { rollout }) };
    const by = asked.runner ?? runner;
    const session = Session.open(plan, labOf(this.site, plan), "a test", labManagement, by);
    try {
      await bringUp(session, options, () => undefined);
      this.#live = await session.live(options);
    } finally {
      session.release();
    }
  }

  get live(): LiveFleet {
    if (this.#live === undefined) throw new Error("the fleet never came up");
    return this.#live;
  }

  tunnel(id: string): PlannedTunnel {
    const found = this.plan.links.flatMap(({ tunnels }) => tunnels).find((tunnel) => tunnel.id === id);
    if (found === undefined) throw new Error(`no tunnel ${id}`);
    return found;
  }

  /** Ids of what does not pass, sorted; asked again until it is as wanted or a minute is over. */
  async failing(wanted: readonly string[] = []): Promise<string[]> {
    const deadline = Date.now() + 90_000;
    for (;;) {
      const proofs = await this.proofs(wanted.length === 0 ? 60 : 1);
      const failing = proofs.filter(({ status }) => status !== "pass").map(({ id }) => id);
      failing.sort();
      if (failing.join() === [...wanted].sort().join() || Date.now() > deadline) return failing;
    }
  }

  proofs(deadlineSeconds: number): Promise<Proof[]> {
    return verify(this.plan, this.live, this.site, { deadlineSeconds });
  }

  instanceOf(gateway: string): string {
    return this.#handover(gateway).instanceId;
  }

  run(gateway: string, argv: readonly string[], stdin = ""): Promise<RunResult> {
    return this.site.probes.run(this.instanceOf(gateway), argv, { stdin, deadlineSeconds: 60 });
  }

  /** A shell script on a gateway, as root. @throws Error when it fails */
  async sh(gateway: string, script: string, stdin = ""): Promise<string> {
    const { code, stdout, stderr } = await this.run(gateway, ["sh", "-euc", script], stdin);
    if (code !== 0) throw new Error(`${gateway}: ${script}: ${stderr}${stdout}`);
    return stdout;
  }

  async bgp(gateway: string, asn: number, ...lines: readonly string[]): Promise<void> {
    const words = ["configure terminal", `router bgp ${String(asn)}`, ...lines].map((line) => `-c '${line}'`);
    await this.sh(gateway, `vtysh ${words.join(" ")}`);
  }

  /** A program on a gateway that runs until it is ended. */
  async during(gateway: string, command: string, stdin = ""): Promise<{ end(): Promise<void> }> {
    const started = await this.sh(
      gateway,
      `cat > /run/during.in; setsid ${command} < /run/during.in > /dev/null 2>&1 & echo $!`,
      stdin,
    );
    return { end: async () => void (await this.sh(gateway, `kill ${started.trim()}`)) };
  }

  /** The way to the gateways; one for as long as the fleet is the same. Its keys lie where no run wipes them. */
  access(): GatewayAccess {
    if (this.#access?.live !== this.live) {
      this.#access?.access.close();
      this.#access = { live: this.live, access: new GatewayAccess(this.site, this.live, this.folder) };
    }
    return this.#access.access;
  }

  status(gateway: string): Promise<GatewayStatus> {
    return this.access().status(gateway);
  }

  /** Asks until it is so; a gateway that does not answer has not got there. @throws Error after so many seconds */
  async until(
    gateway: string,
    is: (status: GatewayStatus) => boolean,
    what: string,
    seconds = 180,
  ): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const status = await this.status(gateway).catch(() => undefined);
      if (status !== undefined && is(status)) return;
      if (Date.now() > deadline) throw new Error(`${gateway} never ${what}: ${JSON.stringify(status)}`);
      await betweenQuestions();
    }
  }

  /**
   * Asks every gateway's kernel until it sends where the plan computes it.
   * @param lost a gateway that is not there
   * @param holder of a pair that shares an address who holds it
   * @throws Error when one never does
   */
  async sendsAsComputed(lost?: string, holder?: string): Promise<void> {
    const { regions } = this.plan;
    const gateways = regions.flatMap((region) => region.gateways.map(({ id }) => id));
    for (const id of gateways.filter((gateway) => gateway !== lost)) {
      const wanted = regions.flatMap(({ name, cidrs }) => {
        const hops = waysTo(this.plan, name, lost, holder).next.get(id);
        return hops === undefined ? [] : cidrs.map((cidr) => `${cidr} by ${hops.join("+")}`);
      });
      const found = ({ routes }: GatewayStatus) =>
        routes.map(
          ({ prefix, nextHops }) =>
            `${prefix} by ${nextHops
              .map((device) => this.#farEnd(id, device))
              .sort()
              .join("+")}`,
        );
      await this.until(
        id,
        (status) => found(status).sort().join() === wanted.sort().join(),
        `sends ${wanted.join(", ")}`,
      );
    }
  }

  /** The gateway at the other end of one's interface. */
  #farEnd(gateway: string, device: string): string {
    for (const { ends } of allTunnels(this.plan))
      for (const [near, far] of [ends, [ends[1], ends[0]] as const])
        if (gatewaysAt(this.plan, near.gateway).includes(gateway) && near.interface === device)
          return far.gateway;
    return device;
  }

  fault(fault: Parameters<typeof labCommands.fault>[0]): Promise<void> {
    return labCommands.fault(fault, { folder: this.labFolder });
  }

  /** The lab that it lives in, for one step. */
  async inLab<T>(step: (lab: LabClient) => Promise<T>): Promise<T> {
    const lab = await openLab(this.labFolder);
    try {
      return await step(lab);
    } finally {
      lab.close();
    }
  }

  addressOf(gateway: string): string {
    return this.#handover(gateway).publicAddress;
  }

  ipv6Of(gateway: string): string {
    const { ipv6 } = this.#handover(gateway);
    if (ipv6 === undefined) throw new Error(`${gateway} has no IPv6 address`);
    return ipv6.address;
  }

  #handover(gateway: string) {
    const found = this.live.regions.flatMap(({ gateways }) => gateways).find(({ id }) => id === gateway);
    if (found === undefined) throw new Error(`no gateway ${gateway}`);
    return found;
  }

  /** Tunnel id to the SPIs of its IKE SA, and of its child SAs that carry traffic, at one gateway. */
  async spis(gateway: string): Promise<Record<string, readonly string[]>> {
    const { ikeSas } = await this.status(gateway);
    return Object.fromEntries(
      ikeSas.map((sa) => [
        sa.name,
        [...sa.spis, ...carrying(sa).flatMap(({ spis }) => [spis.in, spis.out])].map(String),
      ]),
    );
  }

  /** Resolves when the gateway holds one child SA for each of these tunnels. @throws Error after three minutes */
  async untilUp(gateway: string, tunnels: readonly string[]): Promise<void> {
    const deadline = Date.now() + 180_000;
    for (;;) {
      const own = await this.spis(gateway).catch((): Record<string, readonly string[]> => ({}));
      const missing = tunnels.filter((id) => (own[id]?.length ?? 0) !== 4);
      if (missing.length === 0) return;
      if (Date.now() > deadline) throw new Error(`${gateway}: not up: ${missing.join(", ")}`);
      await betweenQuestions();
    }
  }

  /** What the daemons themselves say, for whoever reads why a test failed. */
  async explain(): Promise<string> {
    const questions =
      'vtysh -c "show bgp summary" -c "show bfd peers brief"; swanctl --list-sas | grep -A3 ":"';
    const gateways = this.live.regions.flatMap(({ gateways: own }) => own);
    const told = await Promise.all(
      gateways.map(async ({ id }) => {
        const said = await this.run(id, ["sh", "-c", questions]).catch((error: unknown) => ({
          stdout: String(error),
        }));
        return `== ${id}\n${said.stdout}`;
      }),
    );
    const service =
      'tail -n 20 /run/fabric/*.log; ps ax | grep -c "[b]gpd"; for at in /run/frr/*/; do vtysh -N "$(basename "$at")" -c "show bgp summary" -c "show bfd peers brief"; done';
    const fabric = await this.site.probes.run("fabric", ["sh", "-c", service], { deadlineSeconds: 60 });
    return [...told, `== route services\n${fabric.stdout}${fabric.stderr}`].join("\n");
  }
}

/**
 * Of a suite: the fleet is up before its tests, and gone after them; where one fails, the daemons say what they know.
 * @param given hears of it once it is up
 */
export function bringsUp(plan: Plan, given: (backbone: Backbone) => void): void {
  let backbone: Backbone | undefined;
  before(async () => {
    backbone = await Backbone.start(plan);
    given(backbone);
  });
  after(() => backbone?.end());
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.log(await backbone?.explain());
  });
}
