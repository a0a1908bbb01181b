import { createHash } from "node:crypto";
import type { ArgumentProblem } from "../problem";
import { checkNames as checkIn, type NameSpec, resourceName } from "../resource-name";
import { limits } from "./limits";

/** The network tag that firewall rules find a region's gateways by. */
export function gatewayTag(spec: NameSpec): string {
  return resourceName(spec, "gateway");
}

/** A service account's id is shorter than the names that it would be made of. */
export function accountId(spec: NameSpec): string {
  const digest = createHash("sha256").update(resourceName(spec, "gateways")).digest("hex");
  return `trunkline-${digest.slice(0, limits.accountId.longest - "trunkline-".length)}`;
}

/**
 * Names that Google's resources have themselves, beside their logical ones: part of links and addresses, shown in the
 * console, and unique in a project.
 */
export function checkNames(spec: NameSpec, suffixes: Parameters<typeof checkIn>[1]): ArgumentProblem[] {
  return checkIn(spec, suffixes, limits.name, "Google Cloud");
}
