import { hkdfSync } from "node:crypto";
import type { Plan, PlannedTunnel } from "../fleet/plan";
import { ppkBits } from "../fleet/crypto/post-quantum";

/** Of each region by its name: 32 random bytes in base64, made in the trust layer; PSKs are derived of them as well. Secret. */
export type PpkSeeds = Readonly<Record<string, string>>;

/** Of each tunnel by its id: the key in base64. Secret. */
export type Ppks = Readonly<Record<string, string>>;

/** A plan's tunnels with a PPK that end at one gateway, or at the pair that it is of. */
export function tunnelsWithPpk(tunnels: readonly PlannedTunnel[]): PlannedTunnel[] {
  return tunnels.filter(({ ppk }) => ppk !== undefined);
}

/** Names of the regions whose seed some tunnel needs, for a PPK or a PSK, sorted. */
export function regionsWithSeed({ links, regions }: Pick<Plan, "links" | "regions">): string[] {
  const all = [
    ...links.flatMap(({ tunnels }) => tunnels),
    ...regions.flatMap(({ pairTunnels }) => pairTunnels),
  ];
  const keyed = all.filter(({ ppk, managed }) => ppk !== undefined || managed !== undefined);
  return [...new Set(keyed.flatMap(({ ends }) => ends.map(({ region }) => region)))].sort();
}

/**
 * The PPKs of these tunnels: each its own, so that a gateway knows those of its tunnels and no other. HKDF (RFC 5869) with
 * SHA-256 over the seeds of both regions: as many secrets as regions, not as links, and each tunnel's key comes from the
 * names of its two ends alone.
 * @throws Error naming the stack that has to come up first
 */
export function derivePpks(fleet: string, tunnels: readonly PlannedTunnel[], seeds: PpkSeeds): Ppks {
  return Object.fromEntries(
    tunnelsWithPpk(tunnels).map(({ id, ends }) => {
      const parts = ends.map(({ region }) => seedOf(region, seeds));
      const key = hkdfSync("sha256", Buffer.concat(parts), fleet, `trunkline ppk ${id}`, ppkBits / 8);
      return [id, Buffer.from(key).toString("base64")];
    }),
  );
}

/** @throws Error naming the stack that has to come up first */
export function seedOf(region: string, seeds: PpkSeeds): Buffer {
  const seed = Buffer.from(seeds[region] ?? "", "base64");
  if (seed.length !== ppkBits / 8)
    throw new Error(
      `Trust has handed on no secret of region ${region} for preshared keys. Bring the trust stack up with this fleet file first.`,
    );
  return seed;
}
