import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { derivePlan } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import { allTunnels, type Plan } from "trunkline/fleet/plan";
import { derivePpks, regionsWithSeed } from "trunkline/gateway/ppk";
import { previewFacts, previewPpks, renderPreview } from "trunkline/gateway/preview";
import { renderRelease, secretPaths } from "trunkline/gateway/render";
import { gatewayView } from "trunkline/gateway/view";
import { z } from "zod";
import { assertGolden } from "./golden";

const swanctl = "/etc/swanctl/conf.d/trunkline.conf";
const secrets = "/etc/swanctl/conf.d/trunkline-ppk.conf";
const names = ["apne1", "euw1", "use1"] as const;
const seedOf = (name: string) => Buffer.alloc(32, name).toString("base64");
const seeds = Object.fromEntries(names.map((name) => [name, seedOf(name)]));
const modes = z.object({ files: z.record(z.string(), z.object({ mode: z.string() })) });

function planOf(crypto: string, regions: readonly string[] = names, fields = ""): Plan {
  const lines = regions.map(
    (name, index) =>
      `  ${name}: { cloud: aws, region: us-east-1, cidr: 10.${String(index + 1)}.0.0/16${fields} }\n`,
  );
  const parsed = parseFleet(`fleet: acme\nregions:\n${lines.join("")}${crypto}`, "fleet.yaml");
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return derivePlan(parsed.value);
}

const everywhere = planOf("crypto: { postQuantum: ppk }\n");
const nowhere = planOf("");

describe("post-quantum preshared keys", () => {
  it("are rendered as in the golden folder, the keys in a file of their own", () => {
    const { files } = renderPreview(everywhere, "use1-a");
    assertGolden(join(__dirname, "golden/ppk-use1-a"), {
      [swanctl]: files[swanctl] ?? "",
      [secrets]: files[secrets] ?? "",
    });
  });

  it("no file but theirs holds one, and that is for root alone", () => {
    const ppks = derivePpks("acme", allTunnels(everywhere), seeds);
    const { files, manifest } = renderRelease(everywhere, "use1-a", previewFacts(everywhere, "use1-a"), ppks);
    for (const [path, text] of Object.entries(files))
      assert.equal(
        Object.values(ppks).some((key) => text.includes(key)),
        path === secrets,
        path,
      );
    const described = modes.parse(JSON.parse(manifest)).files;
    for (const [path, { mode }] of Object.entries(described))
      assert.equal(mode === "0600", secretPaths.includes(path), path);
    assert.ok(!Object.values(ppks).some((key) => manifest.includes(key)));
  });

  it("a gateway has those of its own tunnels, within its pair as well, and no other's", () => {
    for (const id of ["use1-a", "euw1-b"]) {
      const { tunnels, partners } = gatewayView(everywhere, id);
      const text = renderPreview(everywhere, id).files[secrets] ?? "";
      assert.deepEqual(
        [...text.matchAll(/^ {2}ppk-(\S+) \{$/gm)].map(([, tunnel]) => tunnel),
        [...tunnels, ...partners].map(({ tunnel }) => tunnel.id),
      );
    }
  });

  it("are required, or used where both have them, or not there, by link", () => {
    const plan = planOf(
      "crypto: { postQuantum: ppk, links: { euw1~use1: { postQuantum: ppk-optional }, apne1~use1: { postQuantum: off } } }\n",
    );
    const text = renderPreview(plan, "use1-a").files[swanctl] ?? "";
    const of = (tunnel: string) =>
      new RegExp(
        `^ {2}${tunnel} \\{\\n(?: {4}.*\\n)*? {4}ppk_id = ${tunnel}\\n {4}ppk_required = (\\w+)$`,
        "m",
      ).exec(text)?.[1];
    assert.deepEqual(["euw1-a~use1-a", "apne1-a~use1-a", "use1-a~use1-b"].map(of), ["no", undefined, "yes"]);
    assert.doesNotMatch(renderPreview(plan, "use1-a").files[secrets] ?? "", /apne1/);
  });

  it("a release of a fleet without them is what it was, and knows no secret", () => {
    const facts = previewFacts(nowhere, "use1-a");
    const release = renderRelease(nowhere, "use1-a", facts, previewPpks(nowhere, "use1-a"));
    assert.deepEqual(release, renderRelease(nowhere, "use1-a", facts));
    assert.equal(release.files[secrets], undefined);
    assert.doesNotMatch(release.files[swanctl] ?? "", /ppk/);
  });

  it("a release that lacks one is none", () => {
    assert.throws(
      () => renderRelease(everywhere, "use1-a", previewFacts(everywhere, "use1-a"), {}),
      /There is no post-quantum preshared key of /,
    );
  });
});

describe("the derivation of post-quantum preshared keys", () => {
  const ppks = derivePpks("acme", allTunnels(everywhere), seeds);

  it("gives each tunnel a key of its own, of 256 bits", () => {
    const keys = Object.values(ppks);
    assert.equal(keys.length, allTunnels(everywhere).length);
    assert.equal(new Set(keys).size, keys.length);
    for (const key of keys) assert.equal(Buffer.from(key, "base64").length, 32);
  });

  it("is HKDF of RFC 5869, done here by hand", () => {
    for (const { id, ends } of allTunnels(everywhere)) {
      const material = Buffer.concat(ends.map(({ region }) => Buffer.alloc(32, region)));
      const pseudorandom = createHmac("sha256", "acme").update(material).digest();
      const expanded = createHmac("sha256", pseudorandom).update(`trunkline ppk ${id}\x01`).digest();
      assert.equal(ppks[id], expanded.toString("base64"), id);
    }
  });

  it("a region that joins changes no other tunnel's, and another seed those of its region alone", () => {
    const more = planOf("crypto: { postQuantum: ppk }\n", [...names, "sae1"]);
    const after = derivePpks("acme", allTunnels(more), { ...seeds, sae1: seedOf("sae1") });
    for (const [id, key] of Object.entries(ppks)) assert.equal(after[id], key, id);
    const renewed = derivePpks("acme", allTunnels(everywhere), { ...seeds, use1: seedOf("another") });
    for (const [id, key] of Object.entries(ppks)) assert.equal(renewed[id] !== key, id.includes("use1"), id);
  });

  it("another fleet has others, from the same seeds", () => {
    const others = derivePpks("other", allTunnels(everywhere), seeds);
    for (const [id, key] of Object.entries(ppks)) assert.notEqual(others[id], key);
  });

  it("of a region whose seed is not there, or too short, says what to bring up", () => {
    for (const use1 of ["", "c2hvcnQ="])
      assert.throws(
        () => derivePpks("acme", allTunnels(everywhere), { ...seeds, use1 }),
        /no secret of region use1.*Bring the trust stack up/,
      );
  });

  it("wants the seeds of regions with such a tunnel, and of no other", () => {
    assert.deepEqual(regionsWithSeed(nowhere), []);
    assert.deepEqual(regionsWithSeed(everywhere), [...names]);
    const one = planOf("crypto: { links: { euw1~use1: { postQuantum: ppk } } }\n");
    assert.deepEqual(regionsWithSeed(one), ["euw1", "use1"]);
    assert.deepEqual(Object.keys(derivePpks("acme", allTunnels(one), seeds)).length, 4);
  });
});

describe("ML-KEM beside the first key exchange", () => {
  for (const { policy, exchange } of [
    { policy: "standard", exchange: "ke1_mlkem768" },
    { policy: "cnsa", exchange: "ke1_mlkem1024" },
  ])
    it(`is ${exchange} under policy ${policy}, in the IKE SA, and refused by every system that there is`, () => {
      for (const system of ["debian-13", "debian-12", "ubuntu-24.04"]) {
        const plan = planOf(
          `crypto: { postQuantum: mlkem, policy: ${policy} }\n`,
          names,
          `, system: ${system}`,
        );
        for (const { ikeSa, childSa } of allTunnels(plan)) {
          assert.equal(ikeSa.proposal, `aes256gcm16-prfsha384-ecp384-${exchange}`);
          assert.equal(childSa.proposal, "aes256gcm16-ecp384");
        }
        assert.throws(() => renderPreview(plan, "use1-a"), /ke1_mlkem needs 6\.0\.2/);
      }
    });

  it("stays what the file names", () => {
    const plan = planOf("crypto: { postQuantum: mlkem, ike: aes256gcm16-prfsha384-ecp384-ke1_mlkem1024 }\n");
    assert.equal(allTunnels(plan)[0]?.ikeSa.proposal, "aes256gcm16-prfsha384-ecp384-ke1_mlkem1024");
  });
});
