import type { Piece } from "./piece";

/** A router of a cloud's own that stands beside networks: a namespace that spreads flows over equal ways, and drops the rest. */
export function routerPiece(key: string, id: string): Piece {
  return {
    key,
    stage: "network",
    up: [
      { ip: `netns add ${id}` },
      { ip: "link set lo up", in: id },
      { ip: "route add blackhole default metric 4000", in: id },
      // A flow's packets by addresses and ports, and so all of them one way.
      { sh: `ip netns exec ${id} sh -c 'echo 1 > /proc/sys/net/ipv4/fib_multipath_hash_policy'` },
    ],
    down: [{ ip: `netns del ${id}` }],
  };
}
