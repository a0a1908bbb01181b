import { type Command, Option } from "commander";
import { Failure } from "../failure";
import { ask } from "./ask";
import { createOutput } from "./output";
import { common, type CommonOptions } from "./program";
import type { FailoverRequest, UpOptions } from "../up";

interface LiveOptions extends CommonOptions {
  readonly lab?: boolean;
  readonly yes?: boolean;
  readonly parallel?: string;
  readonly includeProtected?: boolean;
  readonly confirm?: string;
}

interface VerifyCommandOptions extends LiveOptions {
  /** Without a value: every kind. */
  readonly failover?: string | true;
  readonly gateway?: string;
  readonly junit?: string;
}

/** Commands that work on what is live: the clouds, or the lab with `--lab`; never guessed. */
export function addLiveCommands(program: Command): void {
  live(program.command("preview"))
    .description("what the engine would change")
    .action(async (options: LiveOptions) => {
      const { previewFleet } = await import("../up.js");
      await previewFleet(upOptions(options));
    });

  live(program.command("up"))
    .description("build or change the backbone; goes on where an earlier run ended")
    .option("--yes", "do not ask")
    .action(async (options: LiveOptions) => {
      const { upFleet } = await import("../up.js");
      await upFleet({
        ...upOptions(options),
        ask: options.yes === true ? () => Promise.resolve(true) : confirm,
      });
    });

  live(program.command("destroy"))
    .description("take the backbone down, in the opposite order")
    .option("--confirm <FLEET>", "the fleet's name, instead of being asked for it")
    .option("--include-protected", "also addresses, networks and the authority")
    .action(async (options: LiveOptions) => {
      const { destroyFleet } = await import("../up.js");
      await destroyFleet({
        ...upOptions(options),
        includeProtected: options.includeProtected === true,
        confirm: (fleet) =>
          options.confirm === undefined
            ? answer(
                `This destroys fleet ${fleet}. Write its name to go on: `,
                `Add --confirm ${fleet} to destroy it unasked.`,
              )
            : Promise.resolve(options.confirm),
      });
    });

  live(program.command("status"))
    .description("what the gateways say of themselves")
    .action(async (options: LiveOptions) => {
      const { statusOfFleet } = await import("../up.js");
      await statusOfFleet(upOptions(options));
    });

  live(program.command("rollback"))
    .description(
      "bring a gateway back to the release confirmed before; the next up brings the planned one again",
    )
    .argument("<GATEWAY>", "its id, such as use1-a")
    .action(async (gateway: string, options: LiveOptions) => {
      const { rollbackGateway } = await import("../rollback.js");
      await rollbackGateway(upOptions(options), gateway);
    });

  live(program.command("verify"))
    .description("prove what must be true, asked of daemons, kernels and packets")
    .option(
      "--failover [KINDS]",
      "also take from each gateway in turn, in the lab: power,charon,bgpd,cable, or some of these",
    )
    .option("--gateway <GATEWAY>", "with --failover: this gateway alone, such as use1-a")
    .option("--junit <FILE>", "also write the proofs as JUnit's XML")
    .action(async (options: VerifyCommandOptions) => {
      const { verifyFleet } = await import("../up.js");
      const failover = await failoverRequest(options);
      process.exitCode = await verifyFleet({
        ...upOptions(options),
        ...(failover === undefined ? {} : { failover }),
        ...(options.junit === undefined ? {} : { junit: options.junit }),
      });
    });
}

async function failoverRequest({
  failover,
  gateway,
}: VerifyCommandOptions): Promise<FailoverRequest | undefined> {
  if (failover === undefined && gateway !== undefined)
    throw new Failure(
      "badInput",
      "--gateway goes with --failover.",
      "Add --failover, or leave --gateway out.",
    );
  if (failover === undefined) return undefined;
  const { losses, parseLosses } = await import("../verify/failover.plan.js");
  return {
    losses: failover === true ? losses : parseLosses(failover),
    ...(gateway === undefined ? {} : { gateway }),
  };
}

/** Commands on one gateway, for whoever is about to touch it. */
export function addGatewayCommands(program: Command): void {
  live(program.command("drain").argument("<GATEWAY>", "such as use1-a"))
    .description("move a gateway's traffic to its partner; its tunnels stay up")
    .action(async (gateway: string, options: LiveOptions) => {
      const { operateGateway } = await import("../up.js");
      const { drainGateway } = await import("../operations/drain.js");
      const up = upOptions(options);
      const done = await operateGateway(up, "drain", gateway, (plan, access, operation) =>
        drainGateway(plan, access, gateway, operation),
      );
      up.output.result(
        done,
        () =>
          `${gateway} is drained: no packet for ${String(done.quietSeconds)} s.${done.movedSeconds === undefined ? "" : ` Its address moved; there was no way to other regions for up to ${String(done.movedSeconds)} s.`} Next: trunkline undrain ${gateway}`,
      );
    });

  live(program.command("undrain").argument("<GATEWAY>", "such as use1-a"))
    .description("let a gateway's traffic come back, once all its sessions are up")
    .action(async (gateway: string, options: LiveOptions) => {
      const { operateGateway } = await import("../up.js");
      const { undrainGateway } = await import("../operations/drain.js");
      const up = upOptions(options);
      const done = await operateGateway(up, "undrain", gateway, (plan, access, operation) =>
        undrainGateway(plan, access, gateway, operation),
      );
      up.output.result(done, () =>
        done.standsBy
          ? `${gateway} stands by: the other gateway keeps the address until it is lost or drained.`
          : `${gateway} carries traffic again.`,
      );
    });

  live(program.command("restart").argument("<GATEWAY>", "such as use1-a"))
    .description("drain a gateway, restart it, and let its traffic come back")
    .addOption(
      new Option("--only <DAEMON>", "a daemon instead of the machine").choices(["strongswan", "frr"]),
    )
    .action(async (gateway: string, options: LiveOptions & { readonly only?: "strongswan" | "frr" }) => {
      const { operateGateway } = await import("../up.js");
      const { restartGateway } = await import("../operations/drain.js");
      const up = upOptions(options);
      const done = await operateGateway(up, "restart", gateway, (plan, access, operation) =>
        restartGateway(plan, access, gateway, options.only ?? "machine", operation),
      );
      up.output.result(done, () => `${gateway} is back after ${String(done.backSeconds)} s, undrained.`);
    });
}

/** Writes the epoch into the fleet file, which is what says which machine there is to be, and brings the fleet up. */
export function addReplaceCommand(program: Command): void {
  live(program.command("replace").argument("<GATEWAY>", "such as use1-a"))
    .description("replace a gateway's machine: drained, same address and identity, one at a time")
    .option("--yes", "do not ask")
    .action(async (gateway: string, options: LiveOptions) => {
      const { findGateway } = await import("../find-gateway.js");
      const { loadFleet } = await import("../fleet-file.js");
      const { writeImageEpoch } = await import("../operations/raise-epoch.js");
      const { upFleet } = await import("../up.js");
      const { plan } = loadFleet(options.file);
      const found = findGateway(plan, gateway).gateway;
      const epoch = found.imageEpoch + 1;
      const up = upOptions(options);
      // Before the file is touched: whoever says no finds it as it was.
      const agreed = options.yes === true || up.lab || (await confirm(`Replace the machine of ${gateway}?`));
      if (!agreed) throw new Failure("interrupted", "Nothing was touched.");
      writeImageEpoch(options.file, gateway, epoch);
      up.output.progress(`${options.file}: the image epoch of ${gateway} is now ${String(epoch)}; commit it`);
      await upFleet({ ...up, ask: () => Promise.resolve(true) });
    });
}

function live(command: Command): Command {
  return common(command)
    .option("--lab", "in the lab on this machine, in place of the clouds")
    .option("--parallel <N>", "stacks at once; default as the fleet file says, or 4");
}

function upOptions(options: LiveOptions): UpOptions {
  const parallel = options.parallel === undefined ? undefined : Number(options.parallel);
  if (parallel !== undefined && (!Number.isInteger(parallel) || parallel < 1 || parallel > 64))
    throw new Failure(
      "badInput",
      `"${options.parallel ?? ""}" is no number of stacks.`,
      "Write --parallel 1 to 64.",
    );
  return {
    file: options.file,
    lab: options.lab === true,
    ...(parallel === undefined ? {} : { parallel }),
    output: createOutput(options.json === true),
  };
}

async function confirm(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await answer(`${question} [y/N] `, "Add --yes to go on unasked."));
}

/** @param otherwise what to do where nobody can be asked */
async function answer(question: string, otherwise: string): Promise<string> {
  if (!process.stdin.isTTY) throw new Failure("badInput", "There is nobody to ask.", otherwise);
  return ask(question);
}
