import { awsRules } from "./aws/rules";
import type { CloudName, CloudRules } from "./cloud";
import { gcpRules } from "./gcp/rules";

const rules: Readonly<Record<CloudName, CloudRules>> = { aws: awsRules, gcp: gcpRules };

/** What a cloud's folder says of it. */
export function rulesOf(cloud: CloudName): CloudRules {
  return rules[cloud];
}
