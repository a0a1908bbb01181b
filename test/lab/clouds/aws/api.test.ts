import assert from "node:assert/strict";
import { CredentialStore, type RoleCredentials } from "../../../../lab/clouds/aws/api/credentials";
import { Ec2Api } from "../../../../lab/clouds/aws/api/ec2";
import { MetadataService } from "../../../../lab/clouds/aws/api/metadata";
import { isAllowed, policySchema } from "../../../../lab/clouds/aws/api/policy";
import { signatureOf } from "../../../../lab/clouds/aws/api/signature";
import type { RouteTable, World, WorldObject } from "../../../../lab/world/model";
import { region, request, sha256 } from "./signed";

const now = Date.parse("2026-01-02T03:04:05Z");
const account = "123456789012";

const policy = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: "ec2:ReplaceRoute",
      Resource: [`arn:aws:ec2:${region}:${account}:route-table/rtb-1`],
    },
    {
      Effect: "Allow",
      Action: "ec2:DescribeRouteTables",
      Resource: "*",
      Condition: { StringEquals: { "ec2:Region": region } },
    },
  ],
};

function card(id: string, subnet: string): WorldObject {
  const address = "10.1.0.4";
  return {
    kind: "interface",
    id,
    name: id,
    subnet,
    address,
    firewalls: [],
    sourceDestinationCheck: false,
    mac: "",
  };
}

function worldOf(): World {
  const objects: readonly WorldObject[] = [
    { kind: "network", id: "vpc-1", name: "one", cloud: "aws", cloudRegion: region, cidrs: ["10.1.0.0/16"] },
    { kind: "network", id: "vpc-2", name: "two", cloud: "aws", cloudRegion: region, cidrs: ["10.1.0.0/16"] },
    { kind: "subnet", id: "subnet-1", name: "one", network: "vpc-1", zone: "a", cidr: "10.1.0.0/24" },
    { kind: "subnet", id: "subnet-2", name: "two", network: "vpc-2", zone: "a", cidr: "10.1.0.0/24" },
    card("eni-a", "subnet-1"),
    card("eni-b", "subnet-1"),
    card("eni-other", "subnet-2"),
    ...["rtb-1", "rtb-2"].map((id): RouteTable => ({
      kind: "routeTable",
      id,
      name: id,
      network: "vpc-1",
      routes: [{ cidr: "10.2.0.0/16", target: { interface: "eni-a" } }],
      propagatedFrom: [],
    })),
    { kind: "role", id: "movers", name: "movers", policies: { p: JSON.stringify(policy) } },
    { kind: "instanceProfile", id: "profile", name: "profile", role: "movers" },
    {
      kind: "machine",
      id: "i-a",
      name: "a",
      interface: "eni-a",
      hostname: "a",
      userData: "",
      image: "debian-13",
      profile: "profile",
      power: "on",
    },
  ];
  return {
    format: "trunkline.world/1",
    objects: Object.fromEntries(objects.map((object) => [object.id, object])),
  };
}

describe("the lab's EC2 API", () => {
  let world: World;
  let credentials: CredentialStore;
  let api: Ec2Api;
  let held: RoleCredentials;
  beforeEach(() => {
    world = worldOf();
    credentials = new CredentialStore();
    held = credentials.forRole("movers", now);
    const store = {
      get world() {
        return world;
      },
      changeTable(id: string, step: (table: RouteTable, whole: World) => RouteTable) {
        const table = world.objects[id];
        assert.ok(table?.kind === "routeTable");
        return Promise.resolve().then(() => {
          world = { ...world, objects: { ...world.objects, [id]: step(table, world) } };
        });
      },
    };
    // addresses.test.ts
    const changeAddress = () => Promise.reject(new Error("no address is changed here"));
    api = new Ec2Api(Object.assign(store, { changeAddress }), credentials);
  });

  const replace = { Action: "ReplaceRoute", RouteTableId: "rtb-1", DestinationCidrBlock: "10.2.0.0/16" };

  it("replaces a route, and shows it", async () => {
    const done = await api.answer(request({ ...replace, NetworkInterfaceId: "eni-b" }, held), now);
    assert.equal(done.status, 200, done.body);
    const table = world.objects["rtb-1"];
    assert.deepEqual(table?.kind === "routeTable" ? table.routes : [], [
      { cidr: "10.2.0.0/16", target: { interface: "eni-b" } },
    ]);
    const shown = await api.answer(
      request({ Action: "DescribeRouteTables", "RouteTableId.1": "rtb-1" }, held),
      now,
    );
    assert.match(
      shown.body,
      /<destinationCidrBlock>10\.2\.0\.0\/16<\/destinationCidrBlock><networkInterfaceId>eni-b<\/networkInterfaceId><state>blackhole</,
    );
    assert.doesNotMatch(shown.body, /rtb-2/);
  });

  const to = { ...replace, NetworkInterfaceId: "eni-b" };
  for (const { why, code, asked } of [
    {
      why: "another table",
      code: "UnauthorizedOperation",
      asked: () => request({ ...to, RouteTableId: "rtb-2" }, held),
    },
    {
      why: "another action",
      code: "UnauthorizedOperation",
      asked: () => request({ ...to, Action: "DeleteRoute" }, held),
    },
    {
      why: "another region",
      code: "UnauthorizedOperation",
      asked: () => request({ Action: "DescribeRouteTables" }, held, { to: "us-east-1" }),
    },
    {
      why: "a route that is not there",
      code: "InvalidParameterValue",
      asked: () => request({ ...to, DestinationCidrBlock: "10.3.0.0/16" }, held),
    },
    {
      why: "an interface that is not there",
      code: "InvalidNetworkInterfaceID.NotFound",
      asked: () => request({ ...to, NetworkInterfaceId: "eni-none" }, held),
    },
    {
      why: "an interface of another network",
      code: "InvalidParameterValue",
      asked: () => request({ ...to, NetworkInterfaceId: "eni-other" }, held),
    },
    {
      why: "a key that nobody has",
      code: "AuthFailure",
      asked: () => request(to, { ...held, keyId: "ASIA0000000000000000" }),
    },
    { why: "a wrong secret", code: "AuthFailure", asked: () => request(to, { ...held, secret: "wrong" }) },
    {
      why: "a wrong session token",
      code: "AuthFailure",
      asked: () => request(to, { ...held, token: "wrong" }),
    },
    {
      why: "a body that was changed on the way",
      code: "AuthFailure",
      asked: () => ({
        ...request(to, held),
        body: request({ ...to, NetworkInterfaceId: "eni-a" }, held).body,
      }),
    },
    {
      why: "no signature",
      code: "AuthFailure",
      asked: () => {
        const { headers, ...rest } = request(to, held);
        return { ...rest, headers: { host: headers.host } };
      },
    },
    {
      why: "a request of six minutes ago",
      code: "RequestExpired",
      asked: () => request(to, held, { at: "20260102T025805Z" }),
    },
  ])
    it(`refuses ${why}: ${code}`, async () => {
      const before = JSON.stringify(world);
      const said = await api.answer(asked(), now);
      assert.match(said.body, new RegExp(`<Code>${code.replace(".", "\\.")}</Code>`));
      assert.equal(JSON.stringify(world), before);
      assert.doesNotMatch(said.body, new RegExp(held.secret.replace(/[+/]/g, "\\$&")));
    });

  it("refuses credentials that have ended", async () => {
    const said = await api.answer(request(to, held), held.expires + 1);
    assert.match(said.body, /<Code>RequestExpired</);
  });
});

describe("the lab's signatures", () => {
  it("are those of AWS's test suite (get-vanilla)", () => {
    const canonical = [
      ...["GET", "/", "", "host:example.amazonaws.com", "x-amz-date:20150830T123600Z", "", "host;x-amz-date"],
      sha256(""),
    ].join("\n");
    const scope = "20150830/us-east-1/service/aws4_request";
    assert.equal(
      signatureOf(
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        scope,
        `AWS4-HMAC-SHA256\n20150830T123600Z\n${scope}\n${sha256(canonical)}`,
      ),
      "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    );
  });
});

describe("the lab's metadata service", () => {
  const folder = "/latest/meta-data/iam/security-credentials/";
  let service: MetadataService;
  const world = worldOf();
  beforeEach(() => {
    service = new MetadataService(new CredentialStore());
  });
  const get = (path: string, token: string, from = "eni-a", at = now) =>
    service.answer(
      world,
      from,
      { method: "GET", path, headers: { "x-aws-ec2-metadata-token": token }, body: "" },
      at,
    );
  const token = (from = "eni-a", seconds = "300") =>
    service.answer(
      world,
      from,
      {
        method: "PUT",
        path: "/latest/api/token",
        headers: { "x-aws-ec2-metadata-token-ttl-seconds": seconds },
        body: "",
      },
      now,
    );

  it("gives the role's credentials to who has a token", () => {
    const { body } = token();
    assert.deepEqual(get(folder, body), { status: 200, body: "movers" });
    const said = get(`${folder}movers`, body);
    assert.match(said.body, /"Code":"Success".*"AccessKeyId":"ASIA/);
  });

  it("refuses version 1, a token of another machine, one that has ended, and no lifetime", () => {
    const { body } = token();
    assert.equal(get(folder, "").status, 401);
    assert.equal(get(folder, body, "eni-b").status, 401);
    assert.equal(get(folder, body, "eni-a", now + 301_000).status, 401);
    assert.equal(token("eni-a", "0").status, 400);
    assert.equal(token("eni-a", "21601").status, 400);
  });

  it("has no role for a machine without a profile", () => {
    assert.equal(get(folder, token("eni-b").body, "eni-b").status, 404);
    assert.equal(get(`${folder}admin`, token().body).status, 404);
  });
});

describe("the lab's policies", () => {
  const parsed = policySchema.parse({
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["ec2:Describe*"], Resource: "*" },
      { Effect: "Deny", Action: "ec2:DescribeInstances", Resource: "*" },
    ],
  });
  const asked = (action: string) => isAllowed([parsed], { action, resource: "*", context: {} });

  it("allow what one allows and none denies", () => {
    assert.ok(asked("ec2:DescribeRouteTables"));
    assert.ok(!asked("ec2:DescribeInstances"));
    assert.ok(!asked("ec2:ReplaceRoute"));
  });

  it("refuse an element that has no stand-in", () => {
    const odd = { Version: "2012-10-17", Statement: [{ Effect: "Allow", NotAction: "x", Resource: "*" }] };
    assert.ok(!policySchema.safeParse(odd).success);
  });
});
