/**
 * Zones of the regions of the commercial partition: the letters that a new account may use.
 * @see AWS, "AWS Regions" and "AWS Availability Zones" (User Guide). Which letters an account sees differs where AWS has
 * retired a zone for newcomers (us-west-1, ap-northeast-1, ca-central-1); the lab offers every letter that any account
 * has there.
 */
const letters: Readonly<Record<string, string>> = {
  "us-east-1": "abcdef",
  "us-west-2": "abcd",
  "us-west-1": "abc",
  "ap-northeast-1": "abcd",
  "ap-northeast-2": "abcd",
  "ca-central-1": "abd",
};

const threeZones = [
  ...["af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1"],
  ...[
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
  ],
  ...["ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1"],
  ...["eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1"],
  "us-east-2",
];

/** Of the commercial partition. */
export const regionNames: readonly string[] = [...Object.keys(letters), ...threeZones].sort();

/** Names of a region's zones (`us-east-1a`); undefined: there is no such region. */
export function zonesOf(region: string): readonly string[] | undefined {
  const found = letters[region] ?? (threeZones.includes(region) ? "abc" : undefined);
  return found === undefined ? undefined : [...found].map((letter) => `${region}${letter}`);
}
