import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { completionScript } from "../../../automation/cli/completion";
import { buildProgram } from "../../../automation/cli/program";

/** What is typed before Tab, and all that the shell may then offer; FOLDER has one file, fleet.yaml. */
const rows: readonly { readonly typed: string; readonly offers: readonly string[] }[] = [
  { typed: "vali", offers: ["validate"] },
  { typed: "lab sh", offers: ["shell"] },
  { typed: "lab shell --js", offers: ["--json"] },
  { typed: "up --la", offers: ["--lab"] },
  { typed: "up --lab --js", offers: ["--json"] },
  { typed: "plan -f FOLDER/fl", offers: ["FOLDER/fleet.yaml"] },
  { typed: "render --out FOLDER/fl", offers: ["FOLDER/fleet.yaml"] },
  { typed: "restart use1-a --only st", offers: ["strongswan"] },
  { typed: "completion ba", offers: ["bash"] },
  { typed: "re", offers: ["render", "replace", "restart"] },
  { typed: "up --parallel ", offers: [] },
];

/** Presses Tab at a prompt of its own for each line, then Enter, and prints the words that the command was given. */
const zshAtTerminal = `zmodload zsh/zpty
script=$1; shift
for typed; do
  zpty shell "TERM=dumb zsh -f -i"
  zpty -w shell "PS1= PS2=; source \${(q)script}; trunkline() { print -r -- \\"<\\$*>\\" }; print rea''dy"
  zpty -r shell line "*ready*"
  zpty -w -n shell "trunkline $typed"$'\\tEND\\n'
  zpty -r shell line "*END>*"
  print -r -- "\${\${line##*<}%%END>*}"
  zpty -d shell
done
`;

describe("completion, in the shells themselves", function () {
  let folder: string;
  const script = (shell: string) => join(folder, shell);
  const here = (text: string) => text.replaceAll("FOLDER", folder);
  const run = (shell: string, args: readonly string[]) =>
    execFileSync(shell, args, { encoding: "utf8", timeout: 120_000 }).split("\n").slice(0, -1);
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "completion-"));
    for (const shell of ["bash", "zsh", "fish"])
      writeFileSync(script(shell), completionScript(buildProgram(), shell));
    writeFileSync(join(folder, "fleet.yaml"), "");
    writeFileSync(join(folder, "terminal.zsh"), zshAtTerminal);
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  for (const { typed, offers } of rows) {
    it(`bash offers ${offers.join(", ") || "nothing"} after "${typed}"`, () => {
      const asked =
        'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _trunkline; printf "%s\\n" "${COMPREPLY[@]}"';
      const words = ["trunkline", ...here(typed).split(" ")];
      const offered = run("bash", ["-c", asked, "bash", script("bash"), ...words]);
      assert.deepEqual(offered.filter((word) => word !== "").sort(), offers.map(here));
    });

    it(`fish offers ${offers.join(", ") || "nothing"} after "${typed}"`, () => {
      const asked = "source $argv[1]; complete -C $argv[2]";
      const offered = run("fish", ["--no-config", "-c", asked, script("fish"), `trunkline ${here(typed)}`]);
      assert.deepEqual(offered.map((line) => line.split("\t")[0]).sort(), offers.map(here));
    });
  }

  it("zsh completes each of them that has one answer, at its prompt", () => {
    const certain = rows.filter(({ offers }) => offers.length === 1);
    const typed = certain.map((row) => here(row.typed));
    const completed = run("zsh", ["-f", join(folder, "terminal.zsh"), script("zsh"), ...typed]);
    const whole = certain.map((row) => {
      const before = here(row.typed).split(" ").slice(0, -1);
      return [...before, ...row.offers.map(here)].join(" ");
    });
    assert.deepEqual(
      completed.map((line) => line.trim()),
      whole,
    );
  });
});
