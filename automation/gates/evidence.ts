import type { Proof } from "../verify/proof";

/** So much of what was seen goes with a gate's answer: enough to begin looking, and never a log. */
const mostLines = 20;
const longestLine = 300;

/** At most so many lines, each at most so long, and how many were left out: the first, or with `last` the last. */
export function bounded(lines: readonly string[], which: "first" | "last" = "first"): string[] {
  const short = lines.map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)} …` : line));
  if (short.length <= mostLines) return short;
  const left = `… ${String(short.length - mostLines)} more`;
  return which === "first" ? [...short.slice(0, mostLines), left] : [left, ...short.slice(-mostLines)];
}

export function proofEvidence(proofs: readonly Proof[]): string[] {
  return bounded(
    proofs.map(({ id, expected, observed }) => `${id}: expected ${expected}; seen: ${observed}`),
  );
}

/**
 * What a program of the user's printed, as lines that may be kept and shown: without what moves a terminal's cursor, without
 * private keys, and without these secrets.
 */
export function scrubbed(text: string, secrets: readonly string[]): string[] {
  const open = secrets
    .flatMap((secret) => [secret, ...secret.split("\n")])
    .map((secret) => secret.trim())
    .filter((secret) => secret.length >= 8)
    .sort((one, other) => other.length - one.length);
  return open
    .reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text)
    .replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, "[secret]")
    .split("\n")
    .map(printable)
    .filter((line) => line !== "");
}

/** ECMA-48's escape sequences and what other control characters there are go. */
function printable(line: string): string {
  return line
    .replace(/\u001b(\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(\u0007|\u001b\\)|.)/g, "")
    .replace(/[\u0000-\u001f\u007f-\u009f]/g, " ")
    .trim();
}

/** Values of the caller's variables that a user's program is not handed on and that may be secrets, by their names. */
export function secretVariables(
  environment: Readonly<Record<string, string | undefined>>,
  handedOn: readonly string[],
): string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && !handedOn.includes(name) && /KEY|TOKEN|SECRET|PASS|CREDENTIAL/i.test(name)
      ? [value]
      : [],
  );
}
