import { Server, ServerCredentials } from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { stopAll } from "./children";
import { languageRuntime } from "./service";

/**
 * A stand-in for Pulumi's `pulumi-language-nodejs`, which cannot be had as a Go module: runs JavaScript and TypeScript
 * programs and component packages for a CLI that was built from source. It says its port on the first line of stdout
 * and serves until the engine ends it.
 */
const flagless = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));

const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(
  LanguageRuntimeService,
  languageRuntime({ engineAddress: flagless.at(-1) ?? "", version: "3.259.0" }),
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) {
    process.stderr.write(`pulumi-language-nodejs cannot listen on 127.0.0.1: ${error.message}\n`);
    process.exit(1);
  }
  process.stdout.write(`${String(port)}\n`);
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
  process.once(signal, () => {
    stopAll();
    process.exit(0);
  });
