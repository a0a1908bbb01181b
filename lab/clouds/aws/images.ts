import { createHash } from "node:crypto";
import type { Machine } from "../../world/model";
import { Refusal } from "../provider/refusal";

export type Architecture = "arm64" | "x86_64";

export interface Image {
  /** What the lab boots for it. */
  readonly release: "debian-13" | "debian-12";
  readonly id: string;
  readonly name: string;
  readonly architecture: Architecture;
  readonly ownerId: string;
  readonly creationDate: string;
}

/** Debian's account. Debian wiki, "Cloud/AmazonEC2Image/Trixie" and "Cloud/AmazonEC2Image/Bookworm". */
const debian = "136693071363";
/** The catalogue of the lab: one image per release and architecture, the same ones in every region. */
const builds = [
  { release: "debian-13", build: "20260112-2355", creationDate: "2026-01-12T09:30:00.000Z" },
  { release: "debian-12", build: "20260112-2355", creationDate: "2026-01-12T09:10:00.000Z" },
] as const;

/**
 * Whose images AWS has, and the lab does not: an archive that brings packages to the lab's machines is Debian's alone.
 * Canonical's account: Ubuntu on AWS documentation, "Find Ubuntu images on AWS".
 */
export const notInLab: ReadonlyMap<string, string> = new Map([
  [
    "099720109477",
    "the lab has no image of Ubuntu, because its images are made from Debian's archive alone: write `system: debian-12` (strongSwan 5.9, FRR 8.4, as in Ubuntu 24.04) or `debian-13` for a fleet in the lab",
  ],
]);

/** Images of a region; ids differ by region, as AWS's do. */
export function imagesOf(region: string): Image[] {
  return builds.flatMap(({ release, build, creationDate }) =>
    (["arm64", "x86_64"] as const).map((architecture): Image => {
      const name = `${release}-${architecture === "arm64" ? "arm64" : "amd64"}-${build}`;
      const digits = createHash("sha256").update(`${region} ${name}`).digest("hex").slice(0, 17);
      return { release, id: `ami-${digits}`, name, architecture, ownerId: debian, creationDate };
    }),
  );
}

/**
 * What the lab boots for an image: a short form of its system or, for machines that are asked for by name, all of it, with
 * cloud-init.
 * @param whole names of machines with commas between, as TRUNKLINE_LAB_CLOUD_INIT has them
 * @throws Refusal where the lab has the short form alone
 */
export function bootedFor({ release }: Image, name: string, whole: string | undefined): Machine["image"] {
  if (whole?.split(",").includes(name) !== true) return release;
  if (release !== "debian-13")
    throw new Refusal(
      "NoStandIn",
      `the lab boots Debian 13 alone with cloud-init, and ${name} is of ${release}: take it out of TRUNKLINE_LAB_CLOUD_INIT`,
    );
  return "debian-13-cloud";
}

/**
 * Instance types by their names' parts: family, generation, attributes, size.
 * @see AWS, "Amazon EC2 instance type naming conventions" and "Instance types" (EC2 User Guide)
 */
const families =
  /^(t2|t3|t3a|t4g|[cmr]5[adn]{0,2}|[cmr]6(?:a|g|gd|i|id|in|idn)|c6gn|[cmr]7(?:a|g|gd|i)|c7gn|m7i-flex|c7i-flex|[cmr]8(?:g|gd|i|a)|a1)$/;
const sizes = /^(nano|micro|small|medium|large|x?large|\d{1,2}xlarge|metal(?:-\d+xl)?)$/;

/** The processor of an instance type; undefined: AWS has no such type. */
export function architectureOf(instanceType: string): Architecture | undefined {
  const [family = "", size = "", ...rest] = instanceType.split(".");
  if (!families.test(family) || !sizes.test(size) || rest.length > 0) return undefined;
  const attributes = family.replace(/^[a-z]+\d/, "");
  return family === "a1" || attributes.includes("g") ? "arm64" : "x86_64";
}
