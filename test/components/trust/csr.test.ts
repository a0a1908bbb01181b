import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { checkCsr } from "../../../components/trust/csr";

const identity = "use1-a.acme.trunkline.internal";
let folder: string;

/** A request as openssl writes it: the gateway's own program uses openssl, too. */
function request(
  san: string | undefined,
  key: readonly string[] = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
): string {
  const extension = san === undefined ? [] : ["-addext", `subjectAltName=${san}`];
  const to = ["-keyout", join(folder, "key.pem")];
  return execFileSync(
    "openssl",
    ["req", "-new", "-newkey", ...key, "-nodes", "-subj", `/CN=${identity}`, ...to, ...extension],
    {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
}

/** The PEM with one byte of its content changed by `change`. */
function damaged(pem: string, at: number, change: number): string {
  const der = Buffer.from(pem.replace(/-----[A-Z ]+-----/g, ""), "base64");
  const index = at % der.length;
  der[index] = (der[index] ?? 0) ^ change;
  return `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
}

describe("components/trust/csr", function () {
  // An RSA key is made of primes, which are found sooner or later.
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "trunkline-csr-"));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  for (const { algorithm, key } of [
    { algorithm: "ecdsa-p256", key: ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] },
    { algorithm: "rsa-3072", key: ["rsa:3072"] },
    { algorithm: "rsa-4096", key: ["rsa:4096"] },
  ] as const)
    it(`accepts ${algorithm} for exactly the identity`, () => {
      assert.deepEqual(checkCsr(request(`DNS:${identity}`, key), identity, algorithm), []);
    });

  const shared = "use1.acme.trunkline.internal";
  it("accepts a pair's name after the own one, where it shares an address", () => {
    assert.deepEqual(checkCsr(request(`DNS:${identity},DNS:${shared}`), identity, "ecdsa-p256", shared), []);
  });

  for (const { why, names } of [
    { why: "the own name alone", names: [identity] },
    { why: "the pair's name alone", names: [shared] },
    { why: "another's name with the pair's", names: [shared, identity] },
    { why: "a third name", names: [identity, shared, "euw1.acme.trunkline.internal"] },
  ])
    it(`refuses ${why} there`, () => {
      const san = names.map((name) => `DNS:${name}`).join(",");
      assert.match(
        checkCsr(request(san), identity, "ecdsa-p256", shared).join(" "),
        /in place of use1-a\.acme\.trunkline\.internal, use1\.acme\.trunkline\.internal\.$/,
      );
    });

  it("refuses the pair's name where none is shared", () => {
    assert.notDeepEqual(checkCsr(request(`DNS:${identity},DNS:${shared}`), identity, "ecdsa-p256"), []);
  });

  for (const { why, san, key, algorithm = "ecdsa-p256", says } of [
    {
      why: "another gateway's identity",
      san: "DNS:euw1-a.acme.trunkline.internal",
      says: /names euw1-a\.acme/,
    },
    {
      why: "one name more",
      san: `DNS:${identity},DNS:euw1-a.acme.trunkline.internal`,
      says: /names use1-a.*, euw1-a/,
    },
    { why: "an address beside the name", san: `DNS:${identity},IP:198.18.0.1`, says: /a name of kind 7/ },
    { why: "no name at all", san: undefined, says: /names nobody/ },
    { why: "an RSA key", san: `DNS:${identity}`, key: ["rsa:3072"], says: /no ECDSA key on P-256/ },
    {
      why: "a smaller RSA key than planned",
      san: `DNS:${identity}`,
      key: ["rsa:2048"],
      algorithm: "rsa-3072" as const,
      says: /no RSA key of 3072 bits/,
    },
    {
      why: "a larger RSA key than planned",
      san: `DNS:${identity}`,
      key: ["rsa:4096"],
      algorithm: "rsa-3072" as const,
      says: /no RSA key of 3072 bits/,
    },
    {
      why: "an ECDSA key where RSA is planned",
      san: `DNS:${identity}`,
      algorithm: "rsa-3072" as const,
      says: /no RSA key of 3072 bits/,
    },
    {
      why: "an RSA key with a small exponent",
      san: `DNS:${identity}`,
      key: ["rsa:3072", "-pkeyopt", "rsa_keygen_pubexp:3"],
      algorithm: "rsa-3072" as const,
      says: /no RSA key of 3072 bits/,
    },
    {
      why: "a curve other than planned",
      san: `DNS:${identity}`,
      key: ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
      says: /no ECDSA key on P-256/,
    },
  ])
    it(`refuses ${why}`, () => {
      assert.match(checkCsr(request(san, key), identity, algorithm).join(" "), says);
    });

  it("refuses what is no request", () => {
    for (const pem of [
      "",
      "hello",
      "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----",
    ])
      assert.equal(checkCsr(pem, identity, "ecdsa-p256").length, 1);
  });

  for (const { algorithm, key } of [
    { algorithm: "ecdsa-p256", key: undefined },
    { algorithm: "rsa-3072", key: ["rsa:3072"] },
  ] as const)
    it(`law: one changed byte is always refused, never a crash (${algorithm})`, () => {
      const good = request(`DNS:${identity}`, key);
      fc.assert(
        fc.property(fc.nat(2000), fc.integer({ min: 1, max: 255 }), (at, change) => {
          assert.notDeepEqual(checkCsr(damaged(good, at, change), identity, algorithm), []);
        }),
        { numRuns: 500 },
      );
    });
});
