import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "./recipes";

/** Signs the suite; on Debian and Ubuntu in the package debian-archive-keyring. */
export const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Where Debian is taken from: a mirror of one's own is named by TRUNKLINE_DEBIAN_MIRROR. */
export function mirror(environment: NodeJS.ProcessEnv = process.env): string {
  return environment["TRUNKLINE_DEBIAN_MIRROR"] ?? "http://deb.debian.org/debian";
}

/**
 * One-line sources of a suite and its security fixes, verified with Debian's own keys whatever the host trusts.
 * @param release the suite; the default release's, if none is named
 * @param from a suite beside it, such as its backports
 */
export function sources(release: string = suite, from: string = release): string[] {
  const main = mirror();
  const security = `${main.replace(/\/debian\/?$/, "")}/debian-security`;
  return [
    `deb [signed-by=${keyring}] ${main} ${release} main`,
    `deb [signed-by=${keyring}] ${main} ${release}-updates main`,
    `deb [signed-by=${keyring}] ${security} ${release}-security main`,
    ...(from === release ? [] : [`deb [signed-by=${keyring}] ${main} ${from} main`]),
  ];
}

/**
 * An apt of its own below `folder`: own sources, lists and cache; the host's apt is not touched. How to reach a proxy is
 * still read from the host's configuration.
 * @returns the environment that makes apt use it
 */
export function ownApt(folder: string, from?: string): { APT_CONFIG: string } {
  for (const path of [
    "etc/preferences.d",
    "etc/sources.list.d",
    "state/lists/partial",
    "cache/archives/partial",
  ])
    mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, "etc/sources.list"), `${sources(suite, from).join("\n")}\n`);
  writeFileSync(join(folder, "state/status"), "");
  const config = join(folder, "apt.conf");
  writeFileSync(
    config,
    `${[
      `Dir::State "${folder}/state"`,
      `Dir::State::status "${folder}/state/status"`,
      `Dir::Cache "${folder}/cache"`,
      `Dir::Etc::sourcelist "${folder}/etc/sources.list"`,
      `Dir::Etc::sourceparts "${folder}/etc/sources.list.d"`,
      `Dir::Etc::preferences "${folder}/etc/preferences"`,
      `Dir::Etc::preferencesparts "${folder}/etc/preferences.d"`,
      'APT::Architecture "amd64"',
      'APT::Architectures "amd64"',
      'Acquire::Languages "none"',
      'Acquire::Retries "3"',
      // Our folder is closed to apt's download user; what is downloaded is verified all the same.
      'APT::Sandbox::User ""',
      // The host's hooks clean the host's cache and talk to its services.
      "#clear APT::Update::Pre-Invoke",
      "#clear APT::Update::Post-Invoke",
      "#clear APT::Update::Post-Invoke-Success",
    ]
      .map((line) => `${line};`)
      .join("\n")}\n`,
  );
  return { APT_CONFIG: config };
}
