import type { Plan } from "./plan";

/**
 * Writes a plan as one JSON document, an entry a line, in pieces: a full mesh of 200 regions has 80,000 tunnels, and
 * as one string it would take the memory twice.
 * @param write resolves when there is room for more
 */
export async function writePlan(plan: Plan, write: (text: string) => Promise<void>): Promise<void> {
  let first = true;
  for (const [key, value] of Object.entries(plan)) {
    await write(`${first ? "{\n" : ",\n"}  ${JSON.stringify(key)}: `);
    first = false;
    if (!Array.isArray(value)) {
      await write(JSON.stringify(value));
      continue;
    }
    const entries: readonly unknown[] = value;
    await write("[");
    for (let at = 0; at < entries.length; at += batch)
      await write(
        entries
          .slice(at, at + batch)
          .map((entry, index) => `${at + index === 0 ? "" : ","}\n    ${JSON.stringify(entry)}`)
          .join(""),
      );
    await write(entries.length === 0 ? "]" : "\n  ]");
  }
  await write("\n}\n");
}

const batch = 200;
