/** Whether all gateways of a region carry traffic, or the first of them that is there. */
export const haModes = ["active-active", "active-standby"] as const;
export type HaMode = (typeof haModes)[number];

/**
 * What makes other regions prefer one gateway of an active-standby region to those that stand by: a MED that grows from
 * gateway to gateway (RFC 4271, section 9.1.2.2), or the region's own ASN that stands in the AS path once more for each.
 */
export const preferences = ["med", "prepend"] as const;
export type Preference = (typeof preferences)[number];

/**
 * What other regions reach a region's gateways by: an address each, or one for the pair, which the survivor moves to itself.
 * A moved address carries no SA: peers set up IKE again (RFC 7296 knows no other end that could take one over).
 */
export const addressChoices = ["own", "moved"] as const;
export type AddressChoice = (typeof addressChoices)[number];

/** What a gateway tells its routes to other regions with; equal for all gateways of an active-active region. */
export interface Told {
  /** MED: less is preferred, among AS paths of one length. */
  readonly med: number;
  /** How often its ASN stands in the AS path beyond the once that BGP puts it there. */
  readonly prepend: number;
}

/** @param place the gateway's place in its region, from 0: in this order they are preferred */
export function toldBy(mode: HaMode, preference: Preference, place: number): Told {
  if (mode === "active-active") return { med: 0, prepend: 0 };
  return preference === "med" ? { med: 100 * place, prepend: 0 } : { med: 0, prepend: place };
}

/** Whether BGP prefers what the one tells to what the other tells, when all else is equal: the AS path, then the MED. */
export function isPreferred(one: Told, other: Told): boolean {
  return one.prepend < other.prepend || (one.prepend === other.prepend && one.med < other.med);
}
