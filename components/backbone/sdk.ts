/**
 * The clouds' SDKs are optional peers: a fleet on AWS installs no Azure. So what is loaded from the package's root
 * requires an SDK only here, when a branch needs it, and says what to install.
 */
import type * as awsEc2 from "@pulumi/aws/ec2";
import type * as awsVpc from "@pulumi/aws/vpc";
import type { CloudName } from "../../fleet/cloud";
import type * as awsFolder from "../aws/cloud";
import type * as azureFolder from "../azure/cloud";
import type * as gcpFolder from "../gcp/cloud";
import type { Cloud } from "./cloud";

/** What is used of `@pulumi/aws` from the root. */
interface AwsSdk {
  readonly ec2: typeof awsEc2;
  readonly vpc: typeof awsVpc;
}

/* eslint-disable @typescript-eslint/no-require-imports -- loaded when used: an import would fail where it is absent */

/** @throws Error with the command that installs what is missing */
export function aws(): AwsSdk {
  return optional("@pulumi/aws", "^7.48.0", () => {
    const ec2: typeof awsEc2 = require("@pulumi/aws/ec2");
    const vpc: typeof awsVpc = require("@pulumi/aws/vpc");
    return { ec2, vpc };
  });
}

/**
 * The folder of one cloud's components, behind the interface that all clouds share.
 * @throws Error with the command that installs what is missing
 */
export function openCloud(name: CloudName): Cloud {
  switch (name) {
    case "aws":
      return optional("@pulumi/aws", "^7.48.0", () => {
        const folder: typeof awsFolder = require("../aws/cloud");
        return folder.awsCloud;
      });
    case "azure":
      return optional("@pulumi/azure-native", "^3.28.0", () => {
        const folder: typeof azureFolder = require("../azure/cloud");
        return folder.azureCloud;
      });
    case "gcp":
      return optional("@pulumi/gcp", "^9.37.0", () => {
        const folder: typeof gcpFolder = require("../gcp/cloud");
        return folder.gcpCloud;
      });
  }
}

/* eslint-enable @typescript-eslint/no-require-imports */

function optional<T>(sdk: string, range: string, load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (isMissing(error, sdk))
      throw new Error(`${sdk} is not installed. Run: npm install "${sdk}@${range}"`, { cause: error });
    throw error;
  }
}

function isMissing(error: unknown, sdk: string): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    error.code === "MODULE_NOT_FOUND" &&
    error.message.includes(`'${sdk}`)
  );
}
