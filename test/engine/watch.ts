import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What was seen of the processes that carry one lab's mark in their environment. */
export interface Seen {
  readonly argv: ReadonlySet<string>;
  readonly variables: ReadonlySet<string>;
  /** Program names of providers. */
  readonly providers: ReadonlySet<string>;
}

const everyMs = 40;
/** Who has been a stranger for so many looks is asked as rarely: a host has hundreds, and a run a dozen of its own. */
const looksAtStranger = 25;

/** Looks at /proc until `stop`; a process that lives for less than a look may escape it. */
export function watchProcesses(mark: string): { stop(): Seen } {
  const argv = new Set<string>();
  const variables = new Set<string>();
  const providers = new Set<string>();
  const stop = lookAt(mark, (marked) => {
    for (const { pid, environment } of marked) {
      const words = read(`/proc/${pid}/cmdline`).split("\0");
      for (const word of words) argv.add(word);
      for (const variable of environment) variables.add(variable);
      const provider = words
        .map((word) => /clouds\/(aws|tls|command)\/main/.exec(word)?.[1])
        .find((name) => name !== undefined);
      if (provider !== undefined) providers.add(provider);
    }
  });
  return {
    stop() {
      stop();
      return { argv, variables, providers };
    },
  };
}

/**
 * Who the marked processes speak to, apart from `watchProcesses`: the kernel takes long to list its sockets.
 * @returns `stop`, which gives the address of every TCP peer, and of every UDP socket that is connected
 */
export function watchPeers(mark: string): { stop(): ReadonlySet<string> } {
  const peers = new Set<string>();
  const stop = lookAt(mark, (marked) => {
    const sockets = openSockets();
    for (const { pid } of marked)
      for (const inode of inodesOf(pid)) {
        const peer = sockets.get(inode);
        if (peer !== undefined) peers.add(peer);
      }
  });
  return {
    stop() {
      stop();
      return peers;
    },
  };
}

interface Marked {
  readonly pid: string;
  readonly environment: readonly string[];
}

function lookAt(mark: string, see: (marked: readonly Marked[]) => void): () => void {
  /** In how many looks in a row each process has been a stranger. */
  let strangers = new Map<string, number>();
  const look = (): void => {
    const before = strangers;
    strangers = new Map();
    const marked: Marked[] = [];
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const looks = before.get(pid) ?? 0;
      const known = looks >= looksAtStranger && looks % looksAtStranger !== 0;
      const environment = known ? [] : read(`/proc/${pid}/environ`).split("\0");
      if (environment.includes(mark)) marked.push({ pid, environment });
      else strangers.set(pid, looks + 1);
    }
    see(marked);
  };
  const timer = setInterval(look, everyMs);
  return () => {
    clearInterval(timer);
    look();
  };
}

/** Remote ends of this network namespace's sockets by inode; listeners and unconnected ones have none. */
function openSockets(): Map<string, string> {
  const found = new Map<string, string>();
  for (const table of ["tcp", "tcp6", "udp", "udp6"])
    for (const line of read(`/proc/net/${table}`).split("\n").slice(1)) {
      const [, , remote = "", , , , , , , inode = ""] = line.trim().split(/\s+/);
      const [address = "", port = "0000"] = remote.split(":");
      if (inode !== "" && port !== "0000") found.set(inode, formatAddress(address));
    }
  return found;
}

/** The kernel writes each 32-bit word of an address in the host's byte order. */
function formatAddress(hex: string): string {
  const words = (hex.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) ?? []).reverse().join(""));
  const bytes = words.join("");
  if (bytes.length === 8)
    return (bytes.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join(".");
  const mapped = /^0{20}ffff(.{8})$/.exec(bytes)?.[1];
  if (mapped !== undefined)
    return (mapped.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join(".");
  return (bytes.match(/.{4}/g) ?? []).join(":");
}

function inodesOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
      const inode = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${name}`))?.[1];
      return inode === undefined ? [] : [inode];
    });
  } catch {
    // Ended meanwhile.
    return [];
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Ended meanwhile, or another user's.
    return "";
  }
}
