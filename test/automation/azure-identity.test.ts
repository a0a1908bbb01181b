import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { azureIdentity, azureSubscription } from "../../automation/azure-identity";
import { openCloudSite } from "../../automation/cloud-site";
import { samplePlan } from "../components/sample-plan";

describe("whose credentials Azure's provider would find", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "home-"));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  };
  const loggedIn = '\uFEFF{"subscriptions":[{"id":"s-1"},{"id":"s-2","isDefault":true}]}';
  const identity = (environment = {}) => azureIdentity({ HOME: home, ...environment });

  it("none, where there is nothing, nothing but empty variables, or half of what is needed", () => {
    assert.equal(identity(), undefined);
    assert.equal(identity({ ARM_CLIENT_ID: "", ARM_USE_MSI: " " }), undefined);
    assert.equal(identity({ ARM_CLIENT_ID: "c" }), undefined);
  });

  it("those of variables, and never what they say", () => {
    assert.equal(
      identity({ ARM_CLIENT_ID: "c", ARM_CLIENT_SECRET: "planted" }),
      "of ARM_CLIENT_ID and its secret",
    );
    assert.equal(
      identity({ ARM_CLIENT_ID: "c", ARM_CLIENT_CERTIFICATE_PATH: "/x" }),
      "of ARM_CLIENT_ID and its certificate",
    );
    assert.equal(identity({ ARM_USE_OIDC: "true" }), "of a workload identity (ARM_USE_OIDC)");
    assert.equal(identity({ ARM_USE_MSI: "true" }), "of this machine's managed identity (ARM_USE_MSI)");
  });

  it("who logged in by az, with the subscription that is the default, wherever its folder is", () => {
    put(".azure/azureProfile.json", loggedIn);
    assert.equal(identity(), "of `az login`");
    assert.equal(azureSubscription({ HOME: home }), "s-2");
    assert.equal(azureSubscription({ HOME: home, ARM_SUBSCRIPTION_ID: "s-3" }), "s-3");
    assert.equal(identity({ AZURE_CONFIG_DIR: join(home, "elsewhere") }), undefined);
  });

  it("nobody by a file that says of no subscription, or is none", () => {
    put(".azure/azureProfile.json", '{"subscriptions":[]}');
    assert.equal(identity(), undefined);
    put(".azure/azureProfile.json", "{");
    assert.equal(identity(), undefined);
  });

  it("up asks for credentials and the subscription, before anything is touched", () => {
    const plan = samplePlan(["weu"], { managementAllowFrom: ["203.0.113.0/24"] });
    const azure = {
      ...plan,
      regions: plan.regions.map((region) => ({ ...region, cloud: "azure" as const })),
    };
    const open = (environment: object) => openCloudSite(azure, home, { HOME: home, ...environment }).identity;
    const client = { ARM_CLIENT_ID: "c", ARM_CLIENT_SECRET: "planted" };
    assert.throws(() => open({}), /no Azure credentials/);
    assert.throws(() => open(client), /which subscription of Azure to build weu in/);
    assert.equal(
      open({ ...client, ARM_SUBSCRIPTION_ID: "s" }),
      "of ARM_CLIENT_ID and its secret in the subscription s",
    );
    // A region that names its own asks for no other.
    const own = { ...azure, regions: azure.regions.map((region) => ({ ...region, owner: "o" })) };
    assert.equal(
      openCloudSite(own, home, { HOME: home, ...client }).identity,
      "of ARM_CLIENT_ID and its secret in the subscription o",
    );
  });
});
