import assert from "node:assert/strict";
import { CredentialStore, type RoleCredentials } from "../../../../lab/clouds/aws/api/credentials";
import { Ec2Api } from "../../../../lab/clouds/aws/api/ec2";
import type { PublicAddress, World, WorldObject } from "../../../../lab/world/model";
import { region, request } from "./signed";

const now = Date.parse("2026-01-02T03:04:05Z");
const here = `arn:aws:ec2:${region}:123456789012`;

const policy = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: "ec2:AssociateAddress",
      Resource: [
        ...["eipalloc-1", "eipalloc-away"].map((id) => `${here}:elastic-ip/${id}`),
        ...["eni-a", "eni-b", "eni-none"].map((id) => `${here}:network-interface/${id}`),
      ],
    },
    { Effect: "Allow", Action: "ec2:DescribeAddresses", Resource: "*" },
  ],
};

function card(id: string, index: number): WorldObject {
  return {
    kind: "interface",
    id,
    name: id,
    subnet: "subnet-1",
    address: `10.1.0.${String(10 + index)}`,
    secondaryAddresses: [`10.1.0.${String(8 + index)}`],
    firewalls: [],
    sourceDestinationCheck: false,
    mac: "",
  };
}

function worldOf(): World {
  const objects: readonly WorldObject[] = [
    { kind: "network", id: "vpc-1", name: "one", cloud: "aws", cloudRegion: region, cidrs: ["10.1.0.0/16"] },
    { kind: "subnet", id: "subnet-1", name: "one", network: "vpc-1", zone: "a", cidr: "10.1.0.0/24" },
    ...["eni-a", "eni-b", "eni-other"].map(card),
    { kind: "publicAddress", id: "eipalloc-1", name: "one", address: "198.18.0.1", cloudRegion: region },
    {
      kind: "publicAddress",
      id: "eipalloc-away",
      name: "away",
      address: "198.18.0.2",
      cloudRegion: "us-east-1",
    },
    { kind: "role", id: "movers", name: "movers", policies: { p: JSON.stringify(policy) } },
  ];
  return {
    format: "trunkline.world/1",
    objects: Object.fromEntries(objects.map((object) => [object.id, object])),
  };
}

describe("the lab's EC2 API moves an address", () => {
  let world: World;
  let api: Ec2Api;
  let held: RoleCredentials;
  beforeEach(() => {
    world = worldOf();
    const credentials = new CredentialStore();
    held = credentials.forRole("movers", now);
    const store = {
      get world() {
        return world;
      },
      changeTable: () => Promise.reject(new Error("no table is changed here")),
      changeAddress(id: string, step: (address: PublicAddress, whole: World) => PublicAddress) {
        const found = world.objects[id];
        assert.ok(found?.kind === "publicAddress");
        return Promise.resolve().then(() => {
          world = { ...world, objects: { ...world.objects, [id]: step(found, world) } };
        });
      },
    };
    api = new Ec2Api(store, credentials);
  });

  const associate = {
    Action: "AssociateAddress",
    AllocationId: "eipalloc-1",
    NetworkInterfaceId: "eni-a",
    PrivateIpAddress: "10.1.0.8",
    AllowReassociation: "true",
  };

  it("moves an address in one step, and shows at which private address it is", async () => {
    const shown = async () =>
      (await api.answer(request({ Action: "DescribeAddresses", "AllocationId.1": "eipalloc-1" }, held), now))
        .body;
    assert.doesNotMatch(await shown(), /associationId|198\.18\.0\.2/);
    const seen: string[] = [];
    for (const [NetworkInterfaceId, PrivateIpAddress] of [
      ["eni-a", "10.1.0.8"],
      ["eni-b", "10.1.0.9"],
    ] as const) {
      const done = await api.answer(
        request({ ...associate, NetworkInterfaceId, PrivateIpAddress }, held),
        now,
      );
      assert.equal(done.status, 200, done.body);
      const body = await shown();
      assert.match(
        body,
        new RegExp(
          `<networkInterfaceId>${NetworkInterfaceId}</networkInterfaceId><privateIpAddress>${PrivateIpAddress}<`,
        ),
      );
      seen.push(/<associationId>(eipassoc-[0-9a-f]{17})</.exec(body)?.[1] ?? "none");
    }
    assert.equal(new Set(seen).size, 2);
  });

  for (const { why, code, change, to } of [
    {
      why: "an address without the right",
      code: "UnauthorizedOperation",
      change: { AllocationId: "eipalloc-2" },
    },
    {
      why: "an interface without the right",
      code: "UnauthorizedOperation",
      change: { NetworkInterfaceId: "eni-other" },
    },
    {
      why: "an address of another region",
      code: "InvalidAllocationID.NotFound",
      change: { AllocationId: "eipalloc-away" },
    },
    {
      why: "an interface that is not there",
      code: "InvalidNetworkInterfaceID.NotFound",
      change: { NetworkInterfaceId: "eni-none" },
    },
    {
      why: "a private address of another interface",
      code: "InvalidParameterValue",
      change: { PrivateIpAddress: "10.1.0.9" },
    },
    {
      why: "an address that is elsewhere, where that is not allowed",
      code: "Resource.AlreadyAssociated",
      change: { AllowReassociation: "false" },
      to: "eni-b",
    },
    { why: "a field that has no stand-in", code: "NoStandIn", change: { InstanceId: "i-1" } },
  ])
    it(`does not associate ${why}: ${code}`, async () => {
      const address = world.objects["eipalloc-1"];
      assert.ok(address?.kind === "publicAddress");
      if (to !== undefined)
        world = { ...world, objects: { ...world.objects, "eipalloc-1": { ...address, interface: to } } };
      const before = JSON.stringify(world);
      const said = await api.answer(request({ ...associate, ...change }, held), now);
      assert.match(said.body, new RegExp(`<Code>${code.replace(".", "\\.")}</Code>`));
      assert.equal(JSON.stringify(world), before);
    });
});
