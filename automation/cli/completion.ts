import { Argument, type Command } from "commander";

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
  const commands = program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    words: [
      ...command.commands.map((inner) => inner.name()),
      ...command.options.map(({ long }) => long ?? ""),
    ].filter((word) => word !== ""),
  }));
  const names = commands.map(({ name }) => name).join(" ");
  if (shell === "fish")
    return commands
      .flatMap(({ name, description, words }) => [
        `complete -c trunkline -n __fish_use_subcommand -a ${name} -d '${description.replaceAll("'", "")}'`,
        ...words.map((word) =>
          word.startsWith("--")
            ? `complete -c trunkline -n '__fish_seen_subcommand_from ${name}' -l ${word.slice(2)}`
            : `complete -c trunkline -n '__fish_seen_subcommand_from ${name}' -a ${word}`,
        ),
      ])
      .join("\n")
      .concat("\n");
  const cases = commands.map(({ name, words }) => `    ${name}) words="${words.join(" ")}" ;;`).join("\n");
  const bash = `_trunkline() {
  local words
  case "\${COMP_WORDS[1]}" in
${cases}
    *) words="" ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${names}"; fi
  if [ "\${COMP_WORDS[COMP_CWORD-1]}" = -f ] || [ "\${COMP_WORDS[COMP_CWORD-1]}" = --file ]; then
    COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
  else
    COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  fi
}
complete -o filenames -F _trunkline trunkline
`;
  return shell === "zsh" ? `autoload -U +X bashcompinit && bashcompinit\n${bash}` : bash;
}
