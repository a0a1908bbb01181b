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
    what: "a key that is not known",
    text: two("rollout: { gates: [proofs], canaries: use1 }"),
    says: ["UnknownKey 5:29"],
  },
  {
    what: "gates that are known and not built, as a word and as a mapping",
    text: two("rollout:", "  gates:", "    - approval", "    - webhook: { url: https://gate.example.com/ }"),
    says: ["NotYetSupported 7:7", "NotYetSupported 8:7"],
  },
  {
    what: "gates that are none",
    text: two(
      "rollout:",
      "  gates:",
      "    - proof",
      "    - { command: [], timeoutSeconds: 0 }",
      "    - { command: ./check, timeout: 5 }",
      "    - [health]",
    ),
    says: [
      "WrongValue 7:7",
      "WrongValue 8:18",
      "WrongValue 8:38",
      "WrongType 9:18",
      "UnknownKey 9:27",
      "WrongValue 10:7",
    ],
  },
  {
    what: "no gate at all in a list of them",
    text: two("rollout: { gates: [] }"),
    says: ["WrongValue 5:19"],
  },
  {
    what: "a gate that stands twice, and a command that is a line for a shell",
    text: two("rollout:", "  gates:", "    - health", "    - command: [./check --fast]", "    - health"),
    says: ["CommandLine 8:17", "GateTwice 9:7"],
  },
];
