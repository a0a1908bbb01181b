import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { regionFormat, trustFormat } from "trunkline/components/handover";
import { runEnvironment } from "../../../automation/demo/environment";
import type { LabSite } from "../../../automation/cli/lab-door";
import { samplePlan } from "../../components/sample-plan";

const plan = samplePlan(["use1", "euw1"]);
const handover = {
  regions: plan.regions.map(({ name, cloudRegion }) => ({
    format: regionFormat,
    region: name,
    cloud: "aws",
    cloudRegion,
    networkId: `vpc-${name}`,
    securityGroupId: "sg-1",
    routeService: { asn: 4200000001, endpoints: [] },
    gateways: [],
  })),
  trust: { format: trustFormat, fleet: plan.fleet, roots: ["r"], intermediates: ["i"], gateways: [] },
};

describe("the root Pulumi.yaml by the plain engine", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "environment-"));
    mkdirSync(join(folder, "bin"));
    // Writes down what it is asked, and answers as the engine does once a fleet is up.
    writeFileSync(
      join(folder, "bin", "pulumi"),
      `#!/bin/sh\necho "$*" >>'${folder}/asked'\n[ "$2" != output ] || cat '${folder}/output.json'\n`,
    );
    chmodSync(join(folder, "bin", "pulumi"), 0o755);
    writeFileSync(join(folder, "output.json"), JSON.stringify({ handover }));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("runs the user's own file, with all that stands in it, and gives each region its workload", async () => {
    const workloads: string[] = [];
    const site: LabSite = {
      kind: "lab",
      environment: { PATH: process.env["PATH"] ?? "" },
      stateFolder: join(folder, "state"),
      pulumiRoot: folder,
      probes: {
        hosts: () => Promise.resolve([]),
        run: () => Promise.reject(new Error("not asked for")),
        captureInternet: () => Promise.reject(new Error("not asked for")),
        power: () => Promise.resolve(),
        cable: () => Promise.resolve(),
        lateness: () => Promise.resolve(0),
        routeServiceSeconds: 0.9,
      },
      addWorkload: (_, region, network) => {
        workloads.push(`${region} ${network}`);
        return Promise.resolve();
      },
      close: () => undefined,
    };
    const file = join(folder, "my fleet.yaml");
    const { stop, stopNow } = { stop: new AbortController().signal, stopNow: new AbortController().signal };
    const live = await runEnvironment({ plan, file }, site, { stop, stopNow, onEvent: () => undefined });
    assert.deepEqual(live, handover);
    assert.deepEqual(workloads.sort(), ["euw1 vpc-euw1", "use1 vpc-use1"]);
    const asked = readFileSync(join(folder, "asked"), "utf8");
    const [, named] = /^config set trunkline:fleetFile (.*) --stack demo/m.exec(asked) ?? [];
    assert.equal(named, file);
  });
});
