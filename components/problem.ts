/** A reason why a component cannot be planned from its arguments; a component throws all of them at once. */
export interface ArgumentProblem {
  /** Path of the argument, such as `subnets[1].cidr`. */
  readonly path: string;
  /** What is wrong, one sentence. */
  readonly message: string;
  /** What to do about it, one sentence. */
  readonly remedy: string;
}

export type Planned<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly ArgumentProblem[] };

/** The value if there is no problem. */
export function planned<T>(problems: readonly ArgumentProblem[], value: () => T): Planned<T> {
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: value() };
}

/**
 * Names that stand twice in a list: logical names are made of them, which must differ.
 * @param path of the list, such as `routeTables`
 * @param what each of them is, in plural
 * @param field of an entry that the name stands in
 */
export function namedOnce(
  path: string,
  what: string,
  list: readonly { readonly name: string }[],
  field = "name",
): ArgumentProblem[] {
  return list.flatMap(({ name }, index): ArgumentProblem[] =>
    list.findIndex((other) => other.name === name) === index
      ? []
      : [
          {
            path: `${path}[${index}].${field}`,
            message: `There are two ${what} "${name}".`,
            remedy: "Name each once.",
          },
        ],
  );
}

/** One line per problem: where, what is wrong, what to do. */
export function explain(problems: readonly ArgumentProblem[]): string {
  return problems.map(({ path, message, remedy }) => `${path}: ${message} ${remedy}`).join("\n");
}
