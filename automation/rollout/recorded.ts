import type { Rollout } from "./state";

export type Recorded =
  | { readonly ok: true; readonly rollout: Rollout }
  /** The event does not follow from the state: nothing has changed, and whoever sent it is told why. */
  | { readonly ok: false; readonly because: string };

export function recorded(rollout: Rollout): Recorded {
  return { ok: true, rollout };
}

export function refused(because: string): Recorded {
  return { ok: false, because };
}
