import type { ExistingRules, IdRules } from "../cloud";
import { limits } from "./limits";

function idOf(prefix: "vpc" | "subnet" | "rtb"): IdRules {
  const digits = limits.idDigits.map((count) => `[0-9a-f]{${String(count)}}`).join("|");
  return {
    pattern: new RegExp(`^${prefix}-(${digits})$`),
    called: `id that begins with ${prefix}-`,
    example: `${prefix}-0123456789abcdef0`,
  };
}

/** A VPC that is there already: a subnet for each gateway, since one lies in one zone. Its ids are names and no more. */
export const existingRules: ExistingRules = {
  networkId: idOf("vpc"),
  tables: { id: idOf("rtb") },
  subnets: (letters) =>
    letters.map((letter) => ({
      key: letter,
      name: `gateway-${letter}`,
      role: "gateway",
      id: idOf("subnet"),
      longest: limits.subnetPrefixLongest,
      absent: {
        message: `Gateway ${letter} has no subnet.`,
        remedy: `Write ${letter}: { id: subnet-…, cidr: … }, of another zone than the others.`,
      },
    })),
  notUsed: (key) => `The region has no gateway "${key}".`,
  disagreeing: () => [],
};
