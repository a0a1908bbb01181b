import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type YAMLError,
  type YAMLWarning,
} from "yaml";
import { byPlace, type Position, type Problem, type ProblemCode } from "./problem";

/** A YAML document as plain values, with the place of every value and key by its path. */
export interface FleetDocument {
  readonly value: unknown;
  /** By path, such as `regions.use1.cidr` or `links[1]`; the root is "". A key's place is under `path#`. */
  readonly positions: ReadonlyMap<string, Position>;
  /** Keys that stand twice, of which `value` has the first. */
  readonly problems: readonly Problem[];
}

/** Characters; a fleet of 200 regions with every field written takes about 100,000. */
const longestText = 2_000_000;
/** Values, aliases unfolded: an alias bomb has billions. */
const mostValues = 100_000;
/** The parser descends by recursion, so depth is counted before it runs out of stack. */
const deepest = 100;

/** The parser's own words when it ran out of stack all the same. */
const outOfStack = /call stack|stack overflow/i;

/** What follows the first errors of syntax is mostly their echo. */
const mostErrors = 10;

/** Line and column of an offset. Counted here: the parser's own counter misses line ends behind a syntax error. */
function placesIn(text: string, file: string): (offset: number) => Position {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    const place = Math.min(Math.max(offset, 0), text.length);
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return { file, line: low + 1, column: place - (starts[low] ?? 0) + 1 };
  };
}

/** Reads YAML 1.2 with positions. All syntax errors at once; never throws. */
export function readDocument(
  text: string,
  file: string,
):
  | { readonly ok: true; readonly document: FleetDocument }
  | { readonly ok: false; readonly problems: Problem[] } {
  const refused = refuse(text, file);
  if (refused !== undefined) return { ok: false, problems: [refused] };
  let document;
  try {
    document = parseDocument(text, {
      // The parser compares each key with each, which takes minutes for thousands; the reader below does it by name.
      uniqueKeys: false,
      prettyErrors: false,
      // "silent" would also pass over a second document.
      logLevel: "error",
    });
  } catch (error) {
    return {
      ok: false,
      problems: [
        error instanceof RangeError
          ? tooDeep({ file, line: 1, column: 1 })
          : wholeFile("NotYaml", file, `${String(error)}.`, "Write a fleet file as in docs/fleet.md."),
      ],
    };
  }
  const at = placesIn(text, file);
  // A warning is a tag that nobody knows: what it was to mean would be ignored.
  const errors = [...document.errors, ...document.warnings];
  // Where the stack ends differs from one machine to the next, so the file as a whole is named.
  if (errors.some(({ message }) => outOfStack.test(message)))
    return { ok: false, problems: [tooDeep(at(0))] };

  const positions = new Map<string, Position>([["", at(0)]]);
  const reader = new Reader(positions, at, (alias) => alias.resolve(document));
  try {
    const value = reader.value(document.contents, "", 0);
    if (errors.length === 0) return { ok: true, document: { value, positions, problems: reader.problems } };
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    if (errors.length === 0) return { ok: false, problems: [error.problem] };
  }
  const syntax = errors.slice(0, mostErrors).map((error) => syntaxProblem(error, at));
  return { ok: false, problems: byPlace([...syntax, ...reader.problems]) };
}

class TooMuch extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

function tooDeep(at: Position): Problem {
  const message = "It is nested too deeply.";
  const remedy = "Write a fleet file as in docs/fleet.md.";
  return { code: "NotYaml", severity: "error", at, path: "", message, remedy };
}

class Reader {
  readonly problems: Problem[] = [];
  #values = 0;
  #aliases = 0;

  constructor(
    private readonly positions: Map<string, Position>,
    private readonly at: (offset: number) => Position,
    private readonly resolve: (alias: Alias) => unknown,
  ) {}

  value(node: unknown, path: string, depth: number): unknown {
    if (isAlias(node)) {
      this.#place(path, node.range?.[0]);
      this.#aliases += 1;
      this.#count(node.range?.[0], depth);
      return this.value(this.resolve(node), path, depth + 1);
    }
    if (isMap(node)) {
      this.#place(path, node.range?.[0]);
      this.#count(node.range?.[0], depth);
      const object = new Map<string, unknown>();
      for (const pair of node.items) this.#entry(object, pair, path, depth);
      return Object.fromEntries(object);
    }
    if (isSeq(node)) {
      this.#place(path, node.range?.[0]);
      this.#count(node.range?.[0], depth);
      return node.items.map((item, index) => this.value(item, `${path}[${String(index)}]`, depth + 1));
    }
    if (isScalar(node)) {
      this.#place(path, node.range?.[0]);
      this.#count(node.range?.[0], depth);
      return node.value;
    }
    return null;
  }

  #entry(object: Map<string, unknown>, { key, value }: Pair, path: string, depth: number): void {
    const name = isScalar(key) ? String(key.value) : JSON.stringify(key);
    const inner = path === "" ? name : `${path}.${name}`;
    const place = isScalar(key) ? key.range?.[0] : undefined;
    if (object.has(name)) {
      this.#refuse(
        "DuplicateKey",
        place,
        inner,
        "This key stands twice in its mapping.",
        "Keep one of the two.",
      );
      return;
    }
    // Most of JavaScript passes over it in silence.
    if (name === "__proto__") {
      this.#refuse("UnknownKey", place, inner, "`__proto__` is no key that stands here.", "Remove it.");
      return;
    }
    this.#place(`${inner}#`, place);
    this.#place(inner, place);
    object.set(name, this.value(value, inner, depth + 1));
  }

  /** An alias's target keeps the place of the alias: that is the line to change. */
  #place(path: string, offset: number | undefined): void {
    if (offset !== undefined) this.positions.set(path, this.at(offset));
  }

  #refuse(
    code: ProblemCode,
    offset: number | undefined,
    path: string,
    message: string,
    remedy: string,
  ): void {
    this.problems.push({ code, severity: "error", at: this.at(offset ?? 0), path, message, remedy });
  }

  #count(offset: number | undefined, depth: number): void {
    this.#values += 1;
    if (this.#values <= mostValues && depth <= deepest) return;
    const at = this.at(offset ?? 0);
    if (this.#aliases > 0)
      throw new TooMuch({
        code: "AliasBomb",
        severity: "error",
        at,
        path: "",
        message: `The file unfolds to more than ${String(mostValues)} values, or ${String(deepest)} levels.`,
        remedy: "Write values out instead of repeating them by aliases.",
      });
    if (depth > deepest) throw new TooMuch(tooDeep(at));
    throw new TooMuch({
      code: "TooLarge",
      severity: "error",
      at,
      path: "",
      message: `It holds more than ${String(mostValues)} values.`,
      remedy: "Check that it is the right file, or split it into several fleets.",
    });
  }
}

function refuse(text: string, file: string): Problem | undefined {
  if (text.length > longestText)
    return wholeFile(
      "TooLarge",
      file,
      `It has ${String(text.length)} characters; a fleet file has at most ${String(longestText)}.`,
      "Check that it is the right file.",
    );
  // U+FFFD is what decoding puts in place of bytes that are no UTF-8.
  const odd = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/.exec(text);
  if (odd === null) return undefined;
  const before = text.slice(0, odd.index).split("\n");
  return {
    ...wholeFile("NotText", file, "It holds bytes that are no UTF-8 text.", "Save it as plain UTF-8."),
    at: { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 },
  };
}

function wholeFile(code: ProblemCode, file: string, message: string, remedy: string): Problem {
  return { code, severity: "error", at: { file, line: 1, column: 1 }, path: "", message, remedy };
}

function syntaxProblem(
  { code, message, pos }: YAMLError | YAMLWarning,
  at: (offset: number) => Position,
): Problem {
  const [said, remedy] =
    code === "MULTIPLE_DOCS"
      ? ["A second document begins here.", "Keep one fleet a file."]
      : code === "TAG_RESOLVE_FAILED"
        ? [message, "Remove the tag: a fleet file needs none."]
        : [
            message,
            /\btabs?\b/i.test(`${code} ${message}`) ? "Indent with spaces." : "Mend the YAML at this place.",
          ];
  return {
    code: "NotYaml",
    severity: "error",
    at: at(pos[0]),
    path: "",
    message: said.replace(/\.?$/, "."),
    remedy,
  };
}
