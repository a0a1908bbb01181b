/** By turns: a cloud region may hold several regions of a fleet. */
const cloudRegions = [
  ...["us-east-1", "us-east-2", "us-west-2", "ca-central-1", "sa-east-1"],
  ...["eu-west-1", "eu-central-1", "eu-north-1", "ap-northeast-1", "ap-southeast-2"],
];

/**
 * A fleet file of so many regions in a full mesh: `r0`, `r1`, …
 * @param more further networks of the first
 */
export function meshText(regions: number, more: readonly string[] = []): string {
  const lines = Array.from({ length: regions }, (_, index) => {
    const cidrs = [`10.${String(index)}.0.0/16`, ...(index === 0 ? more : [])];
    const region = cloudRegions[index % cloudRegions.length] ?? "";
    return `  r${String(index)}: { cloud: aws, region: ${region}, cidrs: [${cidrs.join(", ")}] }\n`;
  });
  return `fleet: acme\nmanagement: { allowFrom: [203.0.113.0/24] }\nregions:\n${lines.join("")}`;
}

/**
 * The same for a lab of up to twenty kernels, whose BFD speaks once a second: every tunnel's packets pass kernels that are
 * processes, and at FRR's own three a second twenty gateways would take all of two cores for them alone.
 */
export function labMeshText(regions: number, more: readonly string[] = []): string {
  return `${meshText(regions, more)}defaults: { bfdMilliseconds: 1000 }\n`;
}
