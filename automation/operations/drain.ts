import { z } from "zod";
import { homeOf, type Plan } from "trunkline/fleet/plan";
import type { GatewayStatus } from "trunkline/gateway/status";
import { Failure, messageOf } from "../failure";
import type { GatewayAccess } from "../gateway-access";
import { betweenQuestions } from "../pause";
import { type Answers, drainObstacles, hasTaken, sessionsMissing } from "./drain.plan";

export interface OperationOptions {
  readonly stop: AbortSignal;
  onProgress(step: string): void;
}

/** Packets that a gateway forwarded, by counter, before and after; equal when nothing passes any more. */
export interface DrainEvidence {
  readonly gateway: string;
  readonly seconds: number;
  readonly forwarded: Readonly<Record<string, number>>;
  /** How long no counter moved. */
  readonly quietSeconds: number;
  /**
   * Where the pair shares an address: from the moment of the drain until the other gateway had it, and every session with
   * other regions. For no longer than this was there no way; absent: nothing had to move.
   */
  readonly movedSeconds?: number;
}

const deadlines = { quietSeconds: 60, takenSeconds: 120, answerSeconds: 180, sessionSeconds: 120 } as const;
/** No packet for this long, at any counter, is what "the traffic has moved" means. */
const quietForMs = 2000;

/**
 * Moves a gateway's traffic to its partner and waits until it has moved; the tunnels stay up.
 * @throws Failure when nobody could take it, or it does not move
 */
export async function drainGateway(
  plan: Plan,
  access: GatewayAccess,
  gateway: string,
  options: OperationOptions,
): Promise<DrainEvidence> {
  const obstacles = drainObstacles(plan, gateway, await answers(access));
  if (obstacles.length > 0)
    throw new Failure(
      "proofFailed",
      `${gateway} cannot be drained. ${obstacles.join(" ")}`,
      "Nothing was changed. Mend the other gateway first; trunkline status shows it.",
    );
  const started = performance.now();
  const held = (await answer(access, gateway))?.cloudRoutes?.address?.here === true;
  await tell(access, gateway, "drain operator");
  const movedSeconds = held ? await untilTaken(plan, access, gateway, started, options) : undefined;
  options.onProgress(`${gateway}: drained, waiting until its traffic has moved`);
  let forwarded = (await access.status(gateway)).forwarded;
  let since = performance.now();
  for (;;) {
    // From the end of one answer to the begin of asking for another that is the same: a late answer is no quiet time.
    const at = performance.now();
    const now = (await access.status(gateway)).forwarded;
    if (JSON.stringify(now) !== JSON.stringify(forwarded)) {
      forwarded = now;
      since = performance.now();
    }
    if (at - since >= quietForMs)
      return {
        gateway,
        seconds: seconds(started),
        forwarded,
        quietSeconds: seconds(since, at),
        ...(movedSeconds === undefined ? {} : { movedSeconds }),
      };
    if (options.stop.aborted) throw stopped(gateway);
    if (at - started > deadlines.quietSeconds * 1000)
      throw new Failure(
        "proofFailed",
        `${gateway} still forwards ${String(deadlines.quietSeconds)} s after it was drained: ${JSON.stringify(now)}.`,
        `It stays drained; trunkline undrain ${gateway} ends that.`,
      );
    await betweenQuestions(options.stop);
  }
}

/** One address cannot be made before it is broken: the other gateway takes it, and sets up IKE again with every peer. */
async function untilTaken(
  plan: Plan,
  access: GatewayAccess,
  gateway: string,
  started: number,
  options: OperationOptions,
): Promise<number | undefined> {
  const region = homeOf(plan, gateway);
  const other = region?.gateways.find(({ id }) => id !== gateway);
  if (region?.shared === undefined || other === undefined) return undefined;
  options.onProgress(`${gateway}: its address moves; ${region.name} has no way to other regions meanwhile`);
  for (;;) {
    const status = await answer(access, other.id);
    if (status !== undefined && hasTaken(plan, region, status)) return seconds(started);
    if (options.stop.aborted) throw stopped(gateway);
    if (performance.now() - started > deadlines.takenSeconds * 1000)
      throw new Failure(
        "proofFailed",
        `${other.id} has not taken the address with all its sessions ${String(deadlines.takenSeconds)} s after ${gateway} was drained.`,
        `trunkline status shows who holds it. ${gateway} stays drained; trunkline undrain ${gateway} ends that.`,
      );
    await betweenQuestions(options.stop);
  }
}

export interface Undrained {
  readonly gateway: string;
  readonly seconds: number;
  /** Its pair shares an address, and the other gateway keeps it. */
  readonly standsBy: boolean;
}

/** Waits until every session of the gateway is up, then lets its traffic come back. */
export async function undrainGateway(
  plan: Plan,
  access: GatewayAccess,
  gateway: string,
  options: OperationOptions,
): Promise<Undrained> {
  const started = performance.now();
  options.onProgress(`${gateway}: waiting for its sessions`);
  for (;;) {
    const status = await answer(access, gateway);
    const missing = status === undefined ? ["no answer"] : sessionsMissing(plan, gateway, status);
    if (missing.length === 0) break;
    if (options.stop.aborted) throw stopped(gateway);
    if (performance.now() - started > deadlines.sessionSeconds * 1000)
      throw new Failure(
        "proofFailed",
        `${gateway} lacks its sessions with ${missing.join(", ")}.`,
        "It stays drained, so that no traffic depends on it.",
      );
    await betweenQuestions(options.stop);
  }
  await tell(access, gateway, "undrain operator");
  const standsBy = homeOf(plan, gateway)?.shared !== undefined && !(await holdsAddress(access, gateway));
  return { gateway, seconds: seconds(started), standsBy };
}

async function holdsAddress(access: GatewayAccess, gateway: string): Promise<boolean> {
  return (await access.status(gateway)).cloudRoutes?.address?.here === true;
}

export type RestartTarget = "machine" | "strongswan" | "frr";

/** Drains a gateway, restarts its machine or one of its daemons, and lets the traffic come back when all is up. */
export async function restartGateway(
  plan: Plan,
  access: GatewayAccess,
  gateway: string,
  target: RestartTarget,
  options: OperationOptions,
): Promise<{ readonly gateway: string; readonly drained: DrainEvidence; readonly backSeconds: number }> {
  const drained = await drainGateway(plan, access, gateway, options);
  const started = performance.now();
  options.onProgress(`${gateway}: restarting ${target === "machine" ? "the machine" : target}`);
  if (target === "machine") await reboot(access, gateway, options);
  else await run(access, gateway, `systemctl restart ${target}`, 90);
  await undrainGateway(plan, access, gateway, options);
  return { gateway, drained, backSeconds: seconds(started) };
}

/** Another boot id shows that the machine went down and came back. */
async function reboot(access: GatewayAccess, gateway: string, options: OperationOptions): Promise<void> {
  const before = await bootId(access, gateway);
  // The connection may end before the answer: what counts is the next boot.
  await access.run(gateway, "systemctl --no-block reboot", 30);
  const started = performance.now();
  for (;;) {
    const now = await bootId(access, gateway).catch(() => undefined);
    if (now !== undefined && now !== before) return;
    if (options.stop.aborted) throw stopped(gateway);
    if (performance.now() - started > deadlines.answerSeconds * 1000)
      throw new Failure(
        "proofFailed",
        `${gateway} has not come back ${String(deadlines.answerSeconds)} s after its restart.`,
        `Look at its console. It comes back drained; trunkline undrain ${gateway} ends that.`,
      );
    await betweenQuestions(options.stop);
  }
}

async function bootId(access: GatewayAccess, gateway: string): Promise<string> {
  return (await run(access, gateway, "cat /proc/sys/kernel/random/boot_id", 20)).trim();
}

const drainSchema = z.object({ drained: z.array(z.string()) });

async function tell(access: GatewayAccess, gateway: string, words: string): Promise<void> {
  const printed = await run(access, gateway, `trunkline-gateway ${words}`, 60);
  drainSchema.parse(JSON.parse(printed));
}

async function run(
  access: GatewayAccess,
  gateway: string,
  command: string,
  deadlineSeconds: number,
): Promise<string> {
  const { code, stdout, stderr } = await access.run(gateway, command, deadlineSeconds);
  if (code === 0) return stdout;
  throw new Failure(
    "proofFailed",
    `${gateway}: ${command}: ${(stderr || stdout).trim().slice(-500)}`,
    "Look at the gateway.",
  );
}

async function answers(access: GatewayAccess): Promise<Answers> {
  const asked = access.gateways.map(async (id) => [id, await answer(access, id)] as const);
  const told = await Promise.all(asked);
  return new Map(told.flatMap(([id, status]) => (status === undefined ? [] : [[id, status] as const])));
}

/** Nothing, when it does not answer. */
export async function answer(access: GatewayAccess, gateway: string): Promise<GatewayStatus | undefined> {
  try {
    return await access.status(gateway);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw new Error(messageOf(error), { cause: error });
  }
}

function stopped(gateway: string): Failure {
  return new Failure(
    "interrupted",
    "Stopped.",
    `${gateway} stays drained; trunkline undrain ${gateway} ends that.`,
  );
}

function seconds(since: number, until = performance.now()): number {
  return Math.round((until - since) / 10) / 100;
}
