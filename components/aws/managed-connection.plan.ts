import { transforms } from "../../fleet/aws/transforms";
import { wordsOf } from "../../fleet/proposal";
import { checkInsides, checkProposal, vendorWord as word } from "../managed-tunnels";
import type { ArgumentProblem, Planned } from "../problem";
import { planned } from "../problem";
import { limits } from "./limits";

export interface ManagedConnectionSpec {
  readonly peerAsn: number;
  readonly ike: string;
  readonly esp: string;
  readonly ikeLifetimeSeconds: number;
  readonly childLifetimeSeconds: number;
  readonly rekeyMarginSeconds: number;
  readonly dpdTimeoutSeconds: number;
  readonly tunnels: readonly { readonly insideCidr: string }[];
}

export interface ManagedConnectionPlan {
  /** A customer gateway has one field for ASNs of 31 bits and another for greater ones. */
  readonly asn: { readonly bgpAsn: string } | { readonly bgpAsnExtended: string };
  readonly options: TunnelOptions;
}

/** Of each of both tunnels, every option that AWS has: what is left out it would choose itself, and offer all of. */
export interface TunnelOptions {
  readonly ikeVersions: readonly string[];
  readonly phase1EncryptionAlgorithms: readonly string[];
  readonly phase1IntegrityAlgorithms: readonly string[];
  readonly phase1DhGroupNumbers: readonly number[];
  readonly phase1LifetimeSeconds: number;
  readonly phase2EncryptionAlgorithms: readonly string[];
  readonly phase2IntegrityAlgorithms: readonly string[];
  readonly phase2DhGroupNumbers: readonly number[];
  readonly phase2LifetimeSeconds: number;
  readonly rekeyMarginTimeSeconds: number;
  readonly rekeyFuzzPercentage: number;
  readonly replayWindowSize: number;
  readonly dpdTimeoutSeconds: number;
  readonly dpdTimeoutAction: string;
  readonly startupAction: string;
}

/** A Site-to-Site VPN connection to one gateway, or every reason why AWS would refuse it. */
export function planManagedConnection(spec: ManagedConnectionSpec): Planned<ManagedConnectionPlan> {
  const ike = ikeWords(spec.ike);
  const esp = espWords(spec.esp);
  const problems = [
    ...checkAsn(spec.peerAsn),
    ...checkProposal("ike", spec.ike, ike !== undefined, transforms.whose),
    ...checkProposal("esp", spec.esp, esp !== undefined, transforms.whose),
    ...checkSeconds(spec),
    ...checkInsides(spec.tunnels, limits.siteToSite, "AWS"),
  ];
  return planned(problems, () => ({
    asn:
      spec.peerAsn > limits.siteToSite.asn.short
        ? { bgpAsnExtended: String(spec.peerAsn) }
        : { bgpAsn: String(spec.peerAsn) },
    options: {
      ikeVersions: ["ikev2"],
      phase1EncryptionAlgorithms: [ike?.encryption ?? ""],
      // Beside AEAD it names the PRF alone.
      phase1IntegrityAlgorithms: [ike?.hash ?? ""],
      phase1DhGroupNumbers: [ike?.group ?? 0],
      phase1LifetimeSeconds: spec.ikeLifetimeSeconds,
      phase2EncryptionAlgorithms: [esp?.encryption ?? ""],
      // Beside AEAD it means nothing, and yet AWS would list all of them.
      phase2IntegrityAlgorithms: [esp?.hash ?? ike?.hash ?? ""],
      phase2DhGroupNumbers: [esp?.group ?? 0],
      phase2LifetimeSeconds: spec.childLifetimeSeconds,
      rekeyMarginTimeSeconds: spec.rekeyMarginSeconds,
      rekeyFuzzPercentage: 100,
      replayWindowSize: 1024,
      dpdTimeoutSeconds: spec.dpdTimeoutSeconds,
      // The other end calls, and calls again.
      dpdTimeoutAction: "clear",
      startupAction: "add",
    },
  }));
}

interface Words {
  readonly encryption: string;
  readonly hash?: string;
  readonly group: number;
}

function ikeWords(proposal: string): (Words & { readonly hash: string }) | undefined {
  const { encryption, integrity, prf, group, ...more } = wordsOf(proposal);
  const found = {
    encryption: word(transforms.ike.encryption, encryption),
    hash: word(transforms.ike.prf, prf),
    group: word(transforms.ike.group, group),
  };
  // One field of AWS' is both the integrity and the PRF.
  const both = integrity === undefined || word(transforms.ike.integrity, integrity) === found.hash;
  return both &&
    Object.keys(more).length === 0 &&
    typeof found.encryption === "string" &&
    typeof found.hash === "string" &&
    typeof found.group === "number"
    ? { encryption: found.encryption, hash: found.hash, group: found.group }
    : undefined;
}

function espWords(proposal: string): Words | undefined {
  const { encryption, integrity, group, ...more } = wordsOf(proposal);
  const found = {
    encryption: word(transforms.esp.encryption, encryption),
    hash: integrity === undefined ? undefined : word(transforms.esp.integrity, integrity),
    group: word(transforms.esp.group, group),
  };
  return (integrity === undefined || found.hash !== undefined) &&
    Object.keys(more).length === 0 &&
    typeof found.encryption === "string" &&
    typeof found.group === "number"
    ? {
        encryption: found.encryption,
        group: found.group,
        ...(typeof found.hash === "string" ? { hash: found.hash } : {}),
      }
    : undefined;
}

function checkAsn(asn: number): ArgumentProblem[] {
  const { least, greatest } = limits.siteToSite.asn;
  return Number.isInteger(asn) && asn >= least && asn <= greatest
    ? []
    : [
        {
          path: "peerAsn",
          message: `${asn} is no ASN of a customer gateway.`,
          remedy: `Choose one from ${least} to ${greatest}.`,
        },
      ];
}

function checkSeconds(spec: ManagedConnectionSpec): ArgumentProblem[] {
  const { ike, esp } = transforms.lifetimes;
  const { dpdTimeoutSeconds, rekeyMarginSeconds } = limits.siteToSite;
  const within = (path: keyof ManagedConnectionSpec, value: number, least: number, greatest?: number) =>
    Number.isInteger(value) && value >= least && (greatest === undefined || value <= greatest)
      ? []
      : [
          {
            path,
            message: `${value} s is out of AWS's range.`,
            remedy: `Choose ${least} s ${greatest === undefined ? "or more" : `to ${greatest} s`}.`,
          },
        ];
  return [
    ...within("ikeLifetimeSeconds", spec.ikeLifetimeSeconds, ike.least, ike.greatest),
    ...within("childLifetimeSeconds", spec.childLifetimeSeconds, esp.least, esp.greatest),
    ...within(
      "rekeyMarginSeconds",
      spec.rekeyMarginSeconds,
      rekeyMarginSeconds.least,
      Math.floor(spec.childLifetimeSeconds / 2),
    ),
    ...within("dpdTimeoutSeconds", spec.dpdTimeoutSeconds, dpdTimeoutSeconds.least),
    ...(spec.childLifetimeSeconds < spec.ikeLifetimeSeconds
      ? []
      : [
          {
            path: "childLifetimeSeconds",
            message: "A child SA would live as long as its IKE SA, or longer.",
            remedy: "Make its time the shorter one.",
          },
        ]),
  ];
}

/** What AWS takes as a preshared key. */
export const presharedKeys = {
  pattern: limits.siteToSite.presharedKey,
  whose: "AWS",
  remedy: 'Give 8 to 64 of letters, digits, "." and "_", not beginning with 0.',
} as const;
