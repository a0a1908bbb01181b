import { rmSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { TreeFile } from "./content-key";
import { run } from "./processes";
import { type ImageName, imageParts } from "./recipes";
import { SetupError } from "./setup-error";
import type { Stage } from "./stage";
import { enableLinks, maskLinks, type Link } from "./units";

/**
 * Writes the lab's own files into a copy of the base file system with debugfs, which needs neither root nor a mount
 * and takes two seconds.
 */
export async function makeImage(
  { work, log, signal, progress }: Stage,
  base: string,
  release: ImageName,
): Promise<Record<string, string>> {
  progress("writing the lab's files");
  const image = join(work, "image.ext4");
  const step = { signal, log };
  const debugfs = async (target: string, commands: readonly string[]) => {
    const script = join(work, "commands");
    writeFileSync(script, `${commands.join("\n")}\n`);
    const said: string[] = [];
    const onLine = (line: string) => {
      // It repeats each command, and begins with its version.
      if (!/^debugfs[: ]|^Allocated inode: \d+$/.test(line)) said.push(line);
    };
    await run("debugfs", ["-w", "-f", script, target], {
      ...step,
      onLine,
      purpose: "Writing the lab's files",
    });
    rmSync(script);
    return said;
  };
  await run("cp", ["--sparse=always", "--reflink=auto", join(base, "base.ext4"), image], {
    ...step,
    purpose: "Copying the base image",
  });
  await run("cp", [join(base, "packages.txt"), join(work, "packages.txt")], {
    ...step,
    purpose: "Copying the list",
  });

  const { tree: files, units, masked } = imageParts(release);
  const links = [...enableLinks(files, units), ...maskLinks(masked)];
  const entries = [...files, ...links];
  const absent = new Set(
    (
      await debugfs(
        image,
        [...parents(entries), ...entries.map(({ path }) => path)].map((path) => `stat "/${path}"`),
      )
    ).flatMap((line) => /^\/(.*): File not found/.exec(line)?.[1] ?? []),
  );
  const complaints = (await debugfs(image, debugfsScript(files, links, absent))).filter(
    (line) => line !== "",
  );
  // debugfs ends with status 0 whatever happened, and says nothing when all went well.
  if (complaints.length > 0)
    throw new SetupError(
      "BuildFailed",
      `debugfs could not write the lab's files:\n  ${complaints.join("\n  ")}`,
    );
  await run("e2fsck", ["-fn", image], { ...step, purpose: "Checking the image" });
  return { files: String(files.length) };
}

/** Every folder above the given paths, outermost first. */
export function parents(entries: readonly { readonly path: string }[]): string[] {
  const folders = entries.flatMap(({ path }) => {
    const parts = path.split("/").slice(0, -1);
    return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  });
  return [...new Set(folders)].sort();
}

/** The commands that bring files and links into the image, given what is not in it yet. */
export function debugfsScript(
  files: readonly TreeFile[],
  links: readonly Link[],
  absent: ReadonlySet<string>,
): string[] {
  const makeRoom = ({ path }: { path: string }) => (absent.has(path) ? [] : [`rm "/${path}"`]);
  return [
    ...parents([...files, ...links])
      .filter((folder) => absent.has(folder))
      .map((folder) => `mkdir "/${folder}"`),
    ...files.flatMap((file) => [
      ...makeRoom(file),
      // `write` takes a slash in the new name for a part of the name.
      `cd "/${posix.dirname(file.path)}"`,
      `write "${file.source}" "${posix.basename(file.path)}"`,
      // 01: a regular file.
      `set_inode_field "/${file.path}" mode ${file.executable ? "0100755" : "0100644"}`,
      `set_inode_field "/${file.path}" uid 0`,
      `set_inode_field "/${file.path}" gid 0`,
    ]),
    ...links.flatMap((link) => [...makeRoom(link), `symlink "/${link.path}" "${link.to}"`]),
  ];
}
