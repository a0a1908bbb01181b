import type { GatewayStatus } from "trunkline/gateway/status";
import type { ReleaseChange } from "../rollout/state";

/** What of a gateway's own words a gate needs. */
export interface Seen {
  readonly release: string | null;
  /** The one that it would go back to. */
  readonly previous: string | null;
  /** Tunnels with an IKE SA and a child SA. */
  readonly tunnels: readonly string[];
}

export function seenOf({ release, ikeSas }: GatewayStatus): Seen {
  const up = ikeSas.filter(
    ({ state, childSas }) => state === "ESTABLISHED" && childSas.some((child) => child.state === "INSTALLED"),
  );
  return {
    release: release.current ?? null,
    previous: release.previous ?? null,
    tunnels: [...new Set(up.map(({ name }) => name))].sort(),
  };
}

/** Of a gateway that was changed and has not said to what. */
export const unknownRelease = "unknown";

/**
 * What a step has changed at a gateway, by what the gateway said before and says now: the engine's state knows a release only
 * once the whole push has succeeded, and is not told when a gateway goes back by itself.
 * @param before what it said before the run; absent: it did not answer
 * @param now what it says now; absent: it does not answer
 * @param touched whether the step may have changed it
 */
export function releaseChange(
  gateway: string,
  before: Seen | undefined,
  now: Seen | undefined,
  touched: boolean,
): ReleaseChange | undefined {
  if (!touched) return undefined;
  // Silent since: it is named as one that has to go back, and cannot be asked to.
  if (now === undefined)
    return before === undefined || before.release === null
      ? undefined
      : { gateway, from: before.release, to: unknownRelease };
  if (now.release === null || now.release === before?.release) return undefined;
  // By its own word, for a machine that is new since has nothing to go back to.
  return { gateway, from: now.previous, to: now.release };
}
