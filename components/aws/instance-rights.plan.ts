/** A policy document of IAM (AWS, "IAM JSON policy reference"). */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Readonly<Record<string, unknown>>[];
}

/** An address that gateways move, and their network interfaces, by ARN. */
export interface MovedAddress {
  readonly arn: string;
  readonly cardArns: readonly string[];
}

/** Who may take the role: the machines of EC2, and nobody else (AWS, "Roles terms and concepts": service role). */
export const instanceTrust: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
};

/**
 * What gateways that move routes may do in the cloud: replace routes of these tables, and see tables of this region. EC2
 * knows no narrower right for the latter: DescribeRouteTables takes no resource, and of conditions the region alone. Where
 * an address moves with the routes: associate this one address with these interfaces, and see the addresses of the region.
 * Nothing of it takes an address from an interface without giving it to another (DisassociateAddress).
 * @param cardArn of a network interface in the same account and region: `arn:aws:ec2:us-east-1:123456789012:…`
 * @see AWS, "Actions, resources, and condition keys for Amazon EC2" (Service Authorization Reference)
 */
export function moveRoutesPolicy(
  cardArn: string,
  tables: readonly string[],
  address?: MovedAddress,
): PolicyDocument {
  const [arn = "", partition = "", service = "", region = "", account = ""] = cardArn.split(":");
  const here = [arn, partition, service, region, account].join(":");
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "MoveRoutes",
        Effect: "Allow",
        Action: "ec2:ReplaceRoute",
        Resource: [...tables].sort().map((table) => `${here}:route-table/${table}`),
      },
      {
        Sid: "SeeRoutes",
        Effect: "Allow",
        Action: "ec2:DescribeRouteTables",
        Resource: "*",
        Condition: { StringEquals: { "ec2:Region": region } },
      },
      ...(address === undefined ? [] : moveAddress(address, region)),
    ],
  };
}

/** EC2 asks for the right at each resource that the request names: the address and the interface. */
function moveAddress({ arn, cardArns }: MovedAddress, region: string): PolicyDocument["Statement"] {
  return [
    {
      Sid: "MoveAddress",
      Effect: "Allow",
      Action: "ec2:AssociateAddress",
      Resource: [arn, ...[...cardArns].sort()],
    },
    {
      Sid: "SeeAddress",
      Effect: "Allow",
      Action: "ec2:DescribeAddresses",
      Resource: "*",
      Condition: { StringEquals: { "ec2:Region": region } },
    },
  ];
}
