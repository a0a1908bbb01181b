import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An authority of the test's own, in a folder of its own: the profile is what the trust layer signs, roughly. */
export class TestAuthority {
  readonly #folder = mkdtempSync(join(tmpdir(), "trunkline-ca-"));
  readonly root: string;

  constructor() {
    this.#openssl("ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", "ca.key");
    this.#openssl(
      ...["req", "-x509", "-new", "-key", "ca.key", "-sha384", "-days", "30", "-subj", "/CN=Test Root"],
      ...["-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", "ca.pem"],
    );
    this.root = readFileSync(join(this.#folder, "ca.pem"), "utf8");
  }

  /**
   * @param days how long it is valid; 0: it has expired already
   * @returns the PEM leaf for a request that a gateway made
   */
  sign(csr: string, days = 7): string {
    writeFileSync(join(this.#folder, "leaf.csr"), csr);
    writeFileSync(
      join(this.#folder, "leaf.ext"),
      "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n",
    );
    return this.#openssl(
      ...[
        "x509",
        "-req",
        "-in",
        "leaf.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-sha384",
        "-days",
        String(days),
      ],
      ...["-copy_extensions", "copy", "-extfile", "leaf.ext"],
    );
  }

  /** A key of its own and its certificate, for where no gateway makes one. */
  issue(identity: string, days = 7): { readonly key: string; readonly certificate: string } {
    const key = this.#openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");
    writeFileSync(join(this.#folder, "leaf.key"), key);
    const csr = this.#openssl(
      ...["req", "-new", "-key", "leaf.key", "-subj", `/CN=${identity}`],
      ...["-addext", `subjectAltName=DNS:${identity}`],
    );
    return { key, certificate: this.sign(csr, days) };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #openssl(...words: string[]): string {
    return execFileSync("openssl", words, {
      cwd: this.#folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  }
}
