import type { KeyAlgorithm } from "../key-algorithm";
import type { Plan, PlannedTunnel } from "../plan";
import { ppkBits } from "./post-quantum";
import { pskBits } from "./psk";
import { roleOf, transformOf } from "./transforms";

/**
 * How well each link of a plan is protected: what `trunkline plan --crypto` shows. Strength in bits is the weakest role's of
 * both protocols, by NIST SP 800-57 part 1 revision 5, tables 2 and 3.
 */
export const cryptoFormat = "trunkline.crypto/1";

export interface CryptoReport {
  readonly format: typeof cryptoFormat;
  readonly fleet: string;
  /** Links by id, then what is within each pair by its region's name. */
  readonly links: readonly LinkCrypto[];
}

export interface LinkCrypto {
  /** `euw1~use1`; of the tunnels within a pair the region, `use1`. */
  readonly link: string;
  readonly within: "fleet" | "pair";
  readonly tunnels: number;
  readonly ike: { readonly proposal: string; readonly rekeySeconds: number; readonly bits: number };
  readonly esp: { readonly proposal: string; readonly rekeySeconds: number; readonly bits: number };
  /** Of the weaker of both. */
  readonly bits: number;
  readonly quantum: Quantum;
  readonly authentication: LinkAuthentication;
}

export type LinkAuthentication =
  | {
      readonly kind: "certificates";
      /** Kinds of the gateways' keys, sorted. */
      readonly keys: readonly KeyAlgorithm[];
      readonly bits: number;
    }
  /** One key for each tunnel, where an end is a cloud's managed gateway. */
  | { readonly kind: "psk"; readonly bits: number };

/**
 * What somebody who records packets today could read with a quantum computer later ("harvest now, decrypt later"): Shor's
 * algorithm ends elliptic curves and MODP alike, whatever their bits; AES of 256 bits stays.
 * - `exposed`: all of it, for the keys come from such an exchange alone.
 * - `ppk`: none of it: a preshared key of 256 bits is in all keys (RFC 8784).
 * - `ppk-optional`: where both ends had it already, as `ppk`; else all of it.
 * - `hybrid`: none of it, while ML-KEM stands: an additional key exchange (RFC 9370, FIPS 203).
 */
export interface Quantum {
  readonly exposure: "exposed" | "ppk-optional" | "ppk" | "hybrid";
  /** What protects: the further key exchange, or the preshared key. */
  readonly by?: string;
}

export function cryptoReport(plan: Plan): CryptoReport {
  return {
    format: cryptoFormat,
    fleet: plan.fleet,
    links: [
      ...plan.links.flatMap(({ id, tunnels }) => linkCrypto(plan, id, "fleet", tunnels)),
      ...plan.regions.flatMap(({ name, pairTunnels }) => linkCrypto(plan, name, "pair", pairTunnels)),
    ],
  };
}

function linkCrypto(
  plan: Plan,
  link: string,
  within: LinkCrypto["within"],
  tunnels: readonly PlannedTunnel[],
): LinkCrypto[] {
  // All tunnels of a link are told the same.
  const [first] = tunnels;
  if (first === undefined) return [];
  const { ikeSa, childSa, ends, managed } = first;
  const [ike, esp] = [ikeSa, childSa].map(({ proposal, rekeySeconds }) => ({
    proposal,
    rekeySeconds,
    bits: bitsOf(proposal),
  }));
  if (ike === undefined || esp === undefined) return [];
  const keys = [
    ...new Set(
      ends.flatMap(({ region }) =>
        (plan.regions.find(({ name }) => name === region)?.gateways ?? []).map(
          ({ keyAlgorithm }) => keyAlgorithm,
        ),
      ),
    ),
  ].sort();
  return [
    {
      link,
      within,
      tunnels: tunnels.length,
      ike,
      esp,
      bits: Math.min(ike.bits, esp.bits),
      quantum: quantumOf(first),
      authentication:
        managed === undefined
          ? { kind: "certificates", keys, bits: Math.min(...keys.map((key) => keyBits[key])) }
          : { kind: "psk", bits: pskBits },
    },
  ];
}

/** Of the weakest role; what is added on top (RFC 9370) makes nothing weaker. */
function bitsOf(proposal: string): number {
  return Math.min(
    ...proposal.split("-").flatMap((word) => {
      const role = roleOf(word);
      if (role === undefined || role === "additional key exchange") return [];
      return [transformOf(role, word)?.bits ?? 0];
    }),
  );
}

function quantumOf({ ikeSa, ppk }: PlannedTunnel): Quantum {
  if (ppk !== undefined)
    return { exposure: ppk.required ? "ppk" : "ppk-optional", by: `RFC 8784, ${String(ppkBits)} bits` };
  const further = ikeSa.proposal.split("-").find((word) => roleOf(word) === "additional key exchange");
  return further === undefined ? { exposure: "exposed" } : { exposure: "hybrid", by: further };
}

/** The same tables: RSA of 3072 bits and more below 7680 has 128. */
const keyBits: Readonly<Record<KeyAlgorithm, number>> = {
  "ecdsa-p256": 128,
  "rsa-3072": 128,
  "rsa-4096": 128,
};
