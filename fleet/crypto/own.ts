import { softwareOf, type System } from "../system";
import type { Offer } from "./offer";

/**
 * What own gateways take: what strongSwan's plugin `openssl` gives with the PRFs of `kdf`, the only ones that they load
 * (gateway/renderers/strongswan.ts), and what Linux has for ESP. The same on every system, since OpenSSL 3.0 has all of it;
 * `test/scenarios/gateway/versions.test.ts` asks charon of two of them. Weak words are not among them: they would be offered
 * to nobody. What a version brought on top, such as ML-KEM, is in fleet/system.ts.
 */
const takes = {
  encryption: [
    ...["aes256gcm16", "aes192gcm16", "aes128gcm16", "chacha20poly1305"],
    ...["aes256", "aes192", "aes128"],
  ],
  integrity: ["sha512", "sha384", "sha256"],
  prf: ["prfsha512", "prfsha384", "prfsha256"],
  group: [
    ...["ecp521", "ecp384", "ecp256", "curve25519"],
    ...["modp8192", "modp6144", "modp4096", "modp3072", "modp2048"],
  ],
} as const;

export function ownOffer(system: System): Offer {
  const { prf, ...esp } = takes;
  return { whose: softwareOf(system).title, ike: { ...esp, prf }, esp };
}
