/** A machine image as a query that `ec2.getAmi` answers; the newest match is taken. */
export interface ImageQuery {
  readonly owner: string;
  readonly architecture: "arm64" | "x86_64";
  readonly name: string;
}

/**
 * Debian's own account in the commercial partition.
 * @see Debian wiki, "Cloud/AmazonEC2Image/Trixie": AMIs are published by account 136693071363, named
 * `debian-13-<architecture>-<build>`
 */
const debianOwner = "136693071363";

/**
 * The official Debian 13 image for an instance type.
 * @param size EC2 instance type, such as `t4g.small`
 * @see AWS, "Amazon EC2 instance type naming conventions": a `g` among the attributes after the generation's digit
 * means Graviton (arm64); `a1` is Graviton as well, and `g`-families such as `g5` are not
 */
export function planImage(size: string): ImageQuery {
  const attributes = /^[a-z]+\d+([a-z-]*)\./.exec(size)?.[1] ?? "";
  const arm = attributes.includes("g") || size.startsWith("a1.");
  return arm
    ? { owner: debianOwner, architecture: "arm64", name: "debian-13-arm64-*" }
    : { owner: debianOwner, architecture: "x86_64", name: "debian-13-amd64-*" };
}
