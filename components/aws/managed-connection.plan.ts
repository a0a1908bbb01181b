import { transforms } from "../../fleet/aws/transforms";
import { whyNot } from "../../fleet/crypto/policy";
import { wordsOf } from "../../fleet/proposal";
import { overlap, parseBlock } from "../block";
import type { ArgumentProblem, Planned } from "../problem";
import { planned } from "../problem";
import { isInside } from "./inside.plan";
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
    ...checkProposal("ike", spec.ike, ike !== undefined),
    ...checkProposal("esp", spec.esp, esp !== undefined),
    ...checkSeconds(spec),
    ...checkTunnels(spec),
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

function word(table: Readonly<Record<string, string | number>>, key: string | undefined) {
  return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

function checkProposal(path: "ike" | "esp", proposal: string, taken: boolean): ArgumentProblem[] {
  const weak = proposal.split("-").filter((each) => whyNot("compatible", each) === "weak");
  if (taken && weak.length === 0) return [];
  const example = path === "ike" ? "aes256gcm16-prfsha384-ecp384" : "aes256gcm16-ecp384";
  return [
    {
      path,
      message:
        weak.length > 0 ? `${weak.join(" and ")} is weak.` : `AWS Site-to-Site VPN takes no "${proposal}".`,
      remedy: `Write one transform for each role, such as ${example}.`,
    },
  ];
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

function checkTunnels({ tunnels }: ManagedConnectionSpec): ArgumentProblem[] {
  if (tunnels.length !== limits.siteToSite.tunnels)
    return [
      {
        path: "tunnels",
        message: `There are ${tunnels.length} tunnels, and a connection has two.`,
        remedy: "Give both.",
      },
    ];
  const blocks = tunnels.map(({ insideCidr }) => parseBlock(insideCidr));
  return blocks.flatMap((block, index): ArgumentProblem[] => {
    const path = `tunnels[${index}].insideCidr`;
    const text = tunnels[index]?.insideCidr ?? "";
    if (!isInside(block, limits.siteToSite))
      return [
        {
          path,
          message: `"${text}" is no network for the inside of a tunnel.`,
          remedy: "Choose a /30 of 169.254.0.0/16, none that AWS reserves, such as 169.254.6.0/30.",
        },
      ];
    const twice = blocks.findIndex(
      (other) => block !== undefined && other !== undefined && overlap(other, block),
    );
    return twice < index
      ? [{ path, message: `Both tunnels have ${text}.`, remedy: "Give each its own." }]
      : [];
  });
}

/** What AWS takes as a preshared key. */
export function isPresharedKey(key: string): boolean {
  return limits.siteToSite.presharedKey.test(key);
}
