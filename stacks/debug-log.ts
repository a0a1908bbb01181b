// eslint-disable-next-line @typescript-eslint/no-require-imports -- the module's own object, to be changed in place
import log = require("@pulumi/pulumi/log");

/**
 * Makes the SDK's own debug messages say nothing. They hold every resource's answer with secrets in plain text
 * ("RegisterResource RPC finished: …, resp: …", sdk/nodejs/runtime/resource.ts, 3.259); the engine hides them on a
 * terminal, but writes them to the event log, a file that outlives an operation that is killed, and that the
 * Automation API hands to whoever listens to events.
 */
export function silenceDebugLog(): void {
  Object.assign(log, { debug: () => Promise.resolve() });
}
