import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Which credentials the Google Cloud provider would find; their validity is Google's to judge.
 * @see Google Cloud, "How Application Default Credentials works"; Pulumi, "Google Cloud: Installation & Configuration"
 */
export function gcpIdentity(environment: Environment, sys = "/sys"): string | undefined {
  const given = (name: string): string | undefined => environment[name]?.trim() || undefined;
  for (const name of [
    "GOOGLE_CREDENTIALS",
    "GOOGLE_CLOUD_KEYFILE_JSON",
    "GCLOUD_KEYFILE_JSON",
    "GOOGLE_OAUTH_ACCESS_TOKEN",
  ])
    if (given(name) !== undefined) return `of ${name}`;
  const named = given("GOOGLE_APPLICATION_CREDENTIALS");
  if (named !== undefined) return existsSync(named) ? "of GOOGLE_APPLICATION_CREDENTIALS" : undefined;
  const folder = given("CLOUDSDK_CONFIG") ?? join(given("HOME") ?? homedir(), ".config", "gcloud");
  if (existsSync(join(folder, "application_default_credentials.json"))) return "of gcloud's default login";
  return isInstance(sys) ? "of this instance's service account" : undefined;
}

/** The project that the provider would build in: it has no other way to know it. */
export function gcpProject(environment: Environment): string | undefined {
  for (const name of ["GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT"]) {
    const project = environment[name]?.trim();
    if (project !== undefined && project !== "") return project;
  }
  return undefined;
}

/** @see Google Cloud, "Detect if a VM is running in Compute Engine": the product's name in the firmware */
function isInstance(sys: string): boolean {
  const path = join(sys, "devices/virtual/dmi/id/product_name");
  return existsSync(path) && /^Google Compute Engine\s*$/.test(readFileSync(path, "utf8"));
}
