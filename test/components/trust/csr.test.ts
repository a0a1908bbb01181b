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

describe("components/trust/csr", () => {
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "trunkline-csr-"));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("accepts a P-256 request for exactly the identity", () => {
    assert.deepEqual(checkCsr(request(`DNS:${identity}`), identity), []);
  });

  for (const { why, san, key, says } of [
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
    { why: "an RSA key", san: `DNS:${identity}`, key: ["rsa:2048"], says: /no ECDSA key on P-256/ },
    {
      why: "a curve other than planned",
      san: `DNS:${identity}`,
      key: ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
      says: /no ECDSA key on P-256/,
    },
  ])
    it(`refuses ${why}`, () => {
      assert.match(checkCsr(request(san, key), identity).join(" "), says);
    });

  it("refuses what is no request", () => {
    for (const pem of [
      "",
      "hello",
      "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----",
    ])
      assert.equal(checkCsr(pem, identity).length, 1);
  });

  it("law: one changed byte is always refused, never a crash", () => {
    const good = request(`DNS:${identity}`);
    fc.assert(
      fc.property(fc.nat(2000), fc.integer({ min: 1, max: 255 }), (at, change) => {
        assert.notDeepEqual(checkCsr(damaged(good, at, change), identity), []);
      }),
      { numRuns: 500 },
    );
  });
});
