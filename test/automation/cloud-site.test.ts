import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
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
      assert.equal(awsIdentity({ HOME: home, ...environment }, join(home, "sys")), says);
    });

  for (const { file, text } of [
    { file: "devices/virtual/dmi/id/board_asset_tag", text: "i-0af01c0123456789a\n" },
    { file: "hypervisor/uuid", text: "ec2e1916-9099-7caf-fd21-012345abcdef\n" },
  ])
    it(`a machine whose ${file} says that it is EC2's: its role, unless its metadata is switched off`, () => {
      const sys = join(home, "sys");
      mkdirSync(dirname(join(sys, file)), { recursive: true });
      writeFileSync(join(sys, file), text);
      assert.equal(awsIdentity({ HOME: home }, sys), "of this EC2 instance's role");
      assert.equal(awsIdentity({ HOME: home, AWS_EC2_METADATA_DISABLED: "true" }, sys), undefined);
      assert.equal(awsIdentity({ HOME: home, AWS_PROFILE: "dev" }, sys), "of the profile dev");
    });
});
