import { transforms } from "../../fleet/gcp/transforms";
import { wordsOf } from "../../fleet/proposal";
import { nthAddress } from "../block";
import { checkInsides, checkProposal, vendorWord } from "../managed-tunnels";
import type { ArgumentProblem, Planned } from "../problem";
import { planned } from "../problem";
import type { NameSpec } from "../resource-name";
import { limits } from "./limits";
import { checkNames } from "./name";

export interface ManagedConnectionSpec extends NameSpec {
  /** Id of the gateway at the other end. */
  readonly peer: string;
  readonly peerAsn: number;
  readonly ike: string;
  readonly esp: string;
  readonly tunnels: readonly { readonly insideCidr: string }[];
}

export interface ManagedConnectionPlan {
  readonly cipherSuite: CipherSuite;
  readonly tunnels: readonly PlannedTunnel[];
}

/** One word for each role: of what is left out Google takes all that it has. */
export interface CipherSuite {
  readonly phase1: { readonly encryptions: string[]; readonly prves: string[]; readonly dhs: string[] };
  readonly phase2: { readonly encryptions: string[]; readonly pfs: string[] };
}

export interface PlannedTunnel {
  /** Of the HA VPN gateway, from 0. */
  readonly interface: number;
  /** Name's end of tunnel, router interface and peer: `use1-a-0`. */
  readonly suffix: string;
  /** Google's end with its network's prefix length. */
  readonly ipRange: string;
  /** The other end. */
  readonly peerIpAddress: string;
}

/** Tunnels from both interfaces of an HA VPN gateway to one gateway, or every reason why Google Cloud would refuse them. */
export function planManagedConnection(spec: ManagedConnectionSpec): Planned<ManagedConnectionPlan> {
  const suite = cipherSuiteOf(spec);
  const { least, greatest } = limits.peerAsn;
  const suffixes = spec.tunnels.map((_, index) => `${spec.peer}-${index}`);
  const problems: ArgumentProblem[] = [
    ...(Number.isInteger(spec.peerAsn) && spec.peerAsn >= least && spec.peerAsn <= greatest
      ? []
      : [
          {
            path: "peerAsn",
            message: `${spec.peerAsn} is no ASN of a peer.`,
            remedy: `Choose one from ${least} to ${greatest}.`,
          },
        ]),
    ...checkProposal("ike", spec.ike, suite.phase1 !== undefined, transforms.whose),
    ...checkProposal("esp", spec.esp, suite.phase2 !== undefined, transforms.whose),
    ...checkInsides(spec.tunnels, limits.haVpn, "Google Cloud"),
    ...checkNames(
      spec,
      suffixes.slice(0, 1).map((suffix) => ({ path: "peer", suffix })),
    ),
  ];
  return planned(problems, () => ({
    cipherSuite: {
      phase1: suite.phase1 ?? { encryptions: [], prves: [], dhs: [] },
      phase2: suite.phase2 ?? { encryptions: [], pfs: [] },
    },
    tunnels: spec.tunnels.map(({ insideCidr }, index) => ({
      interface: index,
      suffix: suffixes[index] ?? "",
      // As with AWS, whose end has the first address: here the choice is ours.
      ipRange: `${nthAddress(insideCidr, 1)}/${limits.haVpn.insidePrefix}`,
      peerIpAddress: nthAddress(insideCidr, 2),
    })),
  }));
}

function cipherSuiteOf({ ike, esp }: Pick<ManagedConnectionSpec, "ike" | "esp">): Partial<CipherSuite> {
  return { ...phase1(ike), ...phase2(esp) };
}

/** AEAD alone: no integrity stands beside it. */
function phase1(proposal: string): Pick<Partial<CipherSuite>, "phase1"> {
  const { encryption, prf, group, ...more } = wordsOf(proposal);
  const found = [
    vendorWord(transforms.ike.encryption, encryption),
    vendorWord(transforms.ike.prf, prf),
    vendorWord(transforms.ike.group, group),
  ];
  const [cipher, hash, dh] = found;
  return cipher === undefined || hash === undefined || dh === undefined || Object.keys(more).length > 0
    ? {}
    : { phase1: { encryptions: [cipher], prves: [hash], dhs: [dh] } };
}

function phase2(proposal: string): Pick<Partial<CipherSuite>, "phase2"> {
  const { encryption, group, ...more } = wordsOf(proposal);
  const cipher = vendorWord(transforms.esp.encryption, encryption);
  const pfs = vendorWord(transforms.esp.group, group);
  return cipher === undefined || pfs === undefined || Object.keys(more).length > 0
    ? {}
    : { phase2: { encryptions: [cipher], pfs: [pfs] } };
}

/** What Google Cloud takes as a preshared key. */
export const presharedKeys = {
  pattern: limits.haVpn.presharedKey,
  whose: "Google Cloud",
  remedy: 'Give 32 to 128 of letters, digits, ".", "_", "+", "/" and "=".',
} as const;
