import { type Command, Option } from "commander";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Plan } from "trunkline/fleet/plan";
import { Failure } from "../failure";
import { loadFleet } from "../fleet-file";
import { table } from "../table";
import { labHost, type NamedMachine, planHere } from "./lab-host";
import { createOutput } from "./output";
import { defaultFleetFile } from "./program";

interface LabOptions {
  readonly file?: string;
  readonly json?: boolean;
}

/** `trunkline lab …`: the twin itself; a fleet file lends its gateways' ids to it, and is checked if it is named. */
export function addLabCommands(program: Command): void {
  const lab = program.command("lab").description("the lab on this machine").exitOverride();
  /** Of the file that this command was given by name. */
  let named: Plan | undefined;
  const add = (name: string): Command =>
    lab
      .command(name)
      .option(
        "-f, --file <FILE>",
        `the fleet file, whose gateways go by their ids here (default: ${defaultFleetFile}, if it is there)`,
      )
      .option("--json", "one JSON document on standard output")
      .hook("preAction", (_, command) => {
        const { file } = command.opts<LabOptions>();
        if (file !== undefined) named = loadFleet(file).plan;
      })
      .exitOverride();

  add("up")
    .description("start it")
    .option("--recorded", "a world without kernels, for tests")
    .action(async (options: LabOptions & { readonly recorded?: boolean }) => {
      const { lab: commands } = await import("./lab-door.js");
      const output = createOutput(options.json === true);
      const client = await commands.up({
        recorded: options.recorded === true,
        onProgress: (step) => output.progress(step),
      });
      const { folder, mode } = client;
      client.close();
      output.result({ folder, mode }, () => `The lab is up in ${folder}.`);
    });

  add("status")
    .description("what runs in it")
    .action(async (options: LabOptions) => {
      const { lab: commands } = await import("./lab-door.js");
      const status = await commands.status();
      createOutput(options.json === true).result(status, () =>
        [
          `${status.mode} since ${status.startedAt}, process ${String(status.pid)}, ${status.folder}`,
          table(
            status.machines.map(({ id, name, power, memoryBytes }) => [
              power,
              name,
              id,
              memoryBytes === undefined ? "" : `${String(Math.round(memoryBytes / 1048576))} MiB`,
            ]),
          ),
        ].join("\n"),
      );
    });

  add("shell")
    .description("a root shell on a machine, a workload, or internet, management, stranger, fabric")
    .argument("<HOST>", "id or name")
    .action(async (word: string) => {
      if (!process.stdin.isTTY)
        throw new Failure("badInput", "A shell needs a terminal.", "Run it from one.");
      const { lab: commands } = await import("./lab-door.js");
      const host = await hostOf(word, named, commands);
      const { rows, columns } = process.stdout;
      // A terminal that does not know its size says that it has none.
      const stream = await commands.shell(host, rows > 0 && columns > 0 ? { rows, columns } : {});
      process.stdin.setRawMode(true);
      try {
        process.stdin.pipe(stream);
        stream.pipe(process.stdout);
        await new Promise((resolve) => stream.once("close", resolve));
      } finally {
        process.stdin.setRawMode(false);
      }
    });

  add("capture")
    .description("packets as pcap: between the regions, or at a host")
    .argument("[FILTER...]", "in tcpdump's words")
    .option("--host <HOST>", "where", "internet")
    .option("-w, --write <FILE>", "file to write; default standard output")
    .action(
      async (
        filter: readonly string[],
        options: LabOptions & { readonly host: string; readonly write?: string },
      ) => {
        if (options.write === undefined && process.stdout.isTTY)
          throw new Failure(
            "badInput",
            "A capture is no text.",
            "Add -w FILE, or pipe it into tcpdump -r -.",
          );
        const { lab: commands } = await import("./lab-door.js");
        const stream = await commands.capture({
          host: await hostOf(options.host, named, commands),
          filter: filter.join(" "),
        });
        process.once("SIGINT", () => stream.end());
        await pipeline(
          stream,
          options.write === undefined ? process.stdout : createWriteStream(options.write),
        );
      },
    );

  add("fault")
    .description("break something: cut, mend, kill, fill-disk, path, off, on")
    .argument(
      "<WHAT>",
      "cut HOST | mend HOST | kill HOST PROCESS | fill-disk HOST | path FROM TO... | off HOST | on HOST",
    )
    .argument("[WORDS...]")
    .addOption(new Option("--delay <MS>", "path: milliseconds each way").argParser(Number))
    .addOption(new Option("--loss <PERCENT>", "path: packets lost").argParser(Number))
    .addOption(new Option("--mtu <BYTES>", "path: its MTU").argParser(Number))
    .option("--no-fragments", "path: IP fragments vanish")
    .action(async (what: string, words: readonly string[], options: PathOptions & LabOptions) => {
      const { lab: commands } = await import("./lab-door.js");
      const [word, ...others] = words;
      if (word === undefined) throw usage();
      const host = what === "path" ? word : await hostOf(word, named, commands);
      if (what === "off" || what === "on") await commands.power(host, what);
      else await commands.fault(faultOf(what, host, others, options));
      createOutput(options.json === true).result(
        { fault: what, words },
        () => `${what} ${words.join(" ")}: done`,
      );
    });

  add("down")
    .description("end it and remove what it made")
    .action(async (options: LabOptions) => {
      const { lab: commands } = await import("./lab-door.js");
      const ended = await commands.down();
      createOutput(options.json === true).result({ lab: ended }, () =>
        ended === "ended" ? "The lab is gone." : "There is no lab.",
      );
    });
}

function hostOf(
  word: string,
  named: Plan | undefined,
  commands: { status(): Promise<{ readonly machines: readonly NamedMachine[] }> },
): Promise<string> {
  return labHost(word, named ?? planHere(), async () => (await commands.status()).machines);
}

interface PathOptions {
  readonly delay?: number;
  readonly loss?: number;
  readonly mtu?: number;
  readonly fragments?: boolean;
}

function faultOf(what: string, host: string, others: readonly string[], options: PathOptions) {
  const [second] = others;
  switch (what) {
    case "cut":
    case "mend":
    case "fill-disk":
      return { do: what, host } as const;
    case "kill":
      if (second === undefined) throw usage();
      return { do: what, host, process: second } as const;
    case "path": {
      if (second === undefined) throw usage();
      const { delay, loss, mtu, fragments } = options;
      return {
        do: what,
        from: host,
        to: others,
        ...(delay === undefined ? {} : { delayMs: delay }),
        ...(loss === undefined ? {} : { lossPercent: loss }),
        ...(mtu === undefined ? {} : { mtu }),
        ...(fragments === false ? { fragments: "dropped" as const } : {}),
      } as const;
    }
    default:
      throw usage();
  }
}

function usage(): Failure {
  return new Failure("badInput", "That is no fault.", "trunkline lab fault --help shows them.");
}
