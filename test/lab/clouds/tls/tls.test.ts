import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { certRequest } from "../../../../lab/clouds/tls/cert-request";
import { locallySignedCert } from "../../../../lab/clouds/tls/locally-signed-cert";
import { privateKey } from "../../../../lab/clouds/tls/private-key";
import { selfSignedCert } from "../../../../lab/clouds/tls/self-signed-cert";
import { request } from "../../../components/recorder";
import { callWith } from "../call";

const call = callWith({});
const key = z.object({
  privateKeyPem: z.string(),
  privateKeyOpenssh: z.string(),
  publicKeyOpenssh: z.string(),
  publicKeyFingerprintSha256: z.string(),
  publicKeyFingerprintMd5: z.string(),
});
const certificate = z.object({ certPem: z.string(), validityEndTime: z.string() });

async function newKey(inputs: { algorithm: string; ecdsaCurve?: string }) {
  return key.parse((await privateKey.create(inputs, call)).outputs);
}

const uses = { allowedUses: ["cert_signing", "crl_signing"], isCaCertificate: true, setSubjectKeyId: true };

async function authority() {
  const rootKey = await newKey({ algorithm: "ECDSA", ecdsaCurve: "P384" });
  const root = await selfSignedCert.create(
    {
      ...uses,
      privateKeyPem: rootKey.privateKeyPem,
      subject: { organization: "acme", commonName: "root" },
      maxPathLength: 1,
      validityPeriodHours: 240,
      setAuthorityKeyId: true,
    },
    call,
  );
  const { certPem: caCertPem } = certificate.parse(root.outputs);
  return { caCertPem, caPrivateKeyPem: rootKey.privateKeyPem };
}

describe("lab/clouds/tls", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "tls-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const run = (program: string, ...words: string[]) =>
    execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

  for (const inputs of [
    { algorithm: "ED25519" },
    { algorithm: "ECDSA", ecdsaCurve: "P256" },
    { algorithm: "ECDSA", ecdsaCurve: "P384" },
  ])
    it(`OpenSSH reads ${Object.values(inputs).join(" ")}, 20 times over`, async () => {
      // Small numbers have fewer bytes: one key in 256 has a leading zero somewhere.
      for (let round = 0; round < 20; round += 1) {
        const made = await newKey(inputs);
        const path = file("key", made.privateKeyOpenssh);
        const derived = run("ssh-keygen", "-y", "-P", "", "-f", path).trim().split(" ").slice(0, 2).join(" ");
        assert.equal(derived, made.publicKeyOpenssh.trim());
        const said = run("ssh-keygen", "-l", "-f", file("key.pub", made.publicKeyOpenssh));
        assert.equal(said.split(" ")[1], made.publicKeyFingerprintSha256);
      }
    });

  it("the vendor's default curve is refused by name, not replaced by another", () => {
    assert.match(privateKey.check({ algorithm: "ECDSA" }, {})[0]?.reason ?? "", /P224/);
  });

  it("a chain of root, intermediate and leaf is one that openssl takes, strictly", async () => {
    const ca = await authority();
    const intermediateKey = await newKey({ algorithm: "ECDSA", ecdsaCurve: "P384" });
    const asked = await certRequest.create(
      {
        privateKeyPem: intermediateKey.privateKeyPem,
        subject: { organization: "acme", commonName: "intermediate" },
      },
      call,
    );
    const intermediate = certificate.parse(
      (
        await locallySignedCert.create(
          {
            ...ca,
            ...uses,
            certRequestPem: asked.outputs["certRequestPem"],
            maxPathLength: 0,
            validityPeriodHours: 200,
          },
          call,
        )
      ).outputs,
    );
    const leaf = certificate.parse(
      (
        await locallySignedCert.create(
          {
            certRequestPem: request("use1-a.acme.example"),
            caCertPem: intermediate.certPem,
            caPrivateKeyPem: intermediateKey.privateKeyPem,
            allowedUses: ["digital_signature"],
            isCaCertificate: false,
            setSubjectKeyId: true,
            validityPeriodHours: 100,
          },
          call,
        )
      ).outputs,
    );
    const said = run(
      "openssl",
      ...["verify", "-x509_strict", "-CAfile", file("root.pem", ca.caCertPem)],
      ...["-untrusted", file("intermediate.pem", intermediate.certPem), file("leaf.pem", leaf.certPem)],
    );
    assert.match(said, /OK/);
    const parsed = new X509Certificate(leaf.certPem);
    assert.equal(parsed.subjectAltName, "DNS:use1-a.acme.example");
    assert.equal(parsed.ca, false);
    assert.equal(Date.parse(parsed.validTo), Date.parse(leaf.validityEndTime));
    const text = run("openssl", "x509", "-in", file("leaf.pem", leaf.certPem), "-noout", "-text");
    assert.match(text, /Key Usage: critical\s+Digital Signature\n/);
    assert.match(text, /Signature Algorithm: ecdsa-with-SHA384/);
    assert.match(text, /Authority Key Identifier/);
    assert.match(text, /Basic Constraints: critical\s+CA:FALSE/);
  });

  it("an authority with an ECDSA key signs for an RSA key, too, and openssl takes the chain", async () => {
    const ca = await authority();
    const made = await locallySignedCert.create(
      {
        ...ca,
        certRequestPem: request("use1-a.acme.example", "rsa-3072"),
        allowedUses: ["digital_signature"],
        setSubjectKeyId: true,
        validityPeriodHours: 100,
      },
      call,
    );
    const { certPem } = certificate.parse(made.outputs);
    assert.match(
      run(
        "openssl",
        "verify",
        "-x509_strict",
        "-CAfile",
        file("root.pem", ca.caCertPem),
        file("leaf.pem", certPem),
      ),
      /OK/,
    );
    assert.equal(new X509Certificate(certPem).publicKey.asymmetricKeyDetails?.modulusLength, 3072);
  });

  it("a request that is not its key's, and a key that is not the authority's, are refused", async () => {
    const ca = await authority();
    const signing = {
      certRequestPem: request("use1-a.acme.example"),
      allowedUses: ["digital_signature"],
      validityPeriodHours: 1,
    };
    const other = await authority();
    await assert.rejects(
      locallySignedCert.create({ ...signing, ...ca, caPrivateKeyPem: other.caPrivateKeyPem }, call),
      /provided PrivateKey doesn't match/,
    );
    const foreign = request("use1-b.acme.example").split("\n");
    const damaged = signing.certRequestPem
      .split("\n")
      .map((line, index) => (index === 3 ? (foreign[3] ?? line) : line));
    await assert.rejects(
      locallySignedCert.create({ ...signing, ...ca, certRequestPem: damaged.join("\n") }, call),
    );
  });

  it("a certificate within its early renewal period is due, one before it is not", () => {
    const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    assert.deepEqual(locallySignedCert.due({ validityEndTime: at(10), earlyRenewalHours: 11 }), [
      "readyForRenewal",
    ]);
    assert.deepEqual(locallySignedCert.due({ validityEndTime: at(10), earlyRenewalHours: 9 }), []);
  });

  it("messages never hold a key", async () => {
    const { privateKeyPem } = await newKey({ algorithm: "ED25519" });
    const broken = privateKeyPem.replace("MC4", "XXX");
    await assert.rejects(
      certRequest.create({ privateKeyPem: broken }, call),
      (error: Error) => !error.message.includes("XXX") && /privateKeyPem/.test(error.message),
    );
  });
});
