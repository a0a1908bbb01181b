import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPublicKey, X509Certificate } from "node:crypto";
import { statSync } from "node:fs";
import { TestAuthority } from "../authority";
import { checkCsr } from "../../../components/trust/csr";
import { HostFolder, type Said, smallRelease } from "./machine";

const identity = "use1-a.acme.trunkline.internal";

function answer({ code, stdout, stderr }: Said): Record<string, string> {
  assert.equal(code, 0, stderr);
  return Object(JSON.parse(stdout));
}

const csrOf = (epoch: string, algorithm = "ecdsa-p256", name = identity): string[] => [
  ...["csr", "--identity", name, "--epoch", epoch, "--algorithm", algorithm],
];

describe("first contact", function () {
  // An RSA key needs primes.
  let host: HostFolder;
  beforeEach(() => (host = new HostFolder()));
  afterEach(() => {
    host.remove();
  });

  it("makes a host key once, and sshd uses it beside the bootstrap key", () => {
    const first = answer(host.firstContact("hostkey"));
    assert.match(first["hostKey"] ?? "", /^ssh-ed25519 [A-Za-z0-9+/=]+$/);
    assert.deepEqual(answer(host.firstContact("hostkey")), first);
    assert.equal(statSync(host.path("/etc/ssh/trunkline_host_ed25519")).mode & 0o777, 0o600);
    assert.ok(host.calls().includes("systemctl reload ssh"));
    const derived = execFileSync("ssh-keygen", ["-y", "-f", host.path("/etc/ssh/trunkline_host_ed25519")], {
      encoding: "utf8",
    });
    assert.equal(derived.split(" ").slice(0, 2).join(" ").trim(), first["hostKey"]);
  });

  it("asks for a certificate with the identity as its name, for one key per epoch", () => {
    const authority = new TestAuthority();
    try {
      const signed = (epoch: string) =>
        new X509Certificate(authority.sign(answer(host.firstContact(...csrOf(epoch)))["csr"] ?? ""));
      const [one, again, other] = [signed("2"), signed("2"), signed("3")];
      assert.equal(one.subjectAltName, `DNS:${identity}`);
      const key = createPublicKey(host.read("/var/lib/trunkline/keys/2.pem"));
      assert.equal(key.asymmetricKeyDetails?.namedCurve, "prime256v1");
      assert.ok(one.publicKey.equals(key) && again.publicKey.equals(key));
      assert.ok(!other.publicKey.equals(key));
      assert.equal(statSync(host.path("/var/lib/trunkline/keys/2.pem")).mode & 0o777, 0o600);
    } finally {
      authority.remove();
    }
  });

  it("asks for a pair's name beside its own, where it is to", () => {
    const pair = "use1.acme.trunkline.internal";
    const { csr = "" } = answer(host.firstContact(...csrOf("5", "ecdsa-p256", `${identity},${pair}`)));
    assert.deepEqual(checkCsr(csr, identity, "ecdsa-p256", pair), []);
  });

  for (const bits of [3072, 4096])
    it(`makes an RSA key of ${String(bits)} bits where it is asked to, and keeps it whatever is asked later`, () => {
      const algorithm = `rsa-${String(bits)}`;
      const first = answer(host.firstContact(...csrOf("4", algorithm)))["csr"] ?? "";
      assert.deepEqual(checkCsr(first, identity, bits === 3072 ? "rsa-3072" : "rsa-4096"), []);
      const key = host.read("/var/lib/trunkline/keys/4.pem");
      assert.equal(createPublicKey(key).asymmetricKeyDetails?.modulusLength, bits);
      answer(host.firstContact(...csrOf("4", "ecdsa-p256")));
      assert.equal(host.read("/var/lib/trunkline/keys/4.pem"), key);
    });

  for (const { words, code, why } of [
    {
      words: csrOf("1", "ecdsa-p256", "a/CN=b"),
      code: 1,
      why: "a name that would add to the subject",
    },
    { words: csrOf("../1"), code: 1, why: "an epoch that is a path" },
    { words: csrOf("1", "rsa-2048"), code: 1, why: "a weak key" },
    { words: csrOf("1").slice(0, 5), code: 2, why: "no kind of key" },
    { words: ["csr"], code: 2, why: "no identity" },
    { words: [], code: 2, why: "no verb" },
  ])
    it(`refuses ${JSON.stringify(words)}: ${why}`, () => {
      assert.equal(host.firstContact(...words).code, code);
    });
});

describe("trunkline-gateway stage", () => {
  let host: HostFolder;
  beforeEach(() => (host = new HostFolder()));
  afterEach(() => {
    host.remove();
  });

  const release = smallRelease();
  const lines = release.bundle.split("\n");
  const frr = lines.findIndex((line) => line.endsWith(Buffer.from("router bgp 1\n").toString("base64")));
  for (const { stdin, says, why } of [
    { stdin: "", says: /no bundle/, why: "nothing came" },
    { stdin: "[1]", says: /no bundle/, why: "another document" },
    {
      stdin: `${lines[0] ?? ""}\n${(lines[1] ?? "").slice(0, -20)}`,
      says: /no bundle/,
      why: "a manifest cut off",
    },
    {
      stdin: release.bundle.slice(0, -20),
      says: /1 files of the release have not come/,
      why: "a file cut off",
    },
    {
      stdin: lines.with(frr, `${(lines[frr] ?? "").slice(0, 65)}AAAA`).join("\n"),
      says: /files of the release have not come/,
      why: "one file changed on the way",
    },
    {
      stdin: lines.slice(0, 2).join("\n"),
      says: /files of the release have not come, \/etc\/frr\/frr\.conf first/,
      why: "files missing",
    },
    {
      stdin: smallRelease({ "/etc/../root/x": "" }).bundle,
      says: /may not write/,
      why: "a path that leaves",
    },
    {
      stdin: smallRelease({ "/root/.ssh/authorized_keys": "" }).bundle,
      says: /may not write/,
      why: "a path that is not ours",
    },
    {
      stdin: smallRelease({ "/etc/a b": "" }).bundle,
      says: /may not write/,
      why: "a path that is not plain",
    },
  ])
    it(`refuses: ${why}`, () => {
      const said = host.run(["stage"], { stdin });
      assert.equal(said.code, 1);
      assert.match(said.stderr, says);
      assert.ok(!said.stderr.includes("Traceback"));
      assert.equal(host.run(["apply", release.name, "--confirm-within", "60s"]).code, 1);
    });

  it("a release whose file was lost from the disk is not applied", () => {
    assert.equal(host.run(["stage"], { stdin: release.bundle }).code, 0);
    host.write(`/var/lib/trunkline/releases/${release.name}/files/etc/frr/frr.conf`, "");
    const said = host.run(["apply", release.name, "--confirm-within", "60s"]);
    assert.equal(said.code, 1);
    assert.match(said.stderr, /damaged; stage it again/);
  });

  for (const words of [["apply", "x", "--confirm-within", "1h"], ["apply"], ["nonsense"], []])
    it(`bad usage is 2: ${JSON.stringify(words)}`, () => {
      assert.equal(host.run(words).code, 2);
    });
});
