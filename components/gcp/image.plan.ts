import type { System } from "../../fleet/system";

/** A machine image as its publisher's family, of which the newest is taken. */
export interface ImageQuery {
  readonly project: string;
  readonly family: string;
}

/**
 * @see Google Cloud, "Operating system details": Debian in project debian-cloud, families `debian-13` and
 * `debian-13-arm64`; Ubuntu in project ubuntu-os-cloud, families `ubuntu-2404-lts-amd64` and `ubuntu-2404-lts-arm64`
 */
const publishers: Readonly<
  Record<System, { readonly project: string; readonly x86: string; readonly arm: string }>
> = {
  "debian-13": { project: "debian-cloud", x86: "debian-13", arm: "debian-13-arm64" },
  "debian-12": { project: "debian-cloud", x86: "debian-12", arm: "debian-12-arm64" },
  "ubuntu-24.04": {
    project: "ubuntu-os-cloud",
    x86: "ubuntu-2404-lts-amd64",
    arm: "ubuntu-2404-lts-arm64",
  },
};

/** @see Google Cloud, "Arm VMs on Compute": the series that have Arm processors */
const armSeries = ["t2a", "c4a", "n4a"];

/**
 * A system's official image for a machine type.
 * @param size such as `n2-standard-2`
 */
export function planImage(size: string, system: System): ImageQuery {
  const { project, x86, arm } = publishers[system];
  return { project, family: armSeries.includes(size.split("-")[0] ?? "") ? arm : x86 };
}
