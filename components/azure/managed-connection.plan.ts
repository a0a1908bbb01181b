import { dataSizeKilobytes, transforms } from "../../fleet/azure/transforms";
import { wordsOf } from "../../fleet/proposal";
import { isInside } from "../inside-network";
import { nthAddress, parseBlock } from "../block";
import { checkProposal, vendorWord } from "../managed-tunnels";
import type { ArgumentProblem, Planned } from "../problem";
import { planned } from "../problem";
import type { NameSpec } from "../resource-name";
import { limits } from "./limits";
import { checkNames } from "./name";
import { checkVpnAsn } from "./vpn-asn";
import { checkVpnInside, instanceNames, vpnInsides } from "./vpn-inside";

export interface ManagedConnectionSpec extends NameSpec {
  /** Id of the gateway at the other end. */
  readonly peer: string;
  readonly peerAsn: number;
  readonly ike: string;
  readonly esp: string;
  readonly childLifetimeSeconds: number;
  readonly dpdTimeoutSeconds: number;
  /** Of the VPN gateway's own addresses inside. */
  readonly insideCidr: string;
  /** That the peer's one address inside is in. */
  readonly peerInsideCidr: string;
}

export interface ManagedConnectionPlan {
  readonly policy: IpsecPolicy;
  /** The peer's address inside of both tunnels. */
  readonly peerInside: string;
  readonly instances: readonly { readonly name: string; readonly inside: string }[];
}

/** Every field: Azure takes no policy that lacks one, and offers all that it has where there is none. */
export interface IpsecPolicy {
  readonly ikeEncryption: string;
  readonly ikeIntegrity: string;
  readonly dhGroup: string;
  readonly ipsecEncryption: string;
  readonly ipsecIntegrity: string;
  readonly pfsGroup: string;
  readonly saLifeTimeSeconds: number;
  readonly saDataSizeKilobytes: number;
}

/** A connection with one gateway, a tunnel from each instance, or every reason why Azure would refuse it. */
export function planManagedConnection(spec: ManagedConnectionSpec): Planned<ManagedConnectionPlan> {
  const ike = ikeWords(spec.ike);
  const esp = espWords(spec.esp);
  const problems = [
    ...checkVpnAsn("peerAsn", spec.peerAsn),
    ...checkProposal("ike", spec.ike, ike !== undefined, transforms.whose),
    ...checkProposal("esp", spec.esp, esp !== undefined, transforms.whose),
    ...checkSeconds(spec),
    ...checkVpnInside(spec.insideCidr),
    ...checkPeerInside(spec.peerInsideCidr),
    ...checkNames(spec, [{ path: "peer", suffix: spec.peer }]),
  ];
  return planned(problems, () => {
    const insides = vpnInsides(spec.insideCidr);
    return {
      policy: {
        ikeEncryption: ike?.encryption ?? "",
        ikeIntegrity: ike?.hash ?? "",
        dhGroup: ike?.group ?? "",
        ipsecEncryption: esp?.encryption ?? "",
        ipsecIntegrity: esp?.hash ?? "",
        pfsGroup: esp?.group ?? "",
        saLifeTimeSeconds: spec.childLifetimeSeconds,
        saDataSizeKilobytes: dataSizeKilobytes.standard,
      },
      peerInside: nthAddress(spec.peerInsideCidr, 2),
      instances: instanceNames().map((name, index) => ({ name, inside: insides[index] ?? "" })),
    };
  });
}

interface Words {
  readonly encryption: string;
  readonly hash: string;
  readonly group: string;
}

/** One field is both the integrity and, beside AEAD, the PRF. */
function ikeWords(proposal: string): Words | undefined {
  const { encryption: cipher, integrity, prf, group: dh, ...more } = wordsOf(proposal);
  const encryption = vendorWord(transforms.ike.encryption, cipher);
  const hash = vendorWord(transforms.ike.prf, prf);
  const group = vendorWord(transforms.ike.group, dh);
  const both = integrity === undefined || vendorWord(transforms.ike.integrity, integrity) === hash;
  return encryption === undefined ||
    hash === undefined ||
    group === undefined ||
    !both ||
    Object.keys(more).length > 0
    ? undefined
    : { encryption, hash, group };
}

/** AEAD's word stands in the field of the integrity as well. */
function espWords(proposal: string): Words | undefined {
  const { encryption: cipher, integrity, group: pfs, ...more } = wordsOf(proposal);
  const encryption = vendorWord(transforms.esp.encryption, cipher);
  const hash = integrity === undefined ? encryption : vendorWord(transforms.esp.integrity, integrity);
  const group = vendorWord(transforms.esp.group, pfs);
  return encryption === undefined ||
    hash === undefined ||
    group === undefined ||
    // Without an integrity it must be AEAD, and AEAD has none.
    (integrity === undefined) !== encryption.startsWith("GCM") ||
    Object.keys(more).length > 0
    ? undefined
    : { encryption, hash, group };
}

function checkSeconds({ childLifetimeSeconds, dpdTimeoutSeconds }: ManagedConnectionSpec): ArgumentProblem[] {
  const { least } = transforms.lifetimes.esp;
  const dpd = limits.vpnGateway.dpdTimeoutSeconds;
  return [
    ...(Number.isInteger(childLifetimeSeconds) && childLifetimeSeconds >= least
      ? []
      : [
          {
            path: "childLifetimeSeconds",
            message: `${childLifetimeSeconds} s is out of Azure's range.`,
            remedy: `Choose ${least} s or more.`,
          },
        ]),
    ...(Number.isInteger(dpdTimeoutSeconds) &&
    dpdTimeoutSeconds >= dpd.least &&
    dpdTimeoutSeconds <= dpd.greatest
      ? []
      : [
          {
            path: "dpdTimeoutSeconds",
            message: `${dpdTimeoutSeconds} s is out of Azure's range.`,
            remedy: `Choose ${dpd.least} s to ${dpd.greatest} s.`,
          },
        ]),
  ];
}

/** What the peer has inside is no business of Azure's, but for the range that VPN gateways' own addresses are from. */
function checkPeerInside(peerInsideCidr: string): ArgumentProblem[] {
  const { prefix, blocks } = limits.vpnGateway.inside;
  return isInside(parseBlock(peerInsideCidr), { insidePrefix: prefix, insideReserved: blocks })
    ? []
    : [
        {
          path: "peerInsideCidr",
          message: `"${peerInsideCidr}" is no network for the inside of the peer's tunnels.`,
          remedy: `Choose a /${prefix} of 169.254.0.0/16, and none of ${blocks.join(" and ")}.`,
        },
      ];
}

/** What Azure takes as a preshared key. */
export const presharedKeys = {
  pattern: limits.vpnGateway.presharedKey,
  whose: "Azure",
  remedy: 'Give 1 to 128 printable characters of ASCII, without space, "-" and "~".',
} as const;
