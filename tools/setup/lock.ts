import { createHash } from "node:crypto";
import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";

/** Who holds a lock, for the one who waits. */
export interface LockHolder {
  readonly pid: number;
  /** What it is doing: "kernel". */
  readonly purpose: string;
}

export interface LockOptions {
  /** What is guarded; locks of two folders have nothing to do with each other. */
  readonly folder: string;
  readonly purpose: string;
  readonly signal: AbortSignal;
  /** Called once per holder that is waited for. `undefined` if it did not say who it is. */
  readonly onWait: (holder: LockHolder | undefined) => void;
}

/**
 * Waits until no other process holds the lock, then holds it until the returned function is called or this process
 * ends, however it ends. The lock is a socket with an abstract name (unix(7)): the kernel gives it to one process only,
 * and takes it back with the process's last breath, so nothing can be left behind by a crash, and a process that waits
 * is told of the end by its connection.
 */
export async function acquireLock(options: LockOptions): Promise<() => Promise<void>> {
  const name = lockName(options);
  for (;;) {
    options.signal.throwIfAborted();
    const release = await tryToHold(name, options);
    if (release !== undefined) return release;
    await waitForHolder(name, options);
  }
}

function lockName({ folder, purpose }: LockOptions): string {
  return `\0trunkline-setup-${createHash("sha256").update(`${folder}\0${purpose}`).digest("hex").slice(0, 32)}`;
}

async function tryToHold(
  name: string,
  { purpose, signal }: LockOptions,
): Promise<(() => Promise<void>) | undefined> {
  const waiting = new Set<Socket>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on("error", () => undefined).on("close", () => waiting.delete(socket));
    socket.write(`${JSON.stringify({ pid: process.pid, purpose } satisfies LockHolder)}\n`);
  });
  try {
    server.listen(name);
    await once(server, "listening", { signal });
  } catch (error) {
    server.close(() => undefined);
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return undefined;
    throw error;
  }
  // The lock alone must not keep the process alive.
  server.unref();
  return async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of waiting) socket.destroy();
    await closed;
  };
}

async function waitForHolder(name: string, { onWait, signal }: LockOptions): Promise<void> {
  const socket = createConnection(name);
  socket.setEncoding("utf8");
  let said = "";
  let told = false;
  const tell = (holder: LockHolder | undefined) => {
    if (!told) onWait(holder);
    told = true;
  };
  socket.on("data", (text: string) => {
    said += text;
    if (said.includes("\n")) tell(parseHolder(said));
  });
  // A holder that is gone before it answers leaves nothing to wait for.
  socket.on("error", () => undefined);
  const stop = () => socket.destroy();
  signal.addEventListener("abort", stop, { once: true });
  const quiet = setTimeout(() => {
    tell(undefined);
  }, 2000);
  await new Promise((resolve) => socket.once("close", resolve));
  clearTimeout(quiet);
  signal.removeEventListener("abort", stop);
}

function parseHolder(line: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("pid" in value) || !("purpose" in value))
      return undefined;
    const { pid, purpose } = value;
    return typeof pid === "number" && typeof purpose === "string" ? { pid, purpose } : undefined;
  } catch {
    return undefined;
  }
}
