import type { Duplex } from "node:stream";
import { z } from "zod";
import { CredentialStore } from "./credentials";
import { Ec2Api, type TableStore } from "./ec2";
import { leaseOf } from "./lease";
import { MetadataService } from "./metadata";

const leaseSchema = z.object({ id: z.int(), door: z.literal("lease"), interface: z.string() });
const requestSchema = z.object({
  id: z.int(),
  door: z.enum(["metadata", "api"]),
  interface: z.string(),
  method: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.base64(),
});

/** Answers what comes in at the fabric's doors (`lab/fabric/cloud_doors.py`), a line of JSON each way. */
export function answerDoors(
  lines: AsyncIterable<string>,
  doors: Duplex,
  store: TableStore,
  log: (line: string) => void,
): void {
  const credentials = new CredentialStore();
  const metadata = new MetadataService(credentials);
  const api = new Ec2Api(store, credentials);
  const answer = async (line: string): Promise<void> => {
    const heard = z.union([leaseSchema, requestSchema]).parse(JSON.parse(line));
    if (heard.door === "lease") {
      const lease = leaseOf(store.world, heard.interface) ?? null;
      doors.write(`${JSON.stringify({ id: heard.id, lease })}\n`);
      return;
    }
    const { id, door, interface: card, body, ...request } = heard;
    const asked = { ...request, body: Buffer.from(body, "base64").toString("utf8") };
    const now = Date.now();
    const said =
      door === "metadata" ? metadata.answer(store.world, card, asked, now) : await api.answer(asked, now);
    doors.write(`${JSON.stringify({ id, ...said })}\n`);
  };
  const listen = async (): Promise<void> => {
    for await (const line of lines)
      answer(line).catch((error: unknown) => log(`a cloud's door: ${String(error)}`));
  };
  listen().catch((error: unknown) => log(`the clouds' doors are shut: ${String(error)}`));
}
