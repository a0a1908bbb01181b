import { LabError } from "../client/client";
import type { Agent } from "./agent";

const fillFile = "/var/trunkline-lab-fill";

/** SIGKILL to all processes of that name (the kernel's: at most 15 characters count). */
export async function killProcess(agent: Agent, process: string): Promise<void> {
  const { code, stderr } = await agent.exec(["pkill", "-KILL", "-x", "--", process.slice(0, 15)]);
  if (code === 1) throw new LabError("NoSuchProcess", `${agent.name} runs no process "${process}"`);
  if (code !== 0) throw new LabError("FaultFailed", stderr.trim());
}

/** Leaves no free block: first by allocation (which writes nothing), then by writing what is reserved for root. */
export async function fillDisk(agent: Agent): Promise<void> {
  const script = [
    `fallocate -l "$(df --output=avail -B1 / | tail -n 1 | tr -d ' ')" ${fillFile} 2> /dev/null`,
    `cat /dev/zero >> ${fillFile} 2> /dev/null`,
    `sync; [ "$(df --output=avail -B1 / | tail -n 1 | tr -d ' ')" = 0 ]`,
  ].join("; ");
  const { code } = await agent.exec(["sh", "-c", script], { deadlineSeconds: 120 });
  if (code !== 0) throw new LabError("FaultFailed", `${agent.name}: its disk is not full yet`);
}

export async function freeDisk(agent: Agent): Promise<void> {
  await agent.exec(["rm", "-f", fillFile]);
}
