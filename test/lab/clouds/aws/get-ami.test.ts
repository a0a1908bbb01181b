import assert from "node:assert/strict";
import { Account } from "../../../../lab/clouds/aws/context";
import { getAmi } from "../../../../lab/clouds/aws/get-ami";
import { architectureOf, bootedFor, imagesOf } from "../../../../lab/clouds/aws/images";
import { zonesOf } from "../../../../lab/clouds/aws/regions";
import { regions } from "../../../../fleet/aws/limits";

const account = (region: string) => new Account(region, () => Promise.reject(new Error("no lab is asked")));
const debian = { owners: ["136693071363"], mostRecent: true };
const named = (...values: string[]) => ({ ...debian, filters: [{ name: "name", values }] });

describe("lab/clouds/aws: images and places", () => {
  it("the newest image that matches all filters, with an id of its region", async () => {
    const here = await getAmi.invoke(named("debian-13-arm64-*"), account("us-east-1"));
    const there = await getAmi.invoke(named("debian-13-arm64-*"), account("eu-west-1"));
    assert.equal(here["architecture"], "arm64");
    assert.match(String(here["id"]), /^ami-[0-9a-f]{17}$/);
    assert.notEqual(here["id"], there["id"]);
  });

  it("Debian 12 beside Debian 13, each with an id of its own", async () => {
    const [older, newer] = await Promise.all(
      ["debian-12-amd64-*", "debian-13-amd64-*"].map((name) =>
        getAmi.invoke(named(name), account("us-east-1")),
      ),
    );
    assert.match(String(older?.["name"]), /^debian-12-amd64-/);
    assert.notEqual(older?.["id"], newer?.["id"]);
    assert.equal(older?.["release"], undefined);
  });

  it("Debian 13 with cloud-init for the machines that are named, in its short form for all others", () => {
    const [newer, older] = ["debian-13", "debian-12"].map((release) =>
      imagesOf("us-east-1").find((image) => image.release === release),
    );
    assert.ok(newer && older);
    const named = "acme-use1-pair-a,acme-euw1-pair-b";
    assert.equal(bootedFor(newer, "acme-euw1-pair-b", named), "debian-13-cloud");
    assert.equal(bootedFor(newer, "acme-euw1-pair", named), "debian-13");
    assert.equal(bootedFor(newer, "acme-use1-pair-a", undefined), "debian-13");
    assert.equal(bootedFor(older, "acme-use1-pair-b", named), "debian-12");
    assert.throws(
      () => bootedFor(older, "acme-use1-pair-a", named),
      /Debian 13 alone.*TRUNKLINE_LAB_CLOUD_INIT/,
    );
  });

  for (const { why, args, says } of [
    { why: "another owner's", args: { ...debian, owners: ["111111111111"] }, says: /no results/ },
    {
      why: "Ubuntu's, with what to write in place of it",
      args: { owners: ["099720109477"], mostRecent: true },
      says: /no image of Ubuntu.*system: debian-12/,
    },
    {
      why: "several, none asked to be newest",
      args: { owners: debian.owners },
      says: /more than one result/,
    },
    {
      why: "a filter that the lab does not know",
      args: { ...debian, filters: [{ name: "tag:x", values: ["y"] }] },
      says: /no stand-in for the filter "tag:x"/,
    },
    {
      why: "a field that the lab does not know",
      args: { ...debian, nameRegex: "x" },
      says: /owners, mostRecent/,
    },
  ])
    it(`refuses ${why}`, async () => {
      await assert.rejects((async () => getAmi.invoke(args, account("us-east-1")))(), says);
    });

  for (const { type, architecture } of [
    { type: "t4g.small", architecture: "arm64" },
    { type: "t3.small", architecture: "x86_64" },
    { type: "t3a.small", architecture: "x86_64" },
    { type: "c7gn.4xlarge", architecture: "arm64" },
    { type: "c6in.large", architecture: "x86_64" },
    { type: "a1.large", architecture: "arm64" },
    { type: "t9.small", architecture: undefined },
    { type: "t3.tiny", architecture: undefined },
    { type: "t3", architecture: undefined },
  ])
    it(`${type} is ${architecture ?? "no instance type"}`, () =>
      assert.equal(architectureOf(type), architecture));

  it("every region that a fleet may name has zones here", () => {
    for (const region of regions) assert.ok((zonesOf(region)?.length ?? 0) >= 2, region);
    assert.equal(zonesOf("us-north-1"), undefined);
  });

  it("every region has the zones that a pair is put into by default", () => {
    for (const region of regions)
      for (const letter of ["a", "b"])
        assert.ok(zonesOf(region)?.includes(`${region}${letter}`), region + letter);
  });
});
