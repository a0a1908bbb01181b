/** What of ssh(1)'s arguments the recorded lab looks at. */
export interface SshCall {
  readonly user: string;
  readonly address: string;
  /** As the other end's shell would get it: the words joined by spaces. */
  readonly command: string;
  readonly identityFile: string | undefined;
  /** Options by lower-case name; the first value counts, as ssh_config(5) says. */
  readonly options: ReadonlyMap<string, string>;
}

/** Options of ssh(1) that take a value. */
const valued = "BbcDEeFIiJLlmOoPpQRSWw";

/** @returns undefined when no host is named */
export function parseSsh(argv: readonly string[]): SshCall | undefined {
  const options = new Map<string, string>();
  let identityFile: string | undefined;
  let user = "";
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (!word.startsWith("-")) {
      const [, named, address = ""] = /^(?:(.*)@)?(.+)$/.exec(word) ?? [];
      return { user: named ?? user, address, command: argv.slice(at + 1).join(" "), identityFile, options };
    }
    const letter = word.charAt(1);
    if (!valued.includes(letter)) continue;
    const value = word.length > 2 ? word.slice(2) : (argv[(at += 1)] ?? "");
    if (letter === "i") identityFile ??= value;
    if (letter === "l") user = value;
    if (letter === "o") {
      const [, name = "", setting = ""] = /^(\w+)\s*[= ]\s*(.*)$/.exec(value) ?? [];
      if (!options.has(name.toLowerCase())) options.set(name.toLowerCase(), setting);
    }
  }
  return undefined;
}
