import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { checkManagement } from "trunkline/components/backbone/management.plan";
import { type CloudName, cloudNames } from "trunkline/fleet/cloud";
import type { Plan, PlannedRegion } from "trunkline/fleet/plan";
import { artifacts } from "../tools/setup/artifacts";
import { azureIdentity, azureSubscription } from "./azure-identity";
import { Failure } from "./failure";
import { gcpIdentity, gcpProject } from "./gcp-identity";
import type { Site } from "./site";

/**
 * The user's clouds, with the user's own environment: credentials are the providers' business.
 * @throws Failure with what to write, before anything is touched
 */
export function openCloudSite(
  plan: Plan,
  stateFolder: string,
  environment = process.env,
): Site & { readonly identity: string } {
  const [unmanaged] = checkManagement(plan);
  if (unmanaged !== undefined)
    throw new Failure("badInput", `${unmanaged.path}: ${unmanaged.message}`, unmanaged.remedy);
  const identity = cloudNames
    .flatMap((name) => {
      const regions = plan.regions.filter(({ cloud }) => cloud === name);
      return regions.length === 0 ? [] : [identities[name](environment, regions)];
    })
    .join("; ");
  return {
    kind: "cloud",
    environment: definedOnly(environment),
    stateFolder,
    pulumiRoot: artifacts().pulumiRoot,
    identity,
  };
}

/** Whose each cloud's resources will be, for the question that `up` asks. */
const identities: Readonly<
  Record<
    CloudName,
    (environment: Readonly<Record<string, string | undefined>>, regions: readonly PlannedRegion[]) => string
  >
> = {
  aws(environment, regions) {
    const identity = awsIdentity(environment);
    if (identity === undefined)
      throw new Failure(
        "badInput",
        "There are no AWS credentials here, and nothing was touched.",
        "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; or add --lab to stay on this machine.",
      );
    // Whose the credentials are, only AWS can say; where a region names an account, the provider asks it.
    const named = regions.flatMap(({ owner }) => owner ?? []);
    return named.length === 0 ? identity : `${identity} in ${counted("the account", named)}`;
  },
  azure(environment, regions) {
    const identity = azureIdentity(environment);
    if (identity === undefined)
      throw new Failure(
        "badInput",
        "There are no Azure credentials here, and nothing was touched.",
        "Run `az login`, or set ARM_CLIENT_ID, ARM_CLIENT_SECRET and ARM_TENANT_ID; or add --lab to stay on this machine.",
      );
    const homeless = regions.find(({ owner }) => owner === undefined);
    const subscription = homeless === undefined ? undefined : azureSubscription(environment);
    if (homeless !== undefined && subscription === undefined)
      throw new Failure(
        "badInput",
        `It says nowhere which subscription of Azure to build ${homeless.name} in, and nothing was touched.`,
        "Write `subscription` in the fleet file, or set ARM_SUBSCRIPTION_ID.",
      );
    return `${identity} in ${counted("the subscription", ownersOf(regions, subscription))}`;
  },
  gcp(environment, regions) {
    const identity = gcpIdentity(environment);
    if (identity === undefined)
      throw new Failure(
        "badInput",
        "There are no Google Cloud credentials here, and nothing was touched.",
        "Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS; or add --lab to stay on this machine.",
      );
    const homeless = regions.find(({ owner }) => owner === undefined);
    const project = homeless === undefined ? undefined : gcpProject(environment);
    if (homeless !== undefined && project === undefined)
      throw new Failure(
        "badInput",
        `It says nowhere which project of Google Cloud to build ${homeless.name} in, and nothing was touched.`,
        "Write `project` in the fleet file, or set GOOGLE_PROJECT.",
      );
    return `${identity} in ${counted("the project", ownersOf(regions, project))}`;
  },
};

/** @param otherwise where a region says nothing */
function ownersOf(regions: readonly PlannedRegion[], otherwise: string | undefined): string[] {
  return regions.flatMap(({ owner }) => owner ?? otherwise ?? []);
}

function counted(what: string, names: readonly string[]): string {
  const all = [...new Set(names)].sort();
  return `${what}${all.length === 1 ? "" : "s"} ${all.join(", ")}`;
}

/**
 * Which credentials the AWS provider would find; their validity is AWS's to judge.
 * @see AWS SDKs and Tools Reference Guide, "Standardized credential providers"
 */
export function awsIdentity(
  environment: Readonly<Record<string, string | undefined>>,
  sys = "/sys",
): string | undefined {
  const given = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const key = given("AWS_ACCESS_KEY_ID");
  if (key !== undefined && given("AWS_SECRET_ACCESS_KEY") !== undefined) return "of AWS_ACCESS_KEY_ID";
  const profile = given("AWS_PROFILE");
  if (profile !== undefined) return `of the profile ${profile}`;
  if (given("AWS_WEB_IDENTITY_TOKEN_FILE") !== undefined) return "of a web identity";
  if (
    given("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") !== undefined ||
    given("AWS_CONTAINER_CREDENTIALS_FULL_URI") !== undefined
  )
    return "of this container";
  const folder = join(given("HOME") ?? homedir(), ".aws");
  const files = [
    given("AWS_SHARED_CREDENTIALS_FILE") ?? join(folder, "credentials"),
    given("AWS_CONFIG_FILE") ?? join(folder, "config"),
  ];
  if (files.some(hasDefaultProfile)) return "of the default profile";
  const silent = given("AWS_EC2_METADATA_DISABLED")?.toLowerCase() === "true";
  return !silent && isInstance(sys) ? "of this EC2 instance's role" : undefined;
}

/**
 * Whether this machine is one of EC2's, by what its firmware says: asking the metadata service would wait elsewhere.
 * @see Amazon EC2 User Guide, "Detect whether a host is an EC2 instance"
 */
function isInstance(sys: string): boolean {
  const says = (file: string, words: RegExp): boolean => {
    const path = join(sys, file);
    return existsSync(path) && words.test(readFileSync(path, "utf8"));
  };
  return (
    says("devices/virtual/dmi/id/board_asset_tag", /^i-[0-9a-f]{8,17}\s*$/) ||
    says("hypervisor/uuid", /^ec2/i)
  );
}

/** A default section that says whence credentials come: keys, a role, SSO or a program. */
function hasDefaultProfile(file: string): boolean {
  if (!existsSync(file)) return false;
  const [, section = ""] = /^\s*\[default\]\s*$([^]*)/m.exec(readFileSync(file, "utf8")) ?? [];
  const own = section.split(/^\s*\[/m)[0] ?? "";
  return /^\s*(aws_access_key_id|role_arn|sso_\w+|credential_\w+|web_identity_token_file)\s*=/m.test(own);
}

function definedOnly(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
