import { join } from "node:path";
import type * as labDoor from "../../automation/cli/lab-door";
import type * as failure from "../../automation/failure";
import type * as localRunner from "../../automation/runner/local-runner";
import type { Runner } from "../../automation/runner/runner";
import type * as replace from "../../automation/operations/replace";
import type * as session from "../../automation/session";
import type * as commands from "../../lab/commands";

/**
 * What starts processes, as `tools/build.mjs` has compiled it: so they run what a user's do. From source each of them, the
 * lab's stand-ins of providers in every operation too, would first load a compiler of TypeScript, whose cache lies in the
 * folder for temporary files, and that is a new one for every lab.
 */
/* eslint-disable @typescript-eslint/no-require-imports -- typed by the source, and not part of it */
export const { Failure }: typeof failure = require("../../packages/cli/automation/failure");
export const {
  LocalRunner,
}: typeof localRunner = require("../../packages/cli/automation/runner/local-runner");
export const { bringUp }: typeof replace = require("../../packages/cli/automation/operations/replace");
export const { Session }: typeof session = require("../../packages/cli/automation/session");
export const { down, up }: typeof commands = require("../../packages/cli/lab/commands");
export const {
  labManagement,
  lab: labCommands,
  openLabSite,
}: typeof labDoor = require("../../packages/cli/automation/cli/lab-door");
/* eslint-enable @typescript-eslint/no-require-imports */

const programs = join(__dirname, "../../packages/trunkline/stacks/program.js");

/** A session's own, with the programs compiled: from here, the package's name leads to its source. */
export const runner: Runner = runnerOf(programs);

/** @param others a module in the place of the stacks' programs */
export function runnerOf(others: string): Runner {
  return {
    run: (graph, operation, options) =>
      new LocalRunner().run(graph, operation, { ...options, programs: others }),
  };
}

/**
 * Children get this process's options of Node, and so the tests' loader of TypeScript, until it is told to stop.
 * @returns what gives the loader back
 */
export function withoutLoader(): () => void {
  const own = process.execArgv;
  process.execArgv = [];
  return () => {
    process.execArgv = own;
  };
}
