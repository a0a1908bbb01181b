import type { Position, Problem, ProblemCode } from "./problem";

/** Collects problems and finds the place of each from its path, or from the nearest path above that has one. */
export class Report {
  readonly #problems: Problem[] = [];

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
    for (let at = path; ;) {
      const position = this.positions.get(at);
      if (position !== undefined || at === "") return position;
      at = at.slice(0, Math.max(at.lastIndexOf("."), at.lastIndexOf("["), 0));
    }
  }
}
