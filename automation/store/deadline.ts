import { setTimeout as delay } from "node:timers/promises";

/** Asks again until there is an answer, or the time is over: then undefined. */
export async function until<T>(
  seconds: number,
  ask: () => T | undefined | Promise<T | undefined>,
): Promise<T | undefined> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() > deadline) return answer;
    await delay(25);
  }
}
