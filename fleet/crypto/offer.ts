import type { TransformOf } from "./transforms";

/** What one end of a tunnel takes, in our words; order means nothing. */
export interface Offer {
  /** `AWS Site-to-Site VPN`, `Debian 13`: the subject of a sentence. */
  readonly whose: string;
  readonly ike: Takes<"encryption" | "integrity" | "prf" | "group">;
  readonly esp: Takes<"encryption" | "integrity" | "group">;
  /** One field of its configuration is both the integrity and the PRF of IKE: they have the same hash. */
  readonly oneHash?: boolean;
}

export type Takes<R extends OfferedRole> = { readonly [role in R]: readonly string[] };
export type OfferedRole = "encryption" | "integrity" | "prf" | "group";

/**
 * What a vendor's managed VPN gateway takes: for each of our words the vendor's own, which its API has for it. Words that
 * are weak are among them, since a vendor that takes them is a fact; no policy chooses one.
 */
export interface VendorTransforms {
  readonly whose: string;
  readonly ike: VendorWords<"encryption" | "integrity" | "prf" | "group">;
  readonly esp: VendorWords<"encryption" | "integrity" | "group">;
  readonly oneHash: boolean;
  /** Seconds; least and greatest are the same where nobody can choose. */
  readonly lifetimes: { readonly ike: Range; readonly esp: Range };
}

export type VendorWords<R extends OfferedRole> = {
  readonly [role in R]: { readonly [word in TransformOf<role>]?: string | number };
};

export interface Range {
  readonly least: number;
  /** Absent: the vendor names none. */
  readonly greatest?: number;
  /** What it is when nothing is said. */
  readonly standard: number;
}

/** What a vendor's table offers to the solver. */
export function offerOf({ whose, ike, esp, oneHash }: VendorTransforms): Offer {
  return {
    whose,
    ike: {
      encryption: Object.keys(ike.encryption),
      integrity: Object.keys(ike.integrity),
      prf: Object.keys(ike.prf),
      group: Object.keys(ike.group),
    },
    esp: {
      encryption: Object.keys(esp.encryption),
      integrity: Object.keys(esp.integrity),
      group: Object.keys(esp.group),
    },
    oneHash,
  };
}
