import type { Plan } from "trunkline/fleet/plan";
import { fabricStack } from "trunkline/stacks/graph";
import { messageOf } from "../failure";
import { findGateway } from "../find-gateway";
import { type GatewayAccess, withAccess } from "../gateway-access";
import { markForPush, rollBack } from "../operations/roll-back";
import type { ReturnResult } from "../rollout/drive";
import type { AskedGate, GateAnswer } from "../rollout/gate-answer";
import { together } from "../rollout/released";
import { rolloutStacks } from "../rollout/stacks";
import type { ReleaseChange } from "../rollout/state";
import type { GateKeeper } from "../runner/gate-keeper";
import type { LiveFleet, Session, SessionOptions } from "../session";
import { verify } from "../verify/verify";
import { askCommand } from "./command-gate";
import { askHealth } from "./health-gate";
import { askProofs, holdingOf } from "./proofs-gate";
import { releaseChange, type Seen, seenOf } from "./releases.plan";
import { Unproven } from "./unproven";

/** How long what is still coming up is waited for. */
const deadlineSeconds = 60;

/**
 * Whoever asks the gates of a fleet's next `up`: looks at first at what its gateways run and what holds now.
 * @returns nothing where the fleet asks for none
 * @throws Failure when the engine's state cannot be asked
 */
export async function openGates(
  session: Session,
  run: SessionOptions,
  onProgress: (step: string) => void,
): Promise<GateKeeper | undefined> {
  const kinds = (run.rollout?.gates ?? []).map(({ kind }) => kind);
  if (kinds.length === 0) return undefined;
  const notes = new Unproven(session.site.stateFolder);
  await session.liveRegions(run);
  const live = session.known();
  const before = live === undefined ? new Map<string, Seen>() : await seenAt(session, live);
  const released = [...before.values()].some(({ release }) => release !== null);
  let heldBefore: ReadonlySet<string> = new Set();
  if (live !== undefined && released && kinds.includes("proofs")) {
    onProgress("gates: what holds now is proven first");
    heldBefore = await heldNow(session, live, run.stop);
  }
  const { proofs, tunnels } = notes.standing;
  return new FleetGates(
    session,
    onProgress,
    notes,
    new Map([...before].map(([id, one]) => [id, withTunnels(one, tunnels[id] ?? [])])),
    new Set([...heldBefore, ...proofs]),
  );
}

function withTunnels(one: Seen, more: readonly string[]): Seen {
  return { ...one, tunnels: [...new Set([...one.tunnels, ...more])].sort() };
}

/** A packet that got lost now would have the gate look away: what fails is tried once more. */
async function heldNow(
  { plan, site }: Session,
  live: LiveFleet,
  stop: AbortSignal,
): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  for (let round = 0; round < 2 && !stop.aborted; round += 1) {
    const proofs = await verify(plan, live, site, { deadlineSeconds: 0, stop });
    for (const id of holdingOf(proofs)) held.add(id);
    if (proofs.every(({ id, status }) => status === "skip" || held.has(id))) break;
  }
  return held;
}

/** What the gateways say; those that do not answer are not in it. */
async function seenAt(
  { site }: Session,
  live: LiveFleet,
  only?: readonly string[],
): Promise<Map<string, Seen>> {
  return withAccess(site, live, async (access) => {
    const asked = access.gateways
      .filter((gateway) => only?.includes(gateway) ?? true)
      .map(async (gateway) => [gateway, await seen(access, gateway)] as const);
    return new Map(
      (await Promise.all(asked)).flatMap(([gateway, one]) =>
        one === undefined ? [] : [[gateway, one] as const],
      ),
    );
  });
}

async function seen(access: GatewayAccess, gateway: string): Promise<Seen | undefined> {
  return access.status(gateway).then(seenOf, () => undefined);
}

class FleetGates implements GateKeeper {
  readonly #plan: Plan;
  readonly #gatewaysOf: ReadonlyMap<string, readonly string[]>;
  /** Stacks that an earlier run has left unproven. */
  readonly #left = new Set<string>();

  constructor(
    private readonly session: Session,
    private readonly onProgress: (step: string) => void,
    private readonly unproven: Unproven,
    private readonly before: ReadonlyMap<string, Seen>,
    private heldBefore: ReadonlySet<string>,
  ) {
    this.#plan = session.plan;
    this.#gatewaysOf = new Map(
      rolloutStacks(session.plan).map(({ name, gateways }) => [name, gateways] as const),
    );
  }

  begins(stack: string): void {
    if (this.#releasesOf(stack).length === 0) return;
    if (this.unproven.has(stack)) this.#left.add(stack);
    // First: a run that is killed in the middle of it leaves it unproven, too.
    else
      this.unproven.begin(stack, {
        proofs: [...this.heldBefore],
        tunnels: Object.fromEntries([...this.before].map(([id, { tunnels }]) => [id, [...tunnels]])),
      });
  }

  async ended(
    stack: string,
    { succeeded, changed }: { readonly succeeded: boolean; readonly changed: boolean },
  ): Promise<{ readonly changed: boolean; readonly released: readonly ReleaseChange[] }> {
    const gateways = this.#releasesOf(stack);
    if (gateways.length === 0) return { changed, released: [] };
    const left = this.#left.has(stack);
    if (succeeded && !changed && !left) {
      this.#note(() => this.unproven.forget([stack]));
      return { changed, released: [] };
    }
    const live = this.session.known();
    const now =
      live === undefined || !changed
        ? new Map<string, Seen>()
        : await seenAt(this.session, live, gateways).catch(() => new Map<string, Seen>());
    const own = gateways.flatMap(
      (gateway) => releaseChange(gateway, this.before.get(gateway), now.get(gateway), changed) ?? [],
    );
    const released = together(this.unproven.released(stack), own);
    this.#note(() => this.unproven.set(stack, released));
    return { changed: changed || left, released };
  }

  /** Where the disk takes no more, what was noted before the push stands: the next run asks once more than it must. */
  #note(change: () => void): void {
    try {
      change();
    } catch (thrown) {
      this.onProgress(`what the gates have shown cannot be noted: ${messageOf(thrown)}`);
    }
  }

  async ask(asked: AskedGate, stop: AbortSignal): Promise<GateAnswer> {
    try {
      return await this.#answer(asked, stop);
    } catch (thrown) {
      return { outcome: "failed", because: `it could not be asked: ${messageOf(thrown)}`, evidence: [] };
    }
  }

  async #answer(asked: AskedGate, stop: AbortSignal): Promise<GateAnswer> {
    const { session, before } = this;
    const plan = this.#plan;
    const live = session.known();
    if (live === undefined) return { outcome: "failed", because: "no gateway is up yet", evidence: [] };
    switch (asked.what.kind) {
      case "proofs": {
        const onProgress = (step: string): void => this.onProgress(`gate proofs: ${step}`);
        const { answer, holding } = await askProofs(plan, asked, this.heldBefore, (counts) =>
          verify(plan, live, session.site, { deadlineSeconds, onProgress, stop, counts }),
        );
        this.heldBefore = holding;
        return answer;
      }
      case "health":
        return withAccess(session.site, live, (access) =>
          askHealth({ plan, asked, before, access, stop, deadlineSeconds }),
        );
      case "command": {
        const { words, timeoutSeconds } = asked.what;
        return askCommand(words, timeoutSeconds, {
          fleet: plan.fleet,
          asked,
          secrets: secretsOf(live),
          stop,
        });
      }
    }
  }

  proven(stacks: readonly string[]): void {
    this.#note(() => this.unproven.forget(stacks));
  }

  async goBack(gateway: string, to: string): Promise<ReturnResult> {
    try {
      await this.#goBack(gateway, to);
      this.#note(() => this.unproven.returned(gateway));
      return { outcome: "returned" };
    } catch (thrown) {
      return { outcome: "failed", because: messageOf(thrown) };
    }
  }

  async #goBack(gateway: string, to: string): Promise<void> {
    const { session } = this;
    const live = session.known();
    if (live === undefined) throw new Error("it cannot be reached");
    await withAccess(session.site, live, async (access) => {
      const { release } = await access.status(gateway);
      if (release.current !== to && release.previous !== to)
        throw new Error(
          `it runs ${shortHash(release.current)} and would go back to ${shortHash(release.previous)}, and not to ${shortHash(to)}, which it ran before`,
        );
      const stack = fabricStack(this.#plan.fleet, findGateway(this.#plan, gateway).region.name);
      // First, so that whatever happens next, the engine does not believe that the planned release runs there.
      await markForPush(session, stack, gateway);
      if (release.current !== to) await rollBack(access, gateway, (step) => this.onProgress(step));
    });
  }

  #releasesOf(stack: string): readonly string[] {
    return this.#gatewaysOf.get(stack) ?? [];
  }
}

function shortHash(hash: string | null | undefined): string {
  return hash == null ? "none" : hash.slice(0, 12);
}

/** What a user's program might print of what it found on this machine. */
function secretsOf({ regions, trust }: LiveFleet): string[] {
  return [
    ...regions.flatMap(({ gateways }) => gateways.map(({ pushKey }) => pushKey)),
    ...Object.values(trust.ppkSeeds ?? {}),
  ];
}
