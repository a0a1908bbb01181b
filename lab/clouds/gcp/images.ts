import type { Machine } from "../../world/model";
import { lastOf } from "./link";

export type Architecture = "arm64" | "x86_64";

export interface Image {
  /** What the lab boots for it. */
  readonly release: Extract<Machine["image"], "debian-13" | "debian-12">;
  readonly project: string;
  readonly family: string;
  readonly name: string;
  readonly architecture: Architecture;
}

/** Google Cloud, "Operating system details": Debian's images, their families and project. */
const project = "debian-cloud";

/** The catalogue of the lab: one image for a release and architecture. */
export const images: readonly Image[] = (["debian-13", "debian-12"] as const).flatMap((release) =>
  (["x86_64", "arm64"] as const).map((architecture): Image => {
    const family = architecture === "arm64" ? `${release}-arm64` : release;
    const name = `${release}-${release === "debian-13" ? "trixie" : "bookworm"}${architecture === "arm64" ? "-arm64" : ""}-v20260114`;
    return { release, project, family, name, architecture };
  }),
);

/** By its path or URL; undefined: there is none. */
export function imageOf(link: string): Image | undefined {
  return images.find((image) => link.includes(`${image.project}/`) && lastOf(link) === image.name);
}

/**
 * Machine types by their names' parts: series, kind, processors.
 * @see Google Cloud, "Machine families resource and comparison guide"; "Arm VMs on Compute"
 */
const types =
  /^(e2|n1|n2|n2d|n4|n4a|n4d|c2|c2d|c3|c3d|c4|c4a|c4d|t2a|t2d|m1|m2|m3|h3)-(standard|highcpu|highmem|micro|small|medium)(-\d{1,3})?(-lssd)?$/;
const arm = ["t2a", "c4a", "n4a"];

/** The processor of a machine type; undefined: Google has no such type. */
export function architectureOf(machineType: string): Architecture | undefined {
  const series = types.exec(machineType)?.[1];
  return series === undefined ? undefined : arm.includes(series) ? "arm64" : "x86_64";
}
