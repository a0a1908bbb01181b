import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { Provider } from "./provider";
import { ProviderService } from "./service";

/** The engine has no limit either (sdk/go/common/util/rpcutil: 400 MB); a release is far smaller. */
const options = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
const watchMs = 500;

/**
 * Serves a provider to the engine that started this process: says its port on the first line of stdout, on 127.0.0.1
 * alone. When the engine has gone without a word (kill −9), what runs is cancelled and the process ends, so that
 * nothing goes on changing the world behind the next `up`.
 */
export function serve<C>(provider: Provider<C>): void {
  const engine = process.ppid;
  const service = new ProviderService(provider);
  const server = new Server(options);
  server.addService(ResourceProviderService, service.implementation());
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) {
      process.stderr.write(`pulumi-resource-${provider.name} cannot listen on 127.0.0.1: ${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`${String(port)}\n`);
  });
  const end = () => {
    service.cancel();
    setInterval(() => {
      if (service.idle) process.exit(0);
    }, 20);
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, end);
  const watch = setInterval(() => {
    if (process.ppid === engine) return;
    clearInterval(watch);
    end();
  }, watchMs);
  watch.unref();
}
