import assert from "node:assert/strict";
import { instanceTrust, moveRoutesPolicy } from "../../../components/aws/instance-rights.plan";

const card = "arn:aws:ec2:eu-west-1:123456789012:network-interface/eni-0123456789abcdef0";

describe("components/aws/instance-rights.plan", () => {
  const policy = moveRoutesPolicy(card, ["rtb-2", "rtb-1"]);

  it("lets a gateway replace routes of its own tables and see tables of its region, and nothing else", () => {
    assert.deepEqual(policy, {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "MoveRoutes",
          Effect: "Allow",
          Action: "ec2:ReplaceRoute",
          Resource: [
            "arn:aws:ec2:eu-west-1:123456789012:route-table/rtb-1",
            "arn:aws:ec2:eu-west-1:123456789012:route-table/rtb-2",
          ],
        },
        {
          Sid: "SeeRoutes",
          Effect: "Allow",
          Action: "ec2:DescribeRouteTables",
          Resource: "*",
          Condition: { StringEquals: { "ec2:Region": "eu-west-1" } },
        },
      ],
    });
  });

  it("where an address moves: lets it associate this one with the pair's interfaces, and see addresses, and no more", () => {
    const arn = "arn:aws:ec2:eu-west-1:123456789012:elastic-ip/eipalloc-1";
    const other = card.replace(/.$/, "1");
    const { Statement } = moveRoutesPolicy(card, ["rtb-1"], { arn, cardArns: [other, card] });
    assert.deepEqual(Statement.slice(2), [
      { Sid: "MoveAddress", Effect: "Allow", Action: "ec2:AssociateAddress", Resource: [arn, card, other] },
      {
        Sid: "SeeAddress",
        Effect: "Allow",
        Action: "ec2:DescribeAddresses",
        Resource: "*",
        Condition: { StringEquals: { "ec2:Region": "eu-west-1" } },
      },
    ]);
  });

  it("keeps to the partition of the account", () => {
    const text = JSON.stringify(moveRoutesPolicy(card.replace("arn:aws:", "arn:aws-us-gov:"), ["rtb-1"]));
    assert.match(text, /"arn:aws-us-gov:ec2:eu-west-1:123456789012:route-table\/rtb-1"/);
  });

  it("lets machines of EC2 take the role, and nobody else", () => {
    assert.deepEqual(instanceTrust.Statement, [
      { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
    ]);
  });
});
