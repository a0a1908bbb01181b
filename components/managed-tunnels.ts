import { whyNot } from "../fleet/crypto/policy";
import { overlap, parseBlock } from "./block";
import { type InsideLimits, isInside } from "./inside-network";
import type { ArgumentProblem } from "./problem";

/** What a cloud's managed gateway takes of the tunnels to one gateway. */
export interface ManagedTunnelLimits extends InsideLimits {
  /** How many there are, each from an end of its own. */
  readonly tunnels: number;
}

/** Each tunnel has a network inside of its own that the cloud takes. @param whose as sentences name the cloud */
export function checkInsides(
  tunnels: readonly { readonly insideCidr: string }[],
  limits: ManagedTunnelLimits,
  whose: string,
): ArgumentProblem[] {
  if (tunnels.length !== limits.tunnels)
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
    if (!isInside(block, limits))
      return [
        {
          path,
          message: `"${text}" is no network for the inside of a tunnel.`,
          remedy: `Choose a /30 of 169.254.0.0/16, none that ${whose} reserves, such as 169.254.6.0/30.`,
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

/**
 * One transform for each role that the cloud has, and none that is weak.
 * @param taken whether the cloud has a word for each
 * @param whose the managed gateway as sentences name it
 */
export function checkProposal(
  path: "ike" | "esp",
  proposal: string,
  taken: boolean,
  whose: string,
): ArgumentProblem[] {
  const weak = proposal.split("-").filter((each) => whyNot("compatible", each) === "weak");
  if (taken && weak.length === 0) return [];
  const example = path === "ike" ? "aes256gcm16-prfsha384-ecp384" : "aes256gcm16-ecp384";
  return [
    {
      path,
      message: weak.length > 0 ? `${weak.join(" and ")} is weak.` : `${whose} takes no "${proposal}".`,
      remedy: `Write one transform for each role, such as ${example}.`,
    },
  ];
}

/** The cloud's own word for a transform. */
export function vendorWord<W extends string | number>(
  table: Readonly<Record<string, W>>,
  key: string | undefined,
): W | undefined {
  return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

/**
 * A preshared key that the cloud takes.
 * @param taken what it takes, and how that is said
 * @param path of the argument
 * @throws Error without a character of the key
 */
export function checkedKey(
  key: string,
  taken: { readonly pattern: RegExp; readonly whose: string; readonly remedy: string },
  path: string,
): string {
  if (!taken.pattern.test(key))
    throw new Error(`${path}: It is none that ${taken.whose} takes. ${taken.remedy}`);
  return key;
}
