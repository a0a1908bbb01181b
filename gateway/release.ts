import type { System } from "../fleet/system";

/**
 * A release: one gateway's whole configuration. Named by the SHA-256 of its manifest, so that equal content has an
 * equal name and a changed byte is a changed release.
 */
export interface Release {
  /** Gateway id, such as `use1-a`. */
  readonly gateway: string;
  /** Lower-case hex SHA-256 of `manifest` exactly as written. */
  readonly hash: string;
  /** Canonical JSON of `ReleaseManifest`: sorted keys, no spaces, ends without newline. */
  readonly manifest: string;
  /** Content by path, same paths as in the manifest. */
  readonly files: Readonly<Record<string, string>>;
}

export interface ReleaseManifest {
  readonly format: "trunkline.release/1";
  readonly gateway: string;
  /** What it is written for; a machine that runs another system refuses it. */
  readonly system: System;
  /** Lower-case hex SHA-256 and octal mode (`0644`) by absolute path on the gateway. */
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly mode: string }>>;
  /** Debian packages that must be installed, sorted. */
  readonly packages: readonly string[];
  /** Which private key of the gateway the release uses: `/var/lib/trunkline/keys/EPOCH.pem`. */
  readonly keyEpoch: number;
  /** What must come up for the release to be healthy: tunnel ids by connection name, BGP neighbours. */
  readonly expects: { readonly connections: readonly string[]; readonly neighbours: readonly string[] };
}
