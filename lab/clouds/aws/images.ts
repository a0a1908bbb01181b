import { createHash } from "node:crypto";

export type Architecture = "arm64" | "x86_64";

export interface Image {
  readonly id: string;
  readonly name: string;
  readonly architecture: Architecture;
  readonly ownerId: string;
  readonly creationDate: string;
}

/** Debian's account. Debian wiki, "Cloud/AmazonEC2Image/Trixie". */
const debian = "136693071363";
/** The catalogue of the lab: one image per architecture, the same Debian 13 in every region. */
const builds = [{ build: "20260112-2355", creationDate: "2026-01-12T09:30:00.000Z" }];

/** Images of a region; ids differ by region, as AWS's do. */
export function imagesOf(region: string): Image[] {
  return builds.flatMap(({ build, creationDate }) =>
    (["arm64", "x86_64"] as const).map((architecture): Image => {
      const name = `debian-13-${architecture === "arm64" ? "arm64" : "amd64"}-${build}`;
      const digits = createHash("sha256").update(`${region} ${name}`).digest("hex").slice(0, 17);
      return { id: `ami-${digits}`, name, architecture, ownerId: debian, creationDate };
    }),
  );
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
