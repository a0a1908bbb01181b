import type { BadFile } from "./bad-files";

const region = (fields: string): string =>
  `fleet: acme\nregions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16, ${fields} }\n`;

/** Of a pair that would share an address, and cannot. */
export const badAddresses: readonly BadFile[] = [
  {
    what: "a moved address of gateways that all carry traffic",
    text: region("routes: agent, address: moved"),
    says: ["MovedAddressMode 3:86"],
  },
  {
    what: "a moved address that no gateway has the right to move",
    text: region("ha: active-standby, address: moved"),
    says: ["MovedAddressMode 3:91"],
  },
  {
    what: "a moved address of one gateway",
    text: region("ha: active-standby, routes: agent, gateways: 1, address: moved"),
    says: ["NoStandby 3:66", "MovedAddressPair 3:119"],
  },
  {
    what: "a moved address of three gateways, by default",
    text: region("transit: true").replace(
      "regions:",
      "defaults: { ha: active-standby, routes: agent, gateways: 3, address: moved }\nregions:",
    ),
    says: ["MovedAddressPair 4:9"],
  },
  {
    what: "a moved address beside what makes others prefer one of several",
    text: region("ha: active-standby, routes: agent, address: moved, preference: prepend"),
    says: ["KeyConflict 3:125"],
  },
];
