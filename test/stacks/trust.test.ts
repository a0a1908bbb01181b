import assert from "node:assert/strict";
import { trustHandover } from "../../stacks/handover";
import { named, only } from "../components/recorder";
import { samplePlan } from "../components/sample-plan";
import { type FleetRun, upFleet } from "./up";

const plan = samplePlan(["euw1", "use1"]);

describe("stacks/trust", () => {
  let fleet: FleetRun;
  before(async () => {
    fleet = await upFleet(plan);
  });
  const resources = () => fleet.stack("acme.trust");

  it("hands on what the schema says, each gateway's certificate and host key in plan order", () => {
    const handover = trustHandover.parse(fleet.handovers["acme.trust"]);
    assert.deepEqual(
      handover.gateways.map(({ id, keyEpoch }) => [id, keyEpoch]),
      [
        ["euw1-a", 1],
        ["euw1-b", 1],
        ["use1-a", 1],
        ["use1-b", 1],
      ],
    );
  });

  it("is the one stack with issuing keys, and its authority is protected", () => {
    const signers = fleet.resources.filter(({ secrets }) => secrets.includes("caPrivateKeyPem"));
    assert.deepEqual(
      new Set(signers),
      new Set(only(resources(), "tls:index/locallySignedCert:LocallySignedCert")),
    );
    assert.deepEqual(
      resources()
        .filter((resource) => resource.protect)
        .map(({ name }) => name)
        .sort(),
      ["intermediate", "intermediate-key", "intermediate-request", "root", "root-key"].map(
        (end) => `acme-authority-${end}`,
      ),
    );
  });

  it("signs an intermediate with the root, as RFC 5280 wants authorities to be", () => {
    for (const name of ["root", "intermediate"])
      assert.deepEqual(named(resources(), `acme-authority-${name}-key`).inputs, {
        algorithm: "ECDSA",
        ecdsaCurve: "P384",
      });
    const root = named(resources(), "acme-authority-root").inputs;
    assert.deepEqual(root["allowedUses"], ["cert_signing", "crl_signing"]);
    assert.equal(root["isCaCertificate"], true);
    assert.equal(root["maxPathLength"], 1);
    assert.equal(root["setSubjectKeyId"], true);
    const intermediate = named(resources(), "acme-authority-intermediate").inputs;
    assert.equal(intermediate["maxPathLength"], 0);
    assert.equal(intermediate["caCertPem"], "CERTIFICATE acme-authority-root");
    assert.equal(intermediate["caPrivateKeyPem"], "PRIVATE pem of acme-authority-root-key");
  });

  it("signs gateways with the intermediate, for digital signatures only", () => {
    const { inputs } = named(resources(), "acme-use1-a-identity-certificate");
    assert.deepEqual(inputs["allowedUses"], ["digital_signature"]);
    assert.equal(inputs["isCaCertificate"], false);
    assert.equal(inputs["validityPeriodHours"], 90 * 24);
    assert.equal(inputs["caCertPem"], "CERTIFICATE acme-authority-intermediate");
  });

  it("asks a gateway once for a machine, an epoch and an identity; an update repeats the answer", () => {
    const csr = named(resources(), "acme-use1-a-identity-csr");
    assert.deepEqual(csr.replacementTrigger, ["acme-use1-pair-a-id", 1, "use1-a.acme.trunkline.internal"]);
    assert.equal(csr.inputs["update"], 'printf %s "$PULUMI_COMMAND_STDOUT"');
    assert.equal(csr.inputs["triggers"], undefined);
    assert.deepEqual(named(resources(), "acme-use1-a-identity-hostkey").replacementTrigger, [
      "acme-use1-pair-a-id",
    ]);
  });

  it("pins the bootstrap key first, then the key made on the machine", () => {
    const environment = (name: string) => named(resources(), name).inputs["environment"];
    const common = {
      TRUNKLINE_ADDRESS: "198.18.50.110",
      TRUNKLINE_USER: "root",
      TRUNKLINE_PUSH_KEY: "PRIVATE openssh of acme-use1-pair-push",
    };
    assert.deepEqual(environment("acme-use1-a-identity-hostkey"), {
      ...common,
      TRUNKLINE_HOST_KEYS: "ssh-test de53449c4b44660b",
    });
    assert.deepEqual(environment("acme-use1-a-identity-csr"), {
      ...common,
      TRUNKLINE_HOST_KEYS: "ssh-ed25519 e9403ce475a228d3",
      TRUNKLINE_IDENTITY: "use1-a.acme.trunkline.internal",
      TRUNKLINE_KEY_EPOCH: "1",
      TRUNKLINE_KEY_ALGORITHM: "ecdsa-p256",
    });
  });

  it("keeps keys out of everything that is shown", () => {
    for (const command of only(resources(), "command:local:Command")) {
      assert.ok(command.secrets.includes("environment.TRUNKLINE_PUSH_KEY"));
      assert.equal(command.inputs["logging"], "none");
      assert.doesNotMatch(
        JSON.stringify([command.name, command.inputs["create"], command.replacementTrigger]),
        /PRIVATE/,
      );
    }
  });
});
