import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Release } from "trunkline/gateway/release";

/** The same release but for one text in one file, with a manifest that agrees. */
export function changed(release: Release, path: string, from: string, to: string): Release {
  const text = release.files[path];
  assert.ok(text?.includes(from) === true, `${path} has no ${from}`);
  const files = { ...release.files, [path]: text.replace(from, to) };
  const sha256 = (bytes: string) => createHash("sha256").update(bytes).digest("hex");
  const manifest = release.manifest.replaceAll(sha256(text), sha256(files[path] ?? ""));
  return { ...release, files, manifest, hash: sha256(manifest) };
}
