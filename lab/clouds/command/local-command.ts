import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type Call, resourceType } from "../provider/resource";
import type { Properties } from "../provider/wire";
import { runShell } from "./shell";

/** The command provider asks nobody: it has no context. */
export type Nothing = Readonly<Record<never, never>>;

const inputs = {
  create: z.string().optional(),
  update: z.string().optional(),
  delete: z.string().optional(),
  dir: z.string().optional(),
  environment: z.record(z.string().regex(/^[^=\0]+$/), z.string()).optional(),
  stdin: z.string().optional(),
  interpreter: z.array(z.string()).min(1).optional(),
  triggers: z.array(z.json()).optional(),
  addPreviousOutputInEnv: z.boolean().optional(),
  logging: z.enum(["none", "stdout", "stderr", "stdoutAndStderr"]).optional(),
};
const schema = z.object(inputs);
type Given = z.output<typeof schema>;

/**
 * `local.Command` as pulumi-command 1.2.1 has it (provider/pkg/provider/local): `create` when it is made, `update` (or
 * `create` again) when an input changes, `delete` when it goes; what the last one printed is in the environment of the
 * next. The SDK itself asks for a replacement when `triggers` change. It runs as whoever runs the engine, on this host;
 * the lab's `ssh` stands first in its PATH.
 */
export const localCommand = resourceType<Nothing, typeof inputs>({
  token: "command:local:Command",
  inputs,
  replacedBy: ["triggers"],
  computed: ["stdout", "stderr"],
  changing: ["stdout", "stderr"],
  // What is run with a secret may print it.
  secretByInputs: true,
  async create(given, call) {
    // The provider's ids: the logical name and eight hexadecimal digits.
    const id = `${call.name}${randomBytes(4).toString("hex")}`;
    return { id, outputs: await run(given.create, given, {}, call) };
  },
  read: () => Promise.resolve({}),
  update: (_id, given, state, call) => run(given.update ?? given.create, given, state, call),
  async remove(_id, state, call) {
    const given = schema.parse(state);
    await run(given.delete, given, state, call);
  },
});

const printed = z.object({ stdout: z.string().optional(), stderr: z.string().optional() });

async function run(
  command: string | undefined,
  given: Given,
  before: Properties,
  { signal, timeoutSeconds }: Call<Nothing>,
): Promise<Properties> {
  const { stdout: lastOut = "", stderr: lastErr = "" } = printed.parse(before);
  if (command === undefined) return { stdout: lastOut, stderr: lastErr };
  const previous =
    given.addPreviousOutputInEnv === false || Object.keys(before).length === 0
      ? {}
      : { PULUMI_COMMAND_STDOUT: lastOut, PULUMI_COMMAND_STDERR: lastErr };
  const done = await runShell({
    argv: [...(given.interpreter ?? ["/bin/sh", "-c"]), command],
    environment: { ...given.environment, ...previous },
    stdin: given.stdin ?? "",
    directory: given.dir,
    signal,
    timeoutSeconds,
  });
  return { stdout: trimmed(done.stdout), stderr: trimmed(done.stderr) };
}

/** The provider takes one line's end off both ("strings.TrimSuffix(…, \"\\n\")"). */
function trimmed(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}
