import type { Policy } from "./policy";

/**
 * What protects a tunnel's keys from who records packets today and has a quantum computer later.
 * - `ppk`: a preshared key that both ends mix into the IKE SA's keys (RFC 8784). An end without it is not let in.
 * - `ppk-optional`: the same where both ends have it; the way from `off` to `ppk` and back.
 * - `mlkem`: ML-KEM as an additional key exchange after IKE_SA_INIT (RFC 9370, FIPS 203).
 */
export const postQuantumChoices = ["off", "ppk-optional", "ppk", "mlkem"] as const;
export type PostQuantum = (typeof postQuantumChoices)[number];

/**
 * The additional key exchange of a policy: ML-KEM-768 has NIST's category 3, as AES-192; CNSA 2.0 asks for ML-KEM-1024. Of the
 * IKE SA alone: a child SA's keys come from those of its IKE SA (RFC 7296 section 2.17), and so are as safe.
 */
export function furtherExchange(policy: Policy): "ke1_mlkem768" | "ke1_mlkem1024" {
  return policy === "cnsa" ? "ke1_mlkem1024" : "ke1_mlkem768";
}

/** Bits of a PPK: RFC 8784 section 6 asks for 256 against Grover's algorithm. */
export const ppkBits = 256;
