import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LabFolder } from "../folder";

/**
 * Writes the `ssh` that engine children find first on their PATH. With kernels it is the system's own, which reaches the
 * lab's addresses through the lab's socket; recorded, there is no sshd to reach, and the lab answers for the machine.
 */
export function writeWrapper(paths: LabFolder, mode: "kernels" | "recorded"): void {
  for (const folder of [paths.bin, paths.home, paths.pulumiHome])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(paths.bin, "ssh");
  writeFileSync(path, mode === "kernels" ? throughSocket(paths) : recorded(paths));
  chmodSync(path, 0o700);
}

/** Everything that the daemon and its back ends made; the log stays. */
export function clearFolder(paths: LabFolder): void {
  const made = ["machines", "recorded", "state"].map((name) => join(paths.folder, name));
  for (const path of [...made, paths.world, paths.bin, paths.home, paths.pulumiHome, paths.runtime])
    rmSync(path, { recursive: true, force: true });
}

function throughSocket(paths: LabFolder): string {
  // ssh hands `exec` and the command to a shell, and replaces %h and %p itself: a % of ours is doubled.
  const command = [python(), "-I", "-S", join(__dirname, "connect.py"), paths.socket].map(quoted).join(" ");
  const proxy = `${command.replaceAll("%", "%%")} %h %p`;
  return `#!/bin/sh
# The lab's way to a machine: the real ssh, its connection made from the lab's management host.
own=\${0%/*}
IFS=:
set -f
for folder in $PATH; do
  if [ -x "$folder/ssh" ] && [ ! "$folder" -ef "$own" ]; then
    unset IFS
    exec "$folder/ssh" -o ${quoted(`ProxyCommand=${proxy}`)} "$@"
  fi
done
echo "ssh: the lab needs OpenSSH's client (Debian: openssh-client), and PATH has none" >&2
exit 127
`;
}

function recorded(paths: LabFolder): string {
  const command = [python(), "-I", "-S", join(__dirname, "ssh.py"), paths.socket].map(quoted).join(" ");
  return `#!/bin/sh\n# The recorded lab answers in place of a machine's sshd.\nexec ${command} "$@"\n`;
}

/** The interpreter itself: a `python3` that first chooses among several costs a tenth of a second, at every connection. */
function python(): string {
  const words = ["-I", "-S", "-c", "import sys; print(sys.executable)"];
  return execFileSync("python3", words, { encoding: "utf8", timeout: 30_000 }).trim();
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
