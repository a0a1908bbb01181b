import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Which credentials the Azure provider would find; their validity is Azure's to judge.
 * @see Pulumi, "Azure Native: Installation & Configuration"
 */
export function azureIdentity(environment: Environment): string | undefined {
  const client = given(environment, "ARM_CLIENT_ID");
  if (client !== undefined && given(environment, "ARM_CLIENT_SECRET") !== undefined)
    return "of ARM_CLIENT_ID and its secret";
  if (
    client !== undefined &&
    (given(environment, "ARM_CLIENT_CERTIFICATE_PATH") ?? given(environment, "ARM_CLIENT_CERTIFICATE")) !==
      undefined
  )
    return "of ARM_CLIENT_ID and its certificate";
  if (given(environment, "ARM_USE_OIDC") === "true") return "of a workload identity (ARM_USE_OIDC)";
  if (given(environment, "ARM_USE_MSI") === "true") return "of this machine's managed identity (ARM_USE_MSI)";
  return profileOf(environment) === undefined ? undefined : "of `az login`";
}

/** The subscription that the provider would build in. */
export function azureSubscription(environment: Environment): string | undefined {
  return given(environment, "ARM_SUBSCRIPTION_ID") ?? profileOf(environment);
}

const profile = z.object({
  subscriptions: z.array(z.object({ id: z.string(), isDefault: z.boolean().default(false) })).default([]),
});

/**
 * The default subscription of who has logged in by `az`.
 * @see Microsoft Learn, "Azure CLI configuration": the folder, `AZURE_CONFIG_DIR`
 */
function profileOf(environment: Environment): string | undefined {
  const folder =
    given(environment, "AZURE_CONFIG_DIR") ?? join(given(environment, "HOME") ?? homedir(), ".azure");
  const path = join(folder, "azureProfile.json");
  if (!existsSync(path)) return undefined;
  try {
    // The Azure CLI writes it with a byte order mark.
    const read = profile.safeParse(JSON.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, "")));
    return read.data?.subscriptions.find(({ isDefault }) => isDefault)?.id;
  } catch {
    return undefined;
  }
}

function given(environment: Environment, name: string): string | undefined {
  return environment[name]?.trim() || undefined;
}
