import { delimiter, dirname, join } from "node:path";
import { cacheFolder } from "../tools/setup/cache";
import { labFolder } from "./folder";

/** What a child may know of its caller: how to find programs, speak to people, and keep temporary files. */
const allowed = [
  "PATH",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TERM",
  "COLUMNS",
  "NO_COLOR",
  "FORCE_COLOR",
  "USER",
  "LOGNAME",
];
/** Where the user's cache is: the set-up put engine and image there; which machines boot with cloud-init. */
const ours = ["XDG_CACHE_HOME", "TRUNKLINE_LAB_CLOUD_INIT"];

/**
 * The whole environment of an engine child in the lab. Built up from nothing, so that no credential of any cloud, no
 * Pulumi token and no proxy of the caller's is in it; HOME is the lab's own, so that no configuration file of theirs
 * is found either.
 */
export function engineEnvironment(
  lab: { readonly folder: string },
  caller: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const paths = labFolder(lab.folder);
  const taken = [...allowed, ...ours].flatMap((name) => {
    const value = caller[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(taken),
    PATH: [paths.bin, dirname(process.execPath), caller["PATH"] ?? "/usr/bin:/bin"].join(delimiter),
    HOME: paths.home,
    TRUNKLINE_LAB: paths.folder,
    TRUNKLINE_LAB_SOCKET: paths.socket,
    PULUMI_HOME: paths.pulumiHome,
    PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    AWS_EC2_METADATA_DISABLED: "true",
    // A project is no credential, and Google's provider wants one.
    GOOGLE_PROJECT: "trunkline-lab",
    // Nor is a subscription.
    ARM_SUBSCRIPTION_ID: "00000000-0000-0000-0000-000000000000",
    // An operation of the engine loads the vendors' SDKs in many processes, and half of that is compiling them.
    NODE_COMPILE_CACHE: join(cacheFolder(caller), "compiled"),
  };
}
