import type { CryptoReport, LinkAuthentication, LinkCrypto } from "trunkline/fleet/crypto/report";
import { counted } from "../counted";
import { table } from "../table";

/** How well each link is protected, for a person; where there are many links, one row for all that are alike. */
export function cryptoText({ fleet, links }: CryptoReport): string {
  const rows = links.length > most ? alike(links) : links.map((link) => ({ ...link, named: nameOf(link) }));
  return [
    `Fleet ${fleet}: what protects ${counted(links.filter(({ within }) => within === "fleet").length, "link")}`,
    "",
    table([
      ["link", "tunnels", "IKE", "ESP", "bits", "quantum", "rekey IKE", "rekey ESP", "authentication"],
      ...rows.map(({ named, tunnels, ike, esp, bits, quantum, authentication }) => [
        named,
        String(tunnels),
        ike.proposal,
        esp.proposal,
        String(bits),
        quantumWords[quantum.exposure](quantum.by ?? ""),
        `${String(ike.rekeySeconds)} s`,
        `${String(esp.rekeySeconds)} s`,
        authenticationText(authentication),
      ]),
    ]),
    "",
    "bits: classical strength of the weakest transform (NIST SP 800-57 part 1, tables 2 and 3).",
    ...explanations(links),
    ...(links.length > most ? ["--json lists each link."] : []),
  ].join("\n");
}

const most = 40;

function authenticationText(authentication: LinkAuthentication): string {
  const bits = `${String(authentication.bits)} bits`;
  return authentication.kind === "psk"
    ? `preshared keys (${bits})`
    : `certificates (${authentication.keys.join(", ")}: ${bits})`;
}

function nameOf({ link, within }: LinkCrypto): string {
  return within === "pair" ? `${link} (its pair)` : link;
}

/** By what they are protected with, in the order of the first. */
function alike(links: readonly LinkCrypto[]): (LinkCrypto & { readonly named: string })[] {
  const groups = new Map<string, LinkCrypto[]>();
  for (const link of links) {
    const key = JSON.stringify({ ...link, link: undefined, tunnels: undefined });
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [link]);
    else group.push(link);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const what = first.within === "pair" ? "pair" : "link";
    const named = group.length === 1 ? nameOf(first) : counted(group.length, what);
    return [{ ...first, named, tunnels: group.reduce((sum, { tunnels }) => sum + tunnels, 0) }];
  });
}

const quantumWords = {
  exposed: () => "exposed",
  "ppk-optional": () => "PPK where both have it",
  ppk: (by: string) => `PPK (${by})`,
  hybrid: (by: string) => `hybrid (${by})`,
} as const satisfies Record<LinkCrypto["quantum"]["exposure"], (by: string) => string>;

/** Of what stands in the table alone. */
function explanations(links: readonly LinkCrypto[]): string[] {
  const there = new Set(links.map(({ quantum }) => quantum.exposure));
  return (["exposed", "ppk-optional", "ppk", "hybrid"] as const)
    .filter((exposure) => there.has(exposure))
    .map((exposure) => meanings[exposure]);
}

const meanings = {
  exposed:
    "exposed: who records packets today can read them once a quantum computer breaks the key exchange (harvest now, decrypt later). `crypto.postQuantum: ppk` closes that.",
  "ppk-optional":
    "PPK where both have it: exposed as well until `crypto.postQuantum: ppk` makes every SA with it.",
  ppk: "PPK: a preshared key that no recording holds is in the keys of every SA (RFC 8784).",
  hybrid: "hybrid: ML-KEM beside the classical key exchange (RFC 9370): both would have to break.",
} as const satisfies Record<LinkCrypto["quantum"]["exposure"], string>;
