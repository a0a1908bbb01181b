import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openCloudSite } from "../../automation/cloud-site";
import { gcpIdentity, gcpProject } from "../../automation/gcp-identity";
import { samplePlan } from "../components/sample-plan";

describe("whose credentials Google Cloud's provider would find", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "home-"));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  };
  const identity = (environment = {}) => gcpIdentity({ HOME: home, ...environment }, join(home, "sys"));

  it("none, where there is nothing, or nothing but empty variables", () => {
    assert.equal(identity(), undefined);
    assert.equal(identity({ GOOGLE_CREDENTIALS: "", GOOGLE_APPLICATION_CREDENTIALS: " " }), undefined);
  });

  it("those of a variable, and never what it says", () => {
    assert.equal(identity({ GOOGLE_CREDENTIALS: '{"private_key":"x"}' }), "of GOOGLE_CREDENTIALS");
  });

  it("a file that is named, if it is there", () => {
    assert.equal(identity({ GOOGLE_APPLICATION_CREDENTIALS: join(home, "key.json") }), undefined);
    put("key.json", "{}");
    const named = identity({ GOOGLE_APPLICATION_CREDENTIALS: join(home, "key.json") });
    assert.equal(named, "of GOOGLE_APPLICATION_CREDENTIALS");
  });

  it("gcloud's default login, wherever its configuration is", () => {
    put(".config/gcloud/application_default_credentials.json", "{}");
    assert.equal(identity(), "of gcloud's default login");
    assert.equal(identity({ CLOUDSDK_CONFIG: join(home, "elsewhere") }), undefined);
  });

  it("a machine of Compute Engine: its service account", () => {
    put("sys/devices/virtual/dmi/id/product_name", "Google Compute Engine\n");
    assert.equal(identity(), "of this instance's service account");
    put("sys/devices/virtual/dmi/id/product_name", "Standard PC\n");
    assert.equal(identity(), undefined);
  });

  it("a project is named, or none is", () => {
    assert.equal(gcpProject({ GOOGLE_PROJECT: "", CLOUDSDK_CORE_PROJECT: "acme" }), "acme");
    assert.equal(gcpProject({}), undefined);
  });

  it("up asks for credentials of each cloud that the fleet has, and for the project, before anything is touched", () => {
    const aws = samplePlan(["use1"], { managementAllowFrom: ["203.0.113.0/24"] });
    const both = {
      ...aws,
      regions: [
        ...aws.regions,
        ...samplePlan(["euw1"], { managementAllowFrom: ["203.0.113.0/24"] }).regions.map((region) => ({
          ...region,
          cloud: "gcp" as const,
        })),
      ],
    };
    const [profile, login] = [{ AWS_PROFILE: "dev" }, { GOOGLE_CREDENTIALS: "{}" }];
    const open = (environment: object) =>
      openCloudSite(both, home, { HOME: home, CLOUDSDK_CONFIG: home, ...environment }).identity;
    assert.throws(() => open(profile), /no Google Cloud credentials/);
    assert.throws(() => open({ ...profile, ...login }), /which project of Google Cloud to build euw1 in/);
    assert.equal(
      open({ ...profile, ...login, GOOGLE_PROJECT: "acme" }),
      "of the profile dev; of GOOGLE_CREDENTIALS in the project acme",
    );
    // A fleet of one cloud asks for no other's.
    const of = openCloudSite(aws, home, { HOME: home, ...profile });
    assert.equal(of.identity, "of the profile dev");
    const owned = {
      ...both,
      regions: both.regions.map((region) => ({
        ...region,
        owner: region.cloud === "gcp" ? "acme-2" : "111122223333",
      })),
    };
    assert.equal(
      openCloudSite(owned, home, { HOME: home, CLOUDSDK_CONFIG: home, ...profile, ...login }).identity,
      "of the profile dev in the account 111122223333; of GOOGLE_CREDENTIALS in the project acme-2",
    );
  });
});
