import { type Alias, isAlias, isMap, isScalar, isSeq, parseDocument, type Pair, type YAMLError } from "yaml";
import type { Position, Problem, ProblemCode } from "./problem";

/** A YAML document as plain values, with the place of every value and key by its path. */
export interface FleetDocument {
  readonly value: unknown;
  /** By path, such as `regions.use1.cidr` or `links[1]`; the root is "". A key's place is under `path#`. */
  readonly positions: ReadonlyMap<string, Position>;
}

/** Characters; a fleet of 200 regions with every field written takes about 100,000. */
const longestText = 2_000_000;
/** Values, aliases unfolded: an alias bomb has billions. */
const mostValues = 100_000;
/** The parser descends by recursion, so depth is counted before it runs out of stack. */
const deepest = 100;

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
      uniqueKeys: true,
      prettyErrors: false,
      logLevel: "silent",
    });
  } catch (error) {
    const why = error instanceof RangeError ? "It is nested too deeply" : String(error);
    return {
      ok: false,
      problems: [wholeFile("NotYaml", file, `${why}.`, "Write a fleet file as in docs/fleet.md.")],
    };
  }
  const at = placesIn(text, file);
  if (document.errors.length > 0)
    return {
      ok: false,
      problems: document.errors.slice(0, mostErrors).map((error) => syntaxProblem(error, at)),
    };

  const positions = new Map<string, Position>([["", at(0)]]);
  const reader = new Reader(positions, at, (alias) => alias.resolve(document));
  try {
    return { ok: true, document: { value: reader.value(document.contents, "", 0), positions } };
  } catch (error) {
    if (!(error instanceof Unfolding)) throw error;
    const problem: Problem = {
      code: "AliasBomb",
      severity: "error",
      at: error.at,
      path: "",
      message: `The file unfolds to more than ${String(mostValues)} values, or ${String(deepest)} levels.`,
      remedy: "Write values out instead of repeating them by aliases.",
    };
    return { ok: false, problems: [problem] };
  }
}

class Unfolding extends Error {
  constructor(readonly at: Position) {
    super("unfolds to too much");
  }
}

class Reader {
  #values = 0;

  constructor(
    private readonly positions: Map<string, Position>,
    private readonly at: (offset: number) => Position,
    private readonly resolve: (alias: Alias) => unknown,
  ) {}

  value(node: unknown, path: string, depth: number): unknown {
    if (isAlias(node)) {
      this.#place(path, node.range?.[0]);
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
    if (isScalar(key)) {
      this.#place(`${inner}#`, key.range?.[0]);
      this.#place(inner, key.range?.[0]);
    }
    object.set(name, this.value(value, inner, depth + 1));
  }

  /** An alias's target keeps the place of the alias: that is the line to change. */
  #place(path: string, offset: number | undefined): void {
    if (offset !== undefined) this.positions.set(path, this.at(offset));
  }

  #count(offset: number | undefined, depth: number): void {
    this.#values += 1;
    if (this.#values > mostValues || depth > deepest) throw new Unfolding(this.at(offset ?? 0));
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

function syntaxProblem({ code, message, pos }: YAMLError, at: (offset: number) => Position): Problem {
  const duplicate = code === "DUPLICATE_KEY";
  const tabs = code === "TAB_AS_INDENT" || /\btabs?\b/i.test(message);
  return {
    code: duplicate ? "DuplicateKey" : "NotYaml",
    severity: "error",
    at: at(pos[0]),
    path: "",
    message: duplicate ? "This key stands twice in its mapping." : `${message.replace(/\.?$/, ".")}`,
    remedy: duplicate
      ? "Keep one of the two."
      : tabs
        ? "Indent with spaces."
        : "Mend the YAML at this place.",
  };
}
