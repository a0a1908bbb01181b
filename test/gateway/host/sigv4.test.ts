import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const host = join(__dirname, "../../../gateway/host");
const script = `
import json, sys
sys.path.insert(0, sys.argv[1])
from trunkline_gateway.sigv4 import authorization
given = json.load(sys.stdin)
print(authorization(given["method"], "/", given["headers"], given["body"].encode(), given["headers"]["x-amz-date"], ("us-east-1", "service"), ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")))
`;

describe("AWS Signature Version 4", () => {
  // AWS, "Signature Version 4 Test Suite": get-vanilla, post-vanilla, post-x-www-form-urlencoded.
  for (const { name, method, headers, body, signed, signature } of [
    {
      name: "get-vanilla",
      method: "GET",
      headers: {},
      body: "",
      signed: "host;x-amz-date",
      signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    },
    {
      name: "post-vanilla",
      method: "POST",
      headers: {},
      body: "",
      signed: "host;x-amz-date",
      signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    },
    {
      name: "post-x-www-form-urlencoded",
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "Param1=value1",
      signed: "content-type;host;x-amz-date",
      signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    },
  ])
    it(`signs ${name} as AWS's test suite does`, () => {
      const given = {
        method,
        headers: { host: "example.amazonaws.com", "x-amz-date": "20150830T123600Z", ...headers },
        body,
      };
      const done = spawnSync("python3", ["-EsB", "-c", script, host], {
        input: JSON.stringify(given),
        encoding: "utf8",
      });
      assert.equal(
        done.stdout.trim(),
        `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signed}, Signature=${signature}`,
        done.stderr,
      );
    });
});
