import type { z } from "zod";
import { gateProblems } from "./gate-problems";
import { nearest } from "./nearest";
import type { Report } from "./report";
import { knownKeys, laterKeys, weakValues } from "./schema";

type Issue = z.core.$ZodIssue;

/** What the schema found, in our codes and words. */
export function schemaProblems(root: unknown, issues: readonly Issue[], report: Report): void {
  for (const issue of issues) schemaProblem(root, issue, report);
}

function schemaProblem(root: unknown, issue: Issue, report: Report): void {
  const path = pathOf(issue.path);
  const pattern = patternOf(issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      for (const key of issue.keys) unknownKey(path, pattern, key, report);
      return;
    case "invalid_type":
      if (valueAt(root, issue.path) === undefined) {
        const key = String(issue.path.at(-1) ?? "");
        report.error(
          "MissingKey",
          path,
          `\`${key}\` is missing.`,
          `Write \`${key}\` here; it is ${article(issue.expected)}.`,
        );
        return;
      }
      report.unfit(
        "WrongType",
        path,
        `This is ${kindOf(valueAt(root, issue.path))}, and must be ${article(issue.expected)}.`,
        retype(valueAt(root, issue.path), issue.expected),
      );
      return;
    case "invalid_value": {
      const found = valueAt(root, issue.path);
      const allowed = issue.values.map(String);
      if (found === undefined) {
        const key = String(issue.path.at(-1) ?? "");
        report.error("MissingKey", path, `\`${key}\` is missing.`, `Write one of: ${allowed.join(", ")}.`);
      } else if (typeof found === "string" && weakValues[pattern]?.includes(found) === true)
        report.error("KeyWeak", path, `${found} is weak.`, `Write one of: ${allowed.join(", ")}.`);
      else
        report.unfit(
          "WrongValue",
          path,
          `${shown(found)} is none of the values that stand here.`,
          `Write one of: ${allowed.join(", ")}.`,
        );
      return;
    }
    case "too_small": {
      const least = String(issue.minimum);
      const [message, remedy] =
        issue.origin === "array"
          ? ["The list is too short.", `Write at least ${least}.`]
          : issue.origin === "string"
            ? ["The text is empty.", "Write a name, or remove the key."]
            : [`${shown(valueAt(root, issue.path))} is too small.`, `Write at least ${least}.`];
      report.unfit("WrongValue", path, message, remedy);
      return;
    }
    case "too_big": {
      const most = String(issue.maximum);
      const message =
        issue.origin === "array"
          ? "The list is too long."
          : `${shown(valueAt(root, issue.path))} is too large.`;
      report.unfit("WrongValue", path, message, `Write at most ${most}.`);
      return;
    }
    case "invalid_union":
      if (pattern === "rollout.gates.*") {
        for (const inner of gateProblems(valueAt(root, issue.path), path, issue, report))
          schemaProblem(root, { ...inner, path: [...issue.path, ...inner.path] }, report);
        return;
      }
      unclear(path, issue, report);
      return;
    default:
      unclear(path, issue, report);
  }
}

function unclear(path: string, { message }: Issue, report: Report): void {
  report.unfit(
    "WrongValue",
    path,
    `${message.replace(/\.?$/, ".")}`,
    "See docs/fleet.md for what stands here.",
  );
}

function unknownKey(path: string, pattern: string, key: string, report: Report): void {
  const full = path === "" ? key : `${path}.${key}`;
  if (laterKeys[pattern]?.includes(key) === true) {
    report.error(
      "NotYetSupported",
      `${full}#`,
      `\`${key}\` is planned, but this version does not build it.`,
      "Remove it; its default holds.",
    );
    return;
  }
  const known = knownKeys(pattern);
  const meant = nearest(key, known);
  report.error(
    "UnknownKey",
    `${full}#`,
    `\`${key.slice(0, 60)}\` is no key that stands here.`,
    meant === undefined ? `Known here: ${known.join(", ")}.` : `Did you mean \`${meant}\`?`,
  );
}

export function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === "number"
        ? `${text}[${String(key)}]`
        : text === ""
          ? String(key)
          : `${text}.${String(key)}`,
    "",
  );
}

/** The path with the user's own names and positions as `*`. */
function patternOf(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => {
      const above = path[index - 1];
      return typeof key === "number" || above === "regions" || above === "epochs" || above === "subnets"
        ? "*"
        : String(key);
    })
    .join(".");
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? Reflect.get(value, key)
        : undefined,
    root,
  );
}

function kindOf(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return typeof value === "string" ? "text" : article(typeof value);
}

/** How to write it as the type that is wanted. */
function retype(found: unknown, expected: string): string {
  if (found === null) return "Write a value behind the key, or remove the key.";
  const scalar = typeof found !== "object";
  switch (expected) {
    case "string":
      return scalar
        ? `Put it in quotes if it is what you mean: "${shown(found)}".`
        : "Write one value, with no brackets and nothing below it.";
    case "int":
    case "number":
      return "Write digits alone, with no quotes, no unit and no point.";
    case "boolean":
      return "Write true or false.";
    case "array":
    case "tuple":
      return scalar
        ? `Put it in brackets: [${String(found).slice(0, 60)}].`
        : "Write a list in brackets, or a line each after a dash.";
    case "object":
    case "record":
      return "Write `key: value` pairs in braces, or a line each below it.";
    default:
      return "Write a value of that type.";
  }
}

function article(type: string): string {
  const words: Readonly<Record<string, string>> = {
    string: "text",
    int: "a whole number",
    number: "a number",
    boolean: "true or false",
    array: "a list",
    tuple: "a list",
    object: "a mapping",
    record: "a mapping",
  };
  return words[type] ?? `a ${type}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
