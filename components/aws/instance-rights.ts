import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";
import { instanceTrust, moveRoutesPolicy } from "./instance-rights.plan";

/** The instance profile of gateways that move routes: a role of their own with one policy. */
export function routeMovers(
  name: string,
  args: {
    /** Of one of the gateways' network interfaces. */
    readonly cardArn: pulumi.Input<string>;
    readonly tables: readonly pulumi.Input<string>[];
    /** ARNs of an address that they move as well, and of their network interfaces. */
    readonly address?: {
      readonly arn: pulumi.Input<string>;
      readonly cardArns: readonly pulumi.Input<string>[];
    };
    readonly tags: Record<string, string>;
  },
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const role = new iam.Role(
    `${name}-role`,
    {
      description: "Gateways of Trunkline that move their network's routes",
      assumeRolePolicy: JSON.stringify(instanceTrust),
      tags: args.tags,
    },
    { parent },
  );
  const policy = new iam.RolePolicy(
    `${name}-policy`,
    {
      role: role.name,
      policy: pulumi
        .all([
          args.cardArn,
          pulumi.all([...args.tables]),
          pulumi.output(args.address?.arn),
          pulumi.all([...(args.address?.cardArns ?? [])]),
        ])
        .apply(([card, tables, arn, cardArns]) =>
          JSON.stringify(moveRoutesPolicy(card, tables, arn === undefined ? undefined : { arn, cardArns })),
        ),
    },
    { parent },
  );
  const profile = new iam.InstanceProfile(
    `${name}-profile`,
    { role: role.name, tags: args.tags },
    { parent },
  );
  // A machine that starts has its rights.
  return pulumi.all([profile.name, policy.id]).apply(([profileName]) => profileName);
}
