import type { BadFile } from "./bad-files";

/** Two regions, and more from the fifth line on. */
const two = (...lines: readonly string[]): string =>
  `fleet: acme
regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }
  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }
${lines.join("\n")}
`;

/** Rollouts that are wrong. */
export const badRolloutFiles: readonly BadFile[] = [
  {
    what: "a canary that does not exist",
    text: two("rollout: { canary: use2 }"),
    says: ["CanaryUnknown 5:20"],
  },
  {
    what: "a soak that nothing would come after",
    text: two("rollout: { parallel: 8, soakSeconds: 600 }"),
    says: ["SoakWithoutWaves 5:38"],
  },
  {
    what: "a rollout of values that do nothing",
    text: two(
      "rollout:",
      "  parallel: 0",
      "  regionsPerWave: 1.5",
      "  failuresTolerated: -1",
      "  soakSeconds: 10m",
    ),
    says: ["WrongValue 6:13", "WrongType 7:19", "WrongValue 8:22", "WrongType 9:16"],
  },
  {
    what: "gates, which are known and not built, and a key that is not",
    text: two("rollout: { gates: [proofs], canaries: use1 }"),
    says: ["NotYetSupported 5:12", "UnknownKey 5:29"],
  },
];
