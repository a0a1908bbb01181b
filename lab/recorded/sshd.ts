import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ExecResult } from "../client/client";
import type { SshRequest } from "../world/backend";
import { labInternet, type Machine, type World } from "../world/model";
import { passage } from "../world/passage";
import { objectOf } from "../world/world";
import { publicKeyOf, type RecordedMachine } from "./machine";
import { parseSsh, type SshCall } from "./ssh-request";

/** A push may install packages. */
const deadlineSeconds = 120;

/**
 * What ssh(1) and a machine's sshd would say to each other: the path through the cloud's firewall, the pinned host
 * key, the push key, then the command. Failures are in OpenSSH's words, with its exit code.
 */
export async function answerSsh(
  { argv, stdin, workingDirectory }: SshRequest,
  world: World,
  machineOf: (id: string) => RecordedMachine | undefined,
): Promise<ExecResult> {
  const call = parseSsh(argv);
  if (call === undefined) return failed("usage: ssh [options] destination [command]");
  const machine = reachable(world, call.address);
  const recorded = machine === undefined ? undefined : machineOf(machine.id);
  if (recorded === undefined)
    return failed(`ssh: connect to host ${call.address} port 22: Connection timed out`);
  const pinned = knownKeys(call, workingDirectory);
  const offered = await recorded.hostKeys();
  if (!offered.some((key) => pinned.includes(key))) return failed("Host key verification failed.");
  const key =
    call.identityFile === undefined ? "" : await publicKeyOf(resolve(workingDirectory, call.identityFile));
  if (call.user !== "root" || key === "" || !recorded.authorizes(key))
    return failed(`${call.user}@${call.address}: Permission denied (publickey).`);
  return recorded.shell(call.command, stdin, deadlineSeconds);
}

/** The running machine behind a public address, if the lab's management host may open port 22 there. */
function reachable(world: World, address: string): Machine | undefined {
  const seen = passage(world, "management", {
    source: labInternet.management,
    destination: address,
    protocol: "tcp",
    port: 22,
  });
  return seen.arrives ? objectOf(world, "machine", seen.at) : undefined;
}

/** Keys that the caller's known_hosts file has for the address. */
function knownKeys({ address, options }: SshCall, workingDirectory: string): string[] {
  const file = options.get("userknownhostsfile");
  if (file === undefined) return [];
  return readFileSync(resolve(workingDirectory, file), "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([host]) => host === address)
    .map((parts) => parts.slice(1, 3).join(" "));
}

function failed(message: string): ExecResult {
  return { code: 255, stdout: "", stderr: `${message}\n` };
}
