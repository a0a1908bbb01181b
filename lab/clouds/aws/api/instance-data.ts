import type { Machine, World } from "../../../world/model";
import { objectOf, objectsOf } from "../../../world/world";
import { accountId } from "../context";
import { privateDomain, publicName } from "./names";

/** What there is below a path: a text, or names of more. */
export interface Branch {
  readonly [name: string]: string | Branch;
}

/** Versions under which the tree is served (AWS, "Access instance metadata for an EC2 instance": available versions). */
const versions = [
  ...[
    "1.0",
    "2007-01-19",
    "2007-03-01",
    "2007-08-29",
    "2007-10-10",
    "2007-12-15",
    "2008-02-01",
    "2008-09-01",
  ],
  ...["2009-04-04", "2011-01-01", "2011-05-01", "2012-01-12", "2014-02-25", "2014-11-05", "2015-10-20"],
  ...["2016-04-19", "2016-06-30", "2016-09-02", "2018-03-28", "2018-08-17", "2018-09-24", "2019-10-01"],
  ...["2020-10-27", "2021-01-03", "2021-03-23", "2021-07-15", "latest"],
];

/**
 * A path of the metadata service of one machine: a leaf's text, or one name per line, those of branches with a slash.
 * Undefined: there is no such thing.
 */
export function lookUp(tree: Branch, path: string): string | undefined {
  const [version = "", ...names] = path.slice(1).replace(/\/$/, "").split("/");
  if (version === "") return versions.join("\n");
  if (!versions.includes(version)) return undefined;
  let found: string | Branch | undefined = tree;
  for (const name of names) {
    if (found === undefined || typeof found === "string" || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  if (found === undefined) return undefined;
  if (typeof found === "string") return path.endsWith("/") ? undefined : found;
  return Object.entries(found)
    .map(([name, below]) => (typeof below === "string" ? name : `${name}/`))
    .join("\n");
}

/**
 * All that the metadata service knows of a machine but its role's credentials. It was launched without a key pair and with
 * one interface, as gateways are; nothing is signed here, so the identity document comes without signatures.
 * @see AWS, "Instance metadata categories" and "Instance identity documents" (EC2 User Guide)
 */
export function dataOf(world: World, machine: Machine): Branch {
  const place = placeOf(world, machine);
  if (place === undefined) return {};
  const { nic, subnet, network, region } = place;
  const hostname = `${machine.hostname}.${privateDomain(region)}`;
  const held = objectsOf(world, "publicAddress").find((object) => object.interface === nic.id)?.address;
  const outside: Branch =
    held === undefined ? {} : { "public-hostname": publicName(region, held), "public-ipv4": held };
  const outsideOfCard: Branch =
    held === undefined
      ? {}
      : {
          "ipv4-associations": { [held]: nic.address },
          "public-hostname": publicName(region, held),
          "public-ipv4s": held,
        };
  const groups = nic.firewalls.map((id) => objectOf(world, "firewall", id)?.name ?? id).join("\n");
  const launched = machine.launched;
  const what: Branch =
    launched === undefined ? {} : { "ami-id": launched.imageId, "instance-type": launched.instanceType };
  return {
    dynamic: {
      "instance-identity": {
        document: JSON.stringify({
          accountId,
          availabilityZone: subnet.zone,
          instanceId: machine.id,
          privateIp: nic.address,
          region,
          version: "2017-09-30",
          ...(launched === undefined
            ? {}
            : {
                architecture: launched.architecture,
                imageId: launched.imageId,
                instanceType: launched.instanceType,
              }),
        }),
      },
    },
    "meta-data": {
      ...what,
      "ami-launch-index": "0",
      "ami-manifest-path": "(unknown)",
      "block-device-mapping": { ami: "/dev/xvda", root: "/dev/xvda" },
      hostname,
      ...(machine.profile === undefined ? {} : { iam: { "security-credentials": {} } }),
      "instance-action": "none",
      "instance-id": machine.id,
      "instance-life-cycle": "on-demand",
      "local-hostname": hostname,
      "local-ipv4": nic.address,
      mac: nic.mac,
      network: {
        interfaces: {
          macs: {
            [nic.mac]: {
              "device-number": "0",
              "interface-id": nic.id,
              "local-hostname": hostname,
              "local-ipv4s": nic.address,
              mac: nic.mac,
              "owner-id": accountId,
              ...outsideOfCard,
              "security-group-ids": nic.firewalls.join("\n"),
              "security-groups": groups,
              "subnet-id": subnet.id,
              "subnet-ipv4-cidr-block": subnet.cidr,
              "vpc-id": network.id,
              "vpc-ipv4-cidr-block": network.cidrs[0] ?? "",
              "vpc-ipv4-cidr-blocks": network.cidrs.join("\n"),
            },
          },
        },
      },
      placement: { "availability-zone": subnet.zone, region },
      profile: "default-hvm",
      ...outside,
      "security-groups": groups,
      services: { domain: "amazonaws.com", partition: "aws" },
    },
    ...(machine.userData === "" ? {} : { "user-data": machine.userData }),
  };
}

function placeOf(world: World, machine: Machine) {
  const nic = objectOf(world, "interface", machine.interface);
  const subnet = nic === undefined ? undefined : objectOf(world, "subnet", nic.subnet);
  const network = subnet === undefined ? undefined : objectOf(world, "network", subnet.network);
  return nic === undefined || subnet === undefined || network === undefined
    ? undefined
    : { nic, subnet, network, region: network.cloudRegion };
}
