import { z } from "zod";

/** What the runner asks of the child of one stack operation, over the child's IPC channel: never argv, never a file. */
export const operationRequest = z.object({
  kind: z.literal("request"),
  operation: z.enum(["up", "preview", "destroy", "refresh", "outputs"]),
  project: z.string(),
  stack: z.string(),
  workDir: z.string(),
  pulumiRoot: z.string(),
  /** Path of the file backend, when the backend is one: locks and pending operations are read there. */
  fileBackend: z.string().optional(),
  programs: z.string(),
  /** JSON file with the programs' input. */
  inputFile: z.string(),
  includeProtected: z.boolean(),
});
export type OperationRequest = z.infer<typeof operationRequest>;

export const childOrder = z.discriminatedUnion("kind", [
  operationRequest,
  z.object({ kind: z.literal("cancel"), how: z.enum(["clean", "now"]) }),
]);
export type ChildOrder = z.infer<typeof childOrder>;

export const childReport = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("repaired"), what: z.string() }),
  z.object({
    kind: z.literal("resource"),
    type: z.string(),
    name: z.string(),
    op: z.string(),
    state: z.enum(["started", "done", "failed"]),
  }),
  z.object({
    kind: z.literal("message"),
    severity: z.enum(["error", "warning", "info"]),
    resource: z.string().optional(),
    text: z.string(),
  }),
  z.object({
    kind: z.literal("result"),
    outcome: z.enum(["succeeded", "failed", "cancelled", "busy"]),
    changes: z.record(z.string(), z.number()),
    because: z.string().optional(),
    /** In the clear: this travels between two of our own processes and is kept in memory. */
    outputs: z.record(z.string(), z.unknown()).optional(),
  }),
]);
export type ChildReport = z.infer<typeof childReport>;
export type ChildResult = Extract<ChildReport, { kind: "result" }>;

/** Environment variable that marks every descendant of one stack operation: `STATE_FOLDER#STACK#UUID`. */
export const operationMarker = "TRUNKLINE_OPERATION";
