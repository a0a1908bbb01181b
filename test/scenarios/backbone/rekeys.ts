import assert from "node:assert/strict";
import type { Backbone } from "./backbone";
import { nothingLost, under } from "./measured";

/** Packets a second each way while SAs are rekeyed. */
const rate = 1000;

/**
 * Every IKE and child SA of the fleet is rekeyed again and again, by each end in turn, while workloads talk: nothing is
 * lost, and in the end each tunnel has one SA, and another than before.
 * @param enough whether so many rounds will do; in each, every gateway rekeys all its SAs
 */
export async function rekeyed(backbone: Backbone, enough: (rounds: number) => boolean): Promise<void> {
  let [rounds, done] = [0, 0];
  const gateways = backbone.live.regions.flatMap(({ gateways: own }) => own.map(({ id }) => id));
  const before = new Map<string, Record<string, readonly string[]>>();
  for (const gateway of gateways) before.set(gateway, await backbone.spis(gateway));
  const started = performance.now();
  const flows = await under(
    backbone,
    async () => {
      for (; !enough(rounds); rounds += 1)
        for (const gateway of gateways) {
          const words = Object.keys(before.get(gateway) ?? {}).flatMap((id) => [
            `swanctl --rekey --ike '${id}' || true`,
            `swanctl --rekey --child '${id}' || true`,
          ]);
          // An SA that the other end is rekeying in this moment is none that can be.
          const said = await backbone.sh(gateway, words.join("; "));
          done += said.match(/rekey completed successfully/g)?.length ?? 0;
        }
    },
    rate,
  );
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `      ${String(done)} rekeys, of each SA by either end every ${(seconds / rounds).toFixed(1)} s`,
  );
  nothingLost(flows);
  for (const gateway of gateways) {
    const own = before.get(gateway) ?? {};
    await backbone.untilUp(gateway, Object.keys(own));
    const now = await backbone.spis(gateway);
    for (const [id, spis] of Object.entries(own))
      assert.deepEqual(
        spis.filter((spi) => now[id]?.includes(spi)),
        [],
        `${gateway}: ${id} is as it was`,
      );
  }
}
