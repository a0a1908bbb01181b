import { spawn } from "node:child_process";
import { join } from "node:path";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const entry = join(__dirname, "..", "..", "..", "automation", "cli", "main.ts");

/**
 * The command as a user runs it, in a folder of its own and with nothing of the caller's environment but PATH.
 * @param interruptAt what it says for people when Ctrl-C is pressed, once
 */
export function trunkline(
  folder: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  interruptAt?: string,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [`--import=${require.resolve("tsx")}`, entry, ...words], {
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    let pressed = false;
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      if (pressed || interruptAt === undefined || !stderr.includes(interruptAt)) return;
      pressed = true;
      child.kill("SIGINT");
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/**
 * The command at a terminal, with somebody who types once.
 * @returns what stood on the screen
 */
export function atTerminal(
  folder: string,
  words: readonly string[],
  { waitsFor, types }: { readonly waitsFor: string; readonly types: string },
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly text: string }> {
  const command = [process.execPath, `--import=${require.resolve("tsx")}`, entry, ...words];
  return new Promise((resolve, reject) => {
    const child = spawn("python3", ["-c", terminal, waitsFor, types, ...command], {
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => (text += part));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, text }));
  });
}

/** Python's standard library has the pseudo-terminal that Node's has not. */
const terminal = `
import os, pty, sys
waits_for, types, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)
seen, typed = b"", False
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    seen += part
    os.write(1, part)
    if not typed and waits_for.encode() in seen:
        typed = True
        os.write(terminal, types.encode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
