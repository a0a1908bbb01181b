import { awsRules } from "./aws/rules";
import { azureRules } from "./azure/rules";
import type { CloudName, CloudRules } from "./cloud";
import { gcpRules } from "./gcp/rules";

const rules: Readonly<Record<CloudName, CloudRules>> = {
  aws: awsRules,
  azure: azureRules,
  gcp: gcpRules,
};

/** What a cloud's folder says of it. */
export function rulesOf(cloud: CloudName): CloudRules {
  return rules[cloud];
}
