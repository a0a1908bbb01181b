import { z } from "zod";
import { selfLink } from "../context";
import { address, allLabels, description, labels, name } from "../fields";
import { lastOf } from "../link";
import { gcpType } from "../type";

/** SDK, `compute.ExternalVpnGateway`: which interfaces each has, by their ids. */
const interfaces = {
  SINGLE_IP_INTERNALLY_REDUNDANT: [0],
  TWO_IPS_REDUNDANCY: [0, 1],
  FOUR_IPS_REDUNDANCY: [0, 1, 2, 3],
} as const;
type Redundancy = keyof typeof interfaces;

/** A VPN gateway elsewhere. It is of no region. */
export const externalVpnGateway = gcpType({
  token: "gcp:compute/externalVpnGateway:ExternalVpnGateway",
  inputs: {
    name,
    description,
    redundancyType: z.enum(Object.keys(interfaces) as [Redundancy, ...Redundancy[]]),
    interfaces: z.array(z.strictObject({ id: z.int(), ipAddress: address })),
    labels,
  },
  replacedBy: ["name", "description", "redundancyType", "interfaces"],
  computed: ["selfLink", "project", "labelFingerprint", "effectiveLabels", "pulumiLabels"],
  changing: ["effectiveLabels", "pulumiLabels"],
  check: ({ redundancyType, interfaces: given }) => {
    const wanted = interfaces[redundancyType];
    const ids = given.map(({ id }) => id).sort();
    return ids.length === wanted.length && wanted.every((id, index) => ids[index] === id)
      ? []
      : [
          {
            property: "interfaces",
            reason: `${redundancyType} must have the interfaces ${wanted.join(", ")}, each once`,
          },
        ];
  },
  async create(given, call) {
    const { context } = call;
    const path = context.global("externalVpnGateways", given.name);
    await context.claim(
      {
        kind: "peerVpnGateway",
        id: externalId(given.name),
        name: call.name,
        addresses: [...given.interfaces]
          .sort((one, other) => one.id - other.id)
          .map(({ ipAddress }) => ipAddress),
      },
      call,
      path,
    );
    return {
      id: path,
      outputs: {
        ...given,
        ...allLabels(given.labels),
        project: context.id,
        selfLink: selfLink(path),
        labelFingerprint: "",
      },
    };
  },
  async read(path, _state, { context }) {
    const found = await context.find("peerVpnGateway", externalId(path));
    return found === undefined
      ? undefined
      : { interfaces: found.addresses.map((ipAddress, id) => ({ id, ipAddress })) };
  },
  async update(_path, given) {
    return Promise.resolve({ ...given, ...allLabels(given.labels) });
  },
  async remove(path, _state, { context }) {
    await context.unmake("peerVpnGateway", externalId(path));
  },
});

export function externalId(link: string): string {
  return `peer-vpn.${lastOf(link)}`;
}
