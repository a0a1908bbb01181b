import assert from "node:assert/strict";
import { join } from "node:path";
import { cryptoReport } from "trunkline/fleet/crypto/report";
import { planFleet } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import { cryptoText } from "../../../automation/cli/crypto-text";
import { assertGolden } from "../../gateway/golden";
import { samplePlan } from "../../components/sample-plan";

/** Three regions: one link as strong as it gets, one of 112 bits, one of 128; keys of two kinds, one gateway alone. */
const fleet = `fleet: acme
regions:
  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16 }
  euw1: { cloud: gcp, region: europe-west1, cidr: 10.20.0.0/16, trust: { keyAlgorithm: rsa-3072 } }
  apne1: { cloud: aws, region: ap-northeast-1, cidr: 10.30.0.0/16, gateways: 1, system: debian-12 }
crypto:
  ikeRekeySeconds: 7200
  links:
    apne1~euw1: { policy: compatible, ike: aes256-sha256-prfsha256-modp2048 }
    apne1~use1: { esp: aes128gcm16-curve25519 }
`;

function planOf(text: string): Plan {
  const parsed = parseFleet(text, "fleet.yaml");
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const planned = planFleet(parsed.value);
  assert.ok(planned.ok, JSON.stringify(planned));
  return planned.value;
}

describe("plan --crypto", () => {
  const report = cryptoReport(planOf(fleet));
  const of = (id: string) => report.links.find(({ link }) => link === id);

  it("is the golden text, and the same as JSON", () => {
    assertGolden(join(__dirname, "golden"), {
      "/plan-crypto.txt": `${cryptoText(report)}\n`,
      "/plan-crypto.json": `${JSON.stringify(report, undefined, 2)}\n`,
    });
  });

  it("has the strength of the weakest transform of both protocols", () => {
    assert.deepEqual(
      report.links.map(({ link, ike, esp, bits }) => [link, ike.bits, esp.bits, bits]),
      [
        ["apne1~euw1", 112, 192, 112],
        ["apne1~use1", 192, 128, 128],
        ["euw1~use1", 192, 192, 192],
        ["euw1", 192, 192, 192],
        ["use1", 192, 192, 192],
      ],
    );
  });

  it("names the kinds of both ends' keys", () => {
    const keysOf = (link: string) => {
      const authentication = of(link)?.authentication;
      return authentication?.kind === "certificates" ? authentication.keys : undefined;
    };
    assert.deepEqual(keysOf("euw1~use1"), ["ecdsa-p256", "rsa-3072"]);
    assert.deepEqual(keysOf("apne1~use1"), ["ecdsa-p256"]);
  });

  it("takes every classical key exchange for exposed, and says what that means", () => {
    assert.ok(report.links.every(({ quantum }) => quantum.exposure === "exposed"));
    assert.match(cryptoText(report), /^exposed: .*harvest now, decrypt later/m);
  });

  it("of a plan with ML-KEM is hybrid, and as strong as the rest of it", () => {
    const plan = samplePlan(["euw1", "use1"]);
    const hybrid = cryptoReport({
      ...plan,
      links: plan.links.map((link) => ({
        ...link,
        tunnels: link.tunnels.map((tunnel) => ({
          ...tunnel,
          ikeSa: { ...tunnel.ikeSa, proposal: "aes256gcm16-prfsha384-ecp384-ke1_mlkem768" },
        })),
      })),
    });
    const [link] = hybrid.links;
    assert.deepEqual([link?.quantum, link?.bits], [{ exposure: "hybrid", by: "ke1_mlkem768" }, 192]);
    assert.match(cryptoText(hybrid), /^euw1~use1 .* hybrid \(ke1_mlkem768\) /m);
  });

  it("of links with a PPK says so, and takes one that is optional for exposed", () => {
    const guarded = cryptoReport(
      planOf(
        fleet
          .replace("links:", "postQuantum: ppk\n  links:")
          .replace("{ esp:", "{ postQuantum: ppk-optional, esp:"),
      ),
    );
    assert.deepEqual(
      guarded.links.map(({ link, quantum }) => [link, quantum.exposure]),
      [
        ["apne1~euw1", "ppk"],
        ["apne1~use1", "ppk-optional"],
        ["euw1~use1", "ppk"],
        ["euw1", "ppk"],
        ["use1", "ppk"],
      ],
    );
    const text = cryptoText(guarded);
    assert.match(text, /^euw1~use1 .* PPK \(RFC 8784, 256 bits\) /m);
    assert.match(text, /^apne1~use1 .* PPK where both have it /m);
    assert.match(text, /^PPK: .*RFC 8784/m);
    assert.doesNotMatch(text, /^exposed:/m);
  });

  it("of many links has one row for all that are alike", () => {
    const regions = Array.from(
      { length: 12 },
      (_, index) =>
        `  r${String(index)}: { cloud: aws, region: us-east-1, cidr: 10.${String(index)}.0.0/16 }\n`,
    );
    const text = cryptoText(
      cryptoReport(
        planOf(
          `fleet: acme\nregions:\n${regions.join("")}crypto: { links: { r0~r1: { policy: cnsa, ike: aes256gcm16-prfsha512-ecp384 } } }\n`,
        ),
      ),
    );
    assert.match(text, /^r0~r1 +4 +aes256gcm16-prfsha512-ecp384 /m);
    assert.match(text, /^65 links +260 +aes256gcm16-prfsha384-ecp384 /m);
    assert.match(text, /^12 pairs +12 /m);
    assert.ok(text.split("\n").length < 12);
  });
});
