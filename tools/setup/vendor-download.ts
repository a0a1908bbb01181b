import { PulumiCommand } from "@pulumi/pulumi/automation";

/** Run by pulumi.ts with a folder: brings the CLI that belongs to the installed SDK. */
PulumiCommand.install({ root: process.argv[2] ?? "" }).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
