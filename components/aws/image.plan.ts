import type { System } from "../../fleet/system";

/** A machine image as a query that `ec2.getAmi` answers; the newest match is taken. */
export interface ImageQuery {
  readonly owner: string;
  readonly architecture: "arm64" | "x86_64";
  readonly name: string;
}

/**
 * Debian's own account in the commercial partition.
 * @see Debian wiki, "Cloud/AmazonEC2Image/Trixie" and "Cloud/AmazonEC2Image/Bookworm": AMIs are published by account
 * 136693071363, named `debian-<release>-<architecture>-<build>`
 */
const debianOwner = "136693071363";

/**
 * Canonical's account in the commercial partition.
 * @see Ubuntu on AWS documentation, "Find Ubuntu images on AWS": owner 099720109477; from 23.10 on images lie below
 * `ubuntu/images/hvm-ssd-gp3/`, named `ubuntu-<codename>-<release>-<architecture>-server-<serial>`
 */
const canonicalOwner = "099720109477";

const publishers: Readonly<
  Record<System, { readonly owner: string; readonly name: (word: string) => string }>
> = {
  "debian-13": { owner: debianOwner, name: (word) => `debian-13-${word}-*` },
  "debian-12": { owner: debianOwner, name: (word) => `debian-12-${word}-*` },
  "ubuntu-24.04": {
    owner: canonicalOwner,
    name: (word) => `ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${word}-server-*`,
  },
};

/**
 * A system's official image for an instance type.
 * @param size EC2 instance type, such as `t4g.small`
 * @see AWS, "Amazon EC2 instance type naming conventions": a `g` among the attributes after the generation's digit
 * means Graviton (arm64); `a1` is Graviton as well, and `g`-families such as `g5` are not
 */
export function planImage(size: string, system: System): ImageQuery {
  const attributes = /^[a-z]+\d+([a-z-]*)\./.exec(size)?.[1] ?? "";
  const arm = attributes.includes("g") || size.startsWith("a1.");
  const { owner, name } = publishers[system];
  return arm
    ? { owner, architecture: "arm64", name: name("arm64") }
    : { owner, architecture: "x86_64", name: name("amd64") };
}
