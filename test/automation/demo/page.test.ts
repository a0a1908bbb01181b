import assert from "node:assert/strict";
import { renderPage } from "../../../automation/demo/page";
import type { Proof } from "../../../automation/verify/proof";
import { planOf } from "../../engine/fleets";

describe("the demo's page", () => {
  const plan = planOf(
    [
      "fleet: acme",
      "regions:",
      "  use1: { cloud: aws, region: us-east-1, cidr: 10.10.0.0/16, gateways: 4 }",
      "  euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16, gateways: 1 }",
      "",
    ].join("\n"),
  );
  const proof = (status: Proof["status"], subject: string): Proof => ({
    id: `bgp/${subject}`,
    kind: "bgp",
    subject,
    expected: "<Established>",
    observed: "&",
    status,
    evidence: "show bgp",
    seconds: 0,
  });
  const proofs = [proof("pass", "euw1-a~use1-a"), proof("fail", "euw1-a~use1-b")];
  const page = renderPage({ plan, proofs, phases: [{ name: "up", seconds: 2 }] });

  it("is one file, and what others said is text in it", () => {
    assert.doesNotMatch(page, /(src|href)=|<Established>|url\(/);
    assert.match(page, /&#60;Established&#62;/);
  });

  it("shows what failed first, and open", () => {
    const subjects = [...page.matchAll(/<tr><td>([^<]+)<\/td>/g)].map(([, subject]) => subject);
    assert.deepEqual(subjects, ["euw1-a~use1-b", "euw1-a~use1-a"]);
    assert.match(page, /<details open>\n<summary><b>bgp/);
  });

  it("draws each gateway in its own place within the picture, and each tunnel apart, the failed one as such", () => {
    const [, left = 0, top = 0, width = 0, height = 0] = (
      /viewBox="(\S+) (\S+) (\S+) (\S+)"/.exec(page) ?? []
    ).map(Number);
    const places = [...page.matchAll(/class="gateway" x="(\S+)" y="(\S+)" width="80"/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);
    assert.equal(new Set(places.map(String)).size, 5);
    for (const [x = 0, y = 0] of places)
      assert.ok(
        x > left && x + 80 < left + width && y > top && y < top + height,
        `${String(x)} ${String(y)}`,
      );
    const tunnels = [...page.matchAll(/class="tunnel( bad)?" d="([^"]+)"><title>([^<]+)/g)];
    assert.equal(new Set(tunnels.map(([, , d]) => d)).size, 4);
    assert.deepEqual(
      tunnels.filter(([, bad]) => bad !== undefined).map(([, , , title]) => title),
      ["euw1-a~use1-b"],
    );
  });
});
