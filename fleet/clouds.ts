import { awsRules } from "./aws/rules";
import { azureRules } from "./azure/rules";
import type { CloudName, CloudRules, Taker } from "./cloud";
import type { GatewayKind } from "./gateway-kind";
import { gcpRules } from "./gcp/rules";
import type { RoutesChoice } from "./routes";

const rules: Readonly<Record<CloudName, CloudRules>> = {
  aws: awsRules,
  azure: azureRules,
  gcp: gcpRules,
};

/** What a cloud's folder says of it. */
export function rulesOf(cloud: CloudName): CloudRules {
  return rules[cloud];
}

/** What takes a region's routes to the others. */
export function takerOf({
  cloud,
  gateway,
  routes,
}: {
  readonly cloud: CloudName;
  readonly gateway: GatewayKind;
  readonly routes: RoutesChoice;
}): Taker | undefined {
  const { managed, takers } = rulesOf(cloud);
  return gateway === "managed" ? managed?.taker : takers[routes];
}
