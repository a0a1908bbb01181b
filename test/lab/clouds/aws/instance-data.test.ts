import assert from "node:assert/strict";
import { CredentialStore } from "../../../../lab/clouds/aws/api/credentials";
import { leaseOf } from "../../../../lab/clouds/aws/api/lease";
import { MetadataService } from "../../../../lab/clouds/aws/api/metadata";
import type { World, WorldObject } from "../../../../lab/world/model";

const now = Date.parse("2026-01-02T03:04:05Z");
const userData = "#!/bin/sh\ntrue\n";

/** Two machines in one subnet: `i-a` has user data and a public address, `i-b` neither. */
function worldOf(): World {
  const machines = ["a", "b"].flatMap((letter, index): WorldObject[] => [
    {
      kind: "interface",
      id: `eni-${letter}`,
      name: letter,
      subnet: "subnet-1",
      address: `10.10.1.${String(20 + index)}`,
      firewalls: ["sg-1"],
      sourceDestinationCheck: false,
      mac: `02:00:00:00:00:0${String(1 + index)}`,
    },
    {
      kind: "machine",
      id: `i-${letter}`,
      name: letter,
      interface: `eni-${letter}`,
      hostname: `ip-10-10-1-${String(20 + index)}`,
      userData: letter === "a" ? userData : "",
      image: "debian-13-cloud",
      power: "on",
    },
  ]);
  const network = { id: "vpc-1", name: "one", cloud: "aws", cloudRegion: "us-east-1" } as const;
  const subnet = { id: "subnet-1", name: "one", network: "vpc-1", zone: "us-east-1a" } as const;
  const objects: readonly WorldObject[] = [
    { kind: "network", ...network, cidrs: ["10.10.0.0/16", "10.99.0.0/24"] },
    { kind: "subnet", ...subnet, cidr: "10.10.1.16/28" },
    { kind: "firewall", id: "sg-1", name: "gateways", network: "vpc-1", rules: [] },
    ...machines,
    { kind: "publicAddress", id: "eip", name: "eip", address: "198.18.0.7", interface: "eni-a" },
  ];
  return {
    format: "trunkline.world/1",
    objects: Object.fromEntries(objects.map((object) => [object.id, object])),
  };
}

describe("what the lab's metadata service tells of a machine", () => {
  const world = worldOf();
  const service = new MetadataService(new CredentialStore());
  const ask = (path: string, card = "eni-a") => {
    const put = { "x-aws-ec2-metadata-token-ttl-seconds": "300" };
    const token = service.answer(
      world,
      card,
      { method: "PUT", path: "/latest/api/token", headers: put, body: "" },
      now,
    );
    const headers = { "x-aws-ec2-metadata-token": token.body };
    return service.answer(world, card, { method: "GET", path, headers, body: "" }, now);
  };
  const text = (path: string) => ask(path).body;

  it("is one tree under each version that AWS lists", () => {
    assert.match(text("/"), /^1\.0\n[\s\S]*\n2021-03-23\n[\s\S]*latest$/);
    for (const version of ["latest", "2009-04-04", "2021-03-23"]) {
      assert.equal(text(`/${version}`), "dynamic/\nmeta-data/\nuser-data");
      assert.equal(text(`/${version}/meta-data/instance-id`), "i-a");
    }
  });

  it("can be walked to the end: what is listed is there", () => {
    const walk = (path: string): number =>
      text(path)
        .split("\n")
        .map((name) => {
          const said = ask(`${path}${name}`);
          assert.equal(said.status, 200, `${path}${name}`);
          return name.endsWith("/") ? walk(`${path}${name}`) : 1;
        })
        .reduce((sum, count) => sum + count, 0);
    assert.ok(walk("/latest/") > 30);
  });

  it("has the user data as it was given, and the place of the interface", () => {
    assert.equal(text("/latest/user-data"), userData);
    assert.equal(text("/latest/meta-data/network/interfaces/macs/"), "02:00:00:00:00:01/");
    const card = "/latest/meta-data/network/interfaces/macs/02:00:00:00:00:01/";
    assert.equal(text(`${card}subnet-ipv4-cidr-block`), "10.10.1.16/28");
    assert.equal(text(`${card}vpc-ipv4-cidr-blocks`), "10.10.0.0/16\n10.99.0.0/24");
    assert.equal(text(`${card}ipv4-associations/198.18.0.7`), "10.10.1.20");
    assert.equal(text("/latest/meta-data/local-hostname"), "ip-10-10-1-20.ec2.internal");
    assert.equal(text("/latest/meta-data/public-hostname"), "ec2-198-18-0-7.compute-1.amazonaws.com");
    const identity: unknown = JSON.parse(text("/latest/dynamic/instance-identity/document"));
    assert.deepEqual(identity, {
      accountId: "123456789012",
      availabilityZone: "us-east-1a",
      instanceId: "i-a",
      privateIp: "10.10.1.20",
      region: "us-east-1",
      version: "2017-09-30",
    });
  });

  for (const { path, why, card } of [
    { path: "/latest/meta-data/instance-id/", why: "a leaf is no folder" },
    { path: "/latest/meta-data/instance-id/more", why: "nothing lies below a leaf" },
    { path: "/latest/meta-data/constructor", why: "no property of the language is metadata" },
    { path: "/latest/meta-data/public-keys/", why: "no key pair was named at launch" },
    { path: "/latest/meta-data/iam/", why: "it has no role" },
    { path: "/2000-01-01/meta-data/", why: "there is no such version" },
    { path: "/latest/user-data", why: "nobody gave it any", card: "eni-b" },
    { path: "/latest/meta-data/public-ipv4", why: "it holds no public address", card: "eni-b" },
  ])
    it(`404 for ${path}: ${why}`, () => {
      assert.equal(ask(path, card).status, 404);
    });
});

describe("the lease of a machine's interface", () => {
  it("is the subnet's router, the network's resolver and the region's domain, with the interface's one address", () => {
    assert.deepEqual(leaseOf(worldOf(), "eni-b"), {
      mac: "02:00:00:00:00:02",
      address: "10.10.1.21",
      prefix: 28,
      router: "10.10.1.17",
      resolver: "10.10.0.2",
      hostname: "ip-10-10-1-21",
      domain: "ec2.internal",
      mtu: 1500,
      seconds: 3600,
    });
  });

  it("is none where no machine is", () => {
    assert.equal(leaseOf(worldOf(), "eni-c"), undefined);
  });
});
