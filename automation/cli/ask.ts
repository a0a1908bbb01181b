import { createInterface } from "node:readline/promises";
import { Failure } from "../failure";

/**
 * One line from the person at the terminal.
 * @throws Failure `interrupted` on Ctrl-C and on the end of input
 */
export async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new Failure("interrupted", "\nNothing was touched."));
    terminal.once("SIGINT", stop);
    terminal.once("close", stop);
  });
  try {
    return (await Promise.race([terminal.question(question), stopped])).trim();
  } finally {
    terminal.close();
  }
}
