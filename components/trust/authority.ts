import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { checkLifetimes, planProfile } from "./profile.plan";

export interface CertificateAuthorityArgs {
  /** The fleet's name: the organization in both subjects. */
  fleet: string;
  /** Lifetime of the root certificate, days. */
  rootDays: number;
  /** Lifetime of the intermediate certificate, days; at most the root's. */
  intermediateDays: number;
  /** Whether keys and certificates are protected from deletion. Default true. */
  protect?: boolean;
}

/**
 * A fleet's authority: an ECDSA P-384 root that signs one intermediate, which signs the gateways' certificates. Keys
 * are made in, and stay in, the state of the stack that holds this component: keep it to one stack (`trust`).
 */
export class CertificateAuthority extends pulumi.ComponentResource {
  /** PEM, one certificate each. */
  readonly roots: pulumi.Output<string[]>;
  /** PEM, one certificate each. */
  readonly intermediates: pulumi.Output<string[]>;
  /** PEM of the certificate that issues now. */
  readonly issuerCertificate: pulumi.Output<string>;
  /** PEM of its private key. Secret. */
  readonly issuerKey: pulumi.Output<string>;

  constructor(name: string, args: CertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("trunkline:index:CertificateAuthority", name, {}, opts);
    const problems = checkLifetimes({ root: args.rootDays, intermediate: args.intermediateDays });
    if (problems.length > 0) throw new pulumi.ResourceError(problems.join("\n"), this);
    const kept = { parent: this, protect: args.protect ?? true };
    const subject = (commonName: string) => ({ organization: args.fleet, commonName });
    const key = { algorithm: "ECDSA", ecdsaCurve: "P384" };

    const rootKey = new tls.PrivateKey(`${name}-root-key`, key, kept);
    const { allowedUses: rootUses, ...rootProfile } = planProfile("root", args.rootDays);
    const root = new tls.SelfSignedCert(
      `${name}-root`,
      {
        privateKeyPem: rootKey.privateKeyPem,
        subject: subject("Trunkline root"),
        isCaCertificate: true,
        setSubjectKeyId: true,
        setAuthorityKeyId: true,
        allowedUses: [...rootUses],
        ...rootProfile,
      },
      kept,
    );

    const intermediateKey = new tls.PrivateKey(`${name}-intermediate-key`, key, kept);
    const request = new tls.CertRequest(
      `${name}-intermediate-request`,
      { privateKeyPem: intermediateKey.privateKeyPem, subject: subject("Trunkline intermediate") },
      kept,
    );
    const { allowedUses: intermediateUses, ...intermediateProfile } = planProfile(
      "intermediate",
      args.intermediateDays,
    );
    const intermediate = new tls.LocallySignedCert(
      `${name}-intermediate`,
      {
        certRequestPem: request.certRequestPem,
        caPrivateKeyPem: rootKey.privateKeyPem,
        caCertPem: root.certPem,
        isCaCertificate: true,
        setSubjectKeyId: true,
        allowedUses: [...intermediateUses],
        ...intermediateProfile,
      },
      kept,
    );

    // Certificates are public, and releases carry them: they must not hide behind the key they were signed with.
    this.issuerCertificate = pulumi.unsecret(intermediate.certPem);
    this.roots = pulumi.output([pulumi.unsecret(root.certPem)]);
    this.intermediates = pulumi.output([this.issuerCertificate]);
    this.issuerKey = pulumi.secret(intermediateKey.privateKeyPem);
    this.registerOutputs({
      roots: this.roots,
      intermediates: this.intermediates,
      issuerCertificate: this.issuerCertificate,
      issuerKey: this.issuerKey,
    });
  }
}
