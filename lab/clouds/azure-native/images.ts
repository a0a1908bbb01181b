import type { Machine } from "../../world/model";
import { Refusal } from "../provider/refusal";

export type Architecture = "arm64" | "x64";

export interface Image {
  /** What the lab boots for it. */
  readonly release: Extract<Machine["image"], "debian-13" | "debian-12">;
  readonly architecture: Architecture;
  /** Microsoft Learn, "Support for generation 2 VMs on Azure": Trusted Launch needs one. */
  readonly generation: 1 | 2;
}

/**
 * The catalogue of the lab, by offer and SKU of the publisher Debian.
 * @see Debian Wiki, "Cloud/MicrosoftAzure"
 */
const catalogue: Readonly<Record<string, Image>> = Object.fromEntries(
  (["13", "12"] as const).flatMap((number) => {
    const release = `debian-${number}` as const;
    return [
      [`${release}:${number}`, { release, architecture: "x64", generation: 1 }],
      [`${release}:${number}-gen2`, { release, architecture: "x64", generation: 2 }],
      [`${release}:${number}-arm64`, { release, architecture: "arm64", generation: 2 }],
    ] satisfies [string, Image][];
  }),
);

/** @throws Refusal as Azure answers for an image that it does not have */
export function imageOf({
  publisher,
  offer,
  sku,
}: {
  readonly publisher: string;
  readonly offer: string;
  readonly sku: string;
}): Image {
  if (publisher === "Canonical")
    throw new Refusal(
      "NoStandIn",
      "the lab has no image of Ubuntu, because its images are made from Debian's archive alone: write `system: debian-12` (strongSwan 5.9, FRR 8.4, as in Ubuntu 24.04) or `debian-13` for a fleet in the lab",
    );
  const found = publisher === "Debian" ? catalogue[`${offer}:${sku}`] : undefined;
  if (found === undefined)
    throw new Refusal(
      "PlatformImageNotFound",
      `The platform image '${publisher}:${offer}:${sku}:latest' is not available.`,
    );
  return found;
}

/**
 * Sizes by their names' parts: family, processors, features, version.
 * @see Microsoft Learn, "Azure virtual machine size naming conventions": `p` is an Arm processor, `s` premium storage
 */
const sizes = /^Standard_(A|B|D|DC|E|EC|F|FX|L|M|HB|NC|NV)(\d{1,3})(?:-\d{1,3})?([a-z]*)(?:_v\d)?$/;

/** The processor of a size; undefined: Azure has no such size. */
export function architectureOf(size: string): Architecture | undefined {
  const [, , , features] = sizes.exec(size) ?? [];
  return features === undefined ? undefined : features.includes("p") ? "arm64" : "x64";
}
