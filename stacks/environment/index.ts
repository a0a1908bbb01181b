/**
 * The environment: a whole fleet in one program, for `pulumi up` at the root. A Pulumi stack is an environment; its
 * configuration names a fleet file:
 *
 *     pulumi config set trunkline:fleetFile examples/three-regions/fleet.yaml
 *
 * `trunkline:managementAllowFrom` (a list) admits more ranges to the gateways' SSH; `trunkline:protect` (default
 * true) set to false takes the protection off before a `pulumi destroy`.
 */
import { resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { VpnBackbone } from "../../components/backbone/backbone";
import { silenceDebugLog } from "../debug-log";

silenceDebugLog();

const config = new pulumi.Config("trunkline");
const ranges = z.array(z.string()).safeParse(config.getObject("managementAllowFrom") ?? []);
if (!ranges.success)
  throw new pulumi.RunError(
    'trunkline:managementAllowFrom is no list. Write one such as ["203.0.113.0/24"].',
  );

const backbone = new VpnBackbone("backbone", {
  // Relative to Pulumi.yaml, wherever the compiled program stands.
  fleetFile: resolve(pulumi.getRootDirectory(), config.require("fleetFile")),
  managementAllowFrom: ranges.data,
  protect: config.getBoolean("protect") ?? true,
});

export const { gatewayAddresses, networkIds, releases, handover } = backbone;
