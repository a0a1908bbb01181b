/**
 * What a gateway's machine runs, and what the daemons of that system know. strongSwan discards a whole connection for
 * one option that it does not know, so nothing is rendered that a system's version came before.
 */
export const systemNames = ["debian-13", "debian-12", "ubuntu-24.04"] as const;
export type System = (typeof systemNames)[number];

export function systemNamed(word: string | undefined): System | undefined {
  return systemNames.find((name) => name === word);
}

export interface Software {
  /** For people. */
  readonly title: string;
  /** Upstream versions; a distribution's later patches add no option. */
  readonly strongswan: string;
  readonly frr: string;
  readonly systemd: string;
  /** Of the distribution; `gateway/host` is written for the oldest of them. */
  readonly python: string;
}

/**
 * - Debian 13: trixie, strongswan 6.0.1-6, frr 10.3-3, systemd 257, python3 3.13.5.
 * - Debian 12: bookworm, strongswan 5.9.8-5, frr 8.4.4-1.1, systemd 252, python3 3.11.2.
 * - Ubuntu 24.04: noble, strongswan 5.9.13-2ubuntu4, frr 8.4.4-1.1ubuntu6, systemd 255, python3 3.12.3.
 * @see https://packages.debian.org/trixie/strongswan-swanctl and /frr, the same below /bookworm;
 * https://packages.ubuntu.com/noble/libstrongswan and /frr. charon-systemd and frr are in Ubuntu's `universe`, which its
 * images for clouds have among their sources.
 */
const software: Readonly<Record<System, Software>> = {
  "debian-13": { title: "Debian 13", strongswan: "6.0.1", frr: "10.3", systemd: "257", python: "3.13" },
  "debian-12": { title: "Debian 12", strongswan: "5.9.8", frr: "8.4.4", systemd: "252", python: "3.11" },
  "ubuntu-24.04": {
    title: "Ubuntu 24.04",
    strongswan: "5.9.13",
    frr: "8.4.4",
    systemd: "255",
    python: "3.12",
  },
};

export function softwareOf(system: System): Software {
  return software[system];
}

export type Daemon = "strongswan" | "frr" | "systemd";

/** From which version on a daemon knows what a release of ours may say. strongSwan, systemd: their NEWS; FRR: its release notes. */
const options = {
  /** The child SA in an exchange of its own (RFC 6023); `prefer` came with 5.9.10. */
  "childless = force": { daemon: "strongswan", since: "5.8.0" },
  /** XFRM interfaces. */
  if_id_in: { daemon: "strongswan", since: "5.8.0" },
  "start_action = trap|start": { daemon: "strongswan", since: "5.9.6" },
  /** `ppk_id`, `ppk_required` and secrets `ppk` (RFC 8784). */
  ppk_id: { daemon: "strongswan", since: "5.7.0" },
  /** RFC 9370, with the plugin `openssl` as all these systems build it: OpenSSL 3.5 has ML-KEM, strongSwan uses it then. */
  ke1_mlkem: { daemon: "strongswan", since: "6.0.2" },
  /** Roles of RFC 9234. */
  "local-role": { daemon: "frr", since: "8.4" },
  /** Without it, an IPv6 neighbour has zebra advertise a router on its interface; 10.3 came with the command. */
  "no bgp ipv6-auto-ra": { daemon: "frr", since: "10.3" },
  /** The daemon that takes configuration for others: FRR 9.0 began it, and Debian's start script knows it since. */
  mgmtd: { daemon: "frr", since: "9.0" },
  /** A service that falls again and again waits longer each time. */
  RestartSteps: { daemon: "systemd", since: "254" },
} as const satisfies Record<string, { readonly daemon: Daemon; readonly since: string }>;

export type Option = keyof typeof options;

export function knows(system: System, option: Option): boolean {
  const { daemon, since } = options[option];
  return !before(softwareOf(system)[daemon], since);
}

/** Why not, in half a sentence: `has strongSwan 5.9.8, and ke1_mlkem needs 6.0.2`. */
export function explainUnknown(system: System, option: Option): string {
  const { daemon, since } = options[option];
  const name = { frr: "FRR", strongswan: "strongSwan", systemd: "systemd" }[daemon];
  const { title, [daemon]: version } = softwareOf(system);
  return `${title} has ${name} ${version}, and ${option} needs ${since}`;
}

/** The systems that know all of these. */
export function systemsThatKnow(wanted: readonly Option[]): System[] {
  return systemNames.filter((system) => wanted.every((option) => knows(system, option)));
}

/** Numbers of two versions compared from the left; an absent one counts as zero. */
function before(one: string, other: string): boolean {
  const [left, right] = [one, other].map((version) => version.split(".").map(Number));
  for (const [index, number] of (right ?? []).entries()) {
    const own = left?.[index] ?? 0;
    if (own !== number) return own < number;
  }
  return false;
}
