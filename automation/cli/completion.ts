import { Argument, type Command, type Option } from "commander";

/** `trunkline completion bash|zsh|fish`: a script to source, made from the commands that there are. */
export function addCompletion(program: Command): void {
  program
    .command("completion")
    .description("a completion script for your shell: source <(trunkline completion bash)")
    .addArgument(new Argument("[SHELL]", "for which shell").choices(["bash", "zsh", "fish"]).default("bash"))
    .action((shell: string) => {
      process.stdout.write(completionScript(program, shell));
    });
}

export function completionScript(program: Command, shell: string): string {
  const places = placesOf(program, []);
  if (shell === "fish") return fishScript(places);
  const bash = bashScript(places);
  return shell === "zsh"
    ? `autoload -U +X compinit bashcompinit\n(( \${+functions[compdef]} )) || compinit\nbashcompinit\n${bash}`
    : bash;
}

/** A command, as far as it has been typed. */
interface Place {
  /** From the program's name on: `trunkline lab shell`. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  /** What its arguments may be, where that is a list. */
  readonly choices: readonly string[];
  readonly options: readonly Flag[];
}

interface Flag {
  readonly short: string | undefined;
  readonly long: string;
  readonly description: string;
  /** `undefined` where it takes no value. */
  readonly value: "file" | "other" | readonly string[] | undefined;
}

function placesOf(command: Command, parents: readonly string[]): Place[] {
  const path = [...parents, command.name()];
  const help = { short: "h", long: "help", description: "shows what there is", value: undefined };
  const place: Place = {
    path: path.join(" "),
    commands: command.commands.map((inner) => ({ name: inner.name(), description: inner.description() })),
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    options: [...command.options.map(flagOf), help],
  };
  return [place, ...command.commands.flatMap((inner) => placesOf(inner, path))];
}

function flagOf(option: Option): Flag {
  const { short, long, description, flags, argChoices } = option;
  const files = /<(FILE|DIR)>/.test(flags) ? "file" : "other";
  const value = option.required || option.optional ? (argChoices ?? files) : undefined;
  return { short: short?.slice(1), long: (long ?? "").slice(2), description, value };
}

/** In the older style, which zsh's bashcompinit runs as well. */
function bashScript(places: readonly Place[]): string {
  const words = places.map(
    ({ path, commands, choices, options }) =>
      `    "${path}") words="${[...commands.map(({ name }) => name), ...choices, ...options.map(({ long }) => `--${long}`)].join(" ")}" ;;`,
  );
  const values = places.flatMap(({ path, options }) =>
    options.flatMap(({ short, long, value }) => {
      if (value === undefined) return [];
      const names = [`--${long}`, ...(short === undefined ? [] : [`-${short}`])];
      const does =
        value === "file" ? "files=yes" : value === "other" ? "words=" : `words="${value.join(" ")}"`;
      return [`    ${names.map((name) => `"${path} ${name}"`).join("|")}) ${does} ;;`];
    }),
  );
  const inner = places.filter(({ path }) => path.includes(" ")).map(({ path }) => `"${path}"`);
  return `_trunkline() {
  local i words="" files="" place=trunkline
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$place \${COMP_WORDS[i]}" in
      ${inner.join("|")}) place="$place \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$place" in
${words.join("\n")}
  esac
  case "$place $previous" in
${values.join("\n")}
  esac
  if [ -n "$files" ]; then
    COMPREPLY=($(compgen -f -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  fi
}
complete -o filenames -F _trunkline trunkline
`;
}

function fishScript(places: readonly Place[]): string {
  const inner = places.filter(({ path }) => path.includes(" ")).map(({ path }) => quoted(path));
  const lines = places.flatMap(({ path, commands, choices, options }) => {
    const here = `complete -c trunkline -n ${quoted(`test (__trunkline_place) = '${path}'`)}`;
    return [
      ...commands.map(({ name, description }) => `${here} -a ${name} -d ${quoted(description)}`),
      ...choices.map((choice) => `${here} -a ${choice}`),
      ...options.map(({ short, long, description, value }) => {
        const names = `${short === undefined ? "" : ` -s ${short}`} -l ${long} -d ${quoted(description)}`;
        if (value === undefined) return `${here}${names}`;
        if (value === "file") return `${here}${names} -r -F`;
        return `${here}${names} -x${value === "other" ? "" : ` -a ${quoted(value.join(" "))}`}`;
      }),
    ];
  });
  return `function __trunkline_place
  set -l place trunkline
  for word in (commandline -opc)[2..-1]
    switch "$place $word"
      case ${inner.join(" ")}
        set place "$place $word"
    end
  end
  echo $place
end
complete -c trunkline -f
${lines.join("\n")}
`;
}

/** One word of fish: between its single quotes only a quote and a backslash mean something. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
