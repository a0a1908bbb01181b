import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { checkManagement } from "trunkline/components/backbone/management.plan";
import type { Plan } from "trunkline/fleet/plan";
import { artifacts } from "../tools/setup/artifacts";
import { Failure } from "./failure";
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
  const identity = awsIdentity(environment);
  if (identity === undefined)
    throw new Failure(
      "badInput",
      "There are no AWS credentials here, and nothing was touched.",
      "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; or add --lab to stay on this machine.",
    );
  return {
    kind: "cloud",
    environment: definedOnly(environment),
    stateFolder,
    pulumiRoot: artifacts().pulumiRoot,
    identity,
  };
}

/**
 * Which credentials the AWS provider would find; their validity is AWS's to judge.
 * @see AWS SDKs and Tools Reference Guide, "Standardized credential providers"
 */
function awsIdentity(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  if (environment["AWS_ACCESS_KEY_ID"] !== undefined) return "of AWS_ACCESS_KEY_ID";
  const profile = environment["AWS_PROFILE"];
  if (profile !== undefined) return `of the profile ${profile}`;
  if (environment["AWS_WEB_IDENTITY_TOKEN_FILE"] !== undefined) return "of a web identity";
  if (environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] !== undefined) return "of this container";
  const file =
    environment["AWS_SHARED_CREDENTIALS_FILE"] ??
    join(environment["HOME"] ?? homedir(), ".aws", "credentials");
  return existsSync(file) ? "of the default profile" : undefined;
}

function definedOnly(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
