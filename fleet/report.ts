import type { Position, Problem, ProblemCode } from "./problem";

/** Collects problems and finds the place of each from its path, or from the nearest path above that has one. */
export class Report {
  readonly #problems: Problem[] = [];
  readonly #unfit = new Set<string>();

  constructor(private readonly positions: ReadonlyMap<string, Position>) {}

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  get failed(): boolean {
    return this.#problems.some(({ severity }) => severity === "error");
  }

  /** Whether the file has this path, whatever its value. */
  has(path: string): boolean {
    return this.positions.has(path);
  }

  /** What has been told to be no value at all: nothing more is said of it, nor of what would stand inside. */
  unfit(code: ProblemCode, path: string, message: string, remedy: string): void {
    this.error(code, path, message, remedy);
    this.#unfit.add(path);
  }

  error(code: ProblemCode, path: string, message: string, remedy: string): void {
    this.#add("error", code, path, message, remedy);
  }

  warning(code: ProblemCode, path: string, message: string, remedy: string): void {
    this.#add("warning", code, path, message, remedy);
  }

  #add(
    severity: Problem["severity"],
    code: ProblemCode,
    path: string,
    message: string,
    remedy: string,
  ): void {
    for (const above of pathsUp(path)) if (this.#unfit.has(above)) return;
    const at = this.#place(path);
    const where = path.replace(/#$/, "");
    this.#problems.push({
      code,
      severity,
      ...(at === undefined ? {} : { at }),
      path: where,
      message,
      remedy,
    });
  }

  #place(path: string): Position | undefined {
    for (const at of pathsUp(path)) {
      const position = this.positions.get(at);
      if (position !== undefined) return position;
    }
    return undefined;
  }
}

/** A path, then each path above it, down to the root's "". */
function* pathsUp(path: string): Generator<string> {
  for (let at = path; ; at = at.slice(0, Math.max(at.lastIndexOf("."), at.lastIndexOf("["), 0))) {
    yield at;
    if (at === "") return;
  }
}
