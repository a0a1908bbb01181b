import type { System } from "../../fleet/system";

/** A marketplace image, of which Azure takes the newest version when it makes a machine. */
export interface ImageReference {
  readonly publisher: string;
  readonly offer: string;
  readonly sku: string;
  readonly version: "latest";
}

/**
 * @see Debian Wiki, "Cloud/MicrosoftAzure": publisher Debian, offers `debian-13` and `debian-12`, plans of generation 2
 * @see Canonical, "Find Ubuntu images on Azure": publisher Canonical, offer `ubuntu-24_04-lts`
 */
const images: Readonly<
  Record<
    System,
    { readonly publisher: string; readonly offer: string; readonly x86: string; readonly arm: string }
  >
> = {
  "debian-13": { publisher: "Debian", offer: "debian-13", x86: "13-gen2", arm: "13-arm64" },
  "debian-12": { publisher: "Debian", offer: "debian-12", x86: "12-gen2", arm: "12-arm64" },
  "ubuntu-24.04": { publisher: "Canonical", offer: "ubuntu-24_04-lts", x86: "server", arm: "server-arm64" },
};

/**
 * A system's official image for a size.
 * @param size such as `Standard_D2s_v5`
 */
export function planImage(size: string, system: System): ImageReference {
  const { publisher, offer, x86, arm } = images[system];
  return { publisher, offer, sku: isArm(size) ? arm : x86, version: "latest" };
}

/** @see Microsoft Learn, "Azure virtual machine size naming conventions": a `p` among the features is an Arm processor */
export function isArm(size: string): boolean {
  return /^Standard_[A-Z]+\d+(?:-\d+)?[a-z]*p[a-z]*(?:_|$)/.test(size);
}
