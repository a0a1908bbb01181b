import { readFileSync } from "node:fs";
import type { TreeFile } from "./content-key";

/** A symbolic link in the image; `path` is relative to the image's root. */
export interface Link {
  readonly path: string;
  readonly to: string;
}

const administrators = "etc/systemd/system";

/**
 * Masks units by name, and generators by the last part of their path, `system-generators/NAME`.
 * @see systemctl(1), "mask"; systemd.generator(7), "Directories"
 */
export function maskLinks(names: readonly string[]): Link[] {
  return names.map((name) => ({
    path: name.startsWith("system-generators/") ? `etc/systemd/${name}` : `${administrators}/${name}`,
    to: "/dev/null",
  }));
}

/**
 * What `systemctl enable` would do, for unit files of the lab's own tree; a unit that Debian ships is enabled by its
 * package and needs nothing.
 * @see systemd.unit(5), "[Install] section options"
 */
export function enableLinks(files: readonly TreeFile[], units: readonly string[]): Link[] {
  return units.flatMap((unit) => {
    const file = files.find(({ path }) => path === `${administrators}/${unit}`);
    return file === undefined ? [] : installLinks(unit, readFileSync(file.source, "utf8"));
  });
}

/** The links that one unit's `[Install]` section asks for. */
export function installLinks(unit: string, text: string): Link[] {
  const install = text.split(/^\[/m).find((section) => section.startsWith("Install]")) ?? "";
  const words = (key: string) =>
    [...install.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))]
      .flatMap((match) => (match[1] ?? "").split(/\s+/))
      .filter((word) => word !== "");
  const to = `/${administrators}/${unit}`;
  return [
    ...words("WantedBy").map((target) => ({ path: `${administrators}/${target}.wants/${unit}`, to })),
    ...words("RequiredBy").map((target) => ({ path: `${administrators}/${target}.requires/${unit}`, to })),
    ...words("Alias").map((alias) => ({ path: `${administrators}/${alias}`, to })),
  ];
}
