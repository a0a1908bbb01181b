import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awsIdentity } from "../../automation/cloud-site";

describe("whose credentials a cloud's provider would find", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "home-"));
    mkdirSync(join(home, ".aws"));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const keys = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = example\n";
  for (const { what, environment = {}, file, text, says } of [
    { what: "nothing at all", says: undefined },
    { what: "half of a key", environment: { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE" }, says: undefined },
    { what: "empty variables", environment: { AWS_PROFILE: "", AWS_ACCESS_KEY_ID: "" }, says: undefined },
    { what: "a profile", environment: { AWS_PROFILE: "dev" }, says: "of the profile dev" },
    {
      what: "a pod's identity",
      environment: { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials" },
      says: "of this container",
    },
    {
      what: "keys in a file",
      file: "credentials",
      text: `[default]\n${keys}`,
      says: "of the default profile",
    },
    {
      what: "single sign-on in the configuration",
      file: "config",
      text: "[default]\nregion = eu-west-1\nsso_session = acme\n",
      says: "of the default profile",
    },
    {
      what: "a region and no credentials",
      file: "config",
      text: "[default]\nregion = eu-west-1\n",
      says: undefined,
    },
    {
      what: "keys of another profile only",
      file: "credentials",
      text: `[default]\n\n[dev]\n${keys}`,
      says: undefined,
    },
  ])
    it(`${what}: ${says ?? "none"}`, () => {
      if (file !== undefined && text !== undefined) writeFileSync(join(home, ".aws", file), text);
      assert.equal(awsIdentity({ HOME: home, ...environment }), says);
    });
});
