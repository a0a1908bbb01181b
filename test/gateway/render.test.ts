import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { derivePlan } from "../../fleet/derive";
import { parseFleet } from "../../fleet/parse";
import type { Plan } from "../../fleet/plan";
import { previewFacts } from "../../gateway/preview";
import type { Release } from "../../gateway/release";
import { bundleOf, renderRelease } from "../../gateway/render";
import { samplePlan } from "../components/sample-plan";
import { assertGolden } from "./golden";
import { join } from "node:path";

const swanctlPath = "/etc/swanctl/conf.d/trunkline.conf";

function fleetOf(names: readonly string[], more = ""): Plan {
  const regions = names.map(
    (name) => `  ${name}: { cloud: aws, region: us-east-1, cidr: 10.${String(octetOf(name))}.0.0/16 }\n`,
  );
  const parsed = parseFleet(`fleet: acme\n${more}regions:\n${regions.join("")}`, "fleet.yaml");
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return derivePlan(parsed.value);
}

/** A hub, and 22 spokes with five networks each, four of them side by side: each hears of 106. */
function manyNetworks(): Plan {
  const spokes = Array.from({ length: 22 }, (_, index) => {
    const cidrs = [0, 1, 2, 3, 8].map((third) => `10.${String(index + 1)}.${String(third)}.0/24`);
    return `  s${String(index)}: { cloud: aws, region: us-east-1, cidrs: [${cidrs.join(", ")}] }\n`;
  });
  const text = `fleet: acme\ntopology: hub-and-spoke\nhubs: [hub]\nregions:\n  hub: { cloud: aws, region: us-east-1, cidr: 10.0.0.0/16 }\n${spokes.join("")}`;
  const parsed = parseFleet(text, "fleet.yaml");
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return derivePlan(parsed.value);
}

/** Of the name alone, so that the order of the regions makes no difference. */
function octetOf(name: string): number {
  return createHash("sha256").update(name).digest().readUInt8(0);
}

function releaseOf(plan: Plan, gateway: string): Release {
  return renderRelease(plan, gateway, previewFacts(plan, gateway));
}

/** The text of each connection of a swanctl.conf, by name. */
function connections(text: string): Map<string, string> {
  const found = [...text.matchAll(/^ {2}(\S+~\S+) \{\n([\s\S]*?)^ {2}\}$/gm)];
  return new Map(found.map(([, name = "", body = ""]) => [name, body]));
}

const regionNames = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{1,5}$/), {
  minLength: 3,
  maxLength: 5,
  selector: octetOf,
});

describe("renderRelease", () => {
  it("is what lies in the golden folder", () => {
    const plan = fleetOf(["use1", "euw1", "apne1"], "management: { allowFrom: [203.0.113.0/24] }\n");
    const { manifest, files } = releaseOf(plan, "use1-a");
    const ours = Object.entries(files).filter(([path]) => !path.startsWith("/usr/local/"));
    assertGolden(join(__dirname, "golden/three-regions-use1-a"), Object.fromEntries(ours));
    assert.deepEqual(Object.keys(Object(JSON.parse(manifest)).files), Object.keys(files).sort());
  });

  it("towards a route service that takes fewer, is what lies in the golden folder", () => {
    const file = releaseOf(manyNetworks(), "s0-a").files["/etc/frr/frr.conf"] ?? "";
    assertGolden(join(__dirname, "golden/aggregates-s0-a"), { "/etc/frr/frr.conf": file });
  });

  it("tells the route service of aggregates, of what they stand for only other regions and the partner", () => {
    const plan = manyNetworks();
    for (const { name, routeService, gateways } of plan.regions)
      for (const { id } of gateways) {
        const frr = releaseOf(plan, id).files["/etc/frr/frr.conf"] ?? "";
        const permitted = (list: string) =>
          [...frr.matchAll(new RegExp(`^ip prefix-list ${list} seq \\d+ permit (\\S+)$`, "gm"))].map(
            ([, prefix]) => prefix,
          );
        assert.deepEqual(permitted("to-route-service"), [...routeService.announced]);
        const aggregates = permitted("aggregates");
        assert.ok(aggregates.length > 15);
        assert.deepEqual(
          [...frr.matchAll(/^ {2}aggregate-address (\S+) /gm)].map(([, prefix]) => prefix),
          aggregates,
        );
        for (const [, list = ""] of frr.matchAll(/ prefix-list (\S+) out$/gm))
          if (list !== "to-route-service")
            for (const prefix of permitted(list)) assert.ok(!aggregates.includes(prefix), `${name}: ${list}`);
      }
  });

  for (const preference of ["med", "prepend"] as const)
    it(`a gateway that stands by, by ${preference}, is what lies in the golden folder`, () => {
      const plan = fleetOf(
        ["use1", "euw1"],
        `defaults: { ha: active-standby, preference: ${preference}, gateways: 3 }\n`,
      );
      const file = releaseOf(plan, "use1-c").files["/etc/frr/frr.conf"] ?? "";
      assertGolden(join(__dirname, `golden/standby-${preference}-use1-c`), { "/etc/frr/frr.conf": file });
    });

  it("another mode changes what other regions are told with, and nothing else", () => {
    const linesOf = (defaults: string, gateway: string): string[] => {
      const plan = fleetOf(["use1", "euw1"], defaults === "" ? "" : `defaults: { ${defaults} }\n`);
      return (releaseOf(plan, gateway).files["/etc/frr/frr.conf"] ?? "").split("\n");
    };
    for (const { mode, last, lines } of [
      { mode: "", last: "b", lines: [" set metric 0"] },
      { mode: "ha: active-standby", last: "a", lines: [" set metric 0"] },
      { mode: "ha: active-standby", last: "b", lines: [" set metric 100"] },
      { mode: "ha: active-standby, preference: prepend", last: "a", lines: [" set metric 0"] },
      {
        mode: "ha: active-standby, preference: prepend",
        last: "b",
        lines: [` set as-path prepend ${String(fleetOf(["use1", "euw1"]).regions[1]?.asn)}`, " set metric 0"],
      },
    ]) {
      const text = linesOf(mode, `use1-${last}`);
      const from = text.indexOf("route-map to-tunnel permit 10") + 1;
      const to = text.indexOf("exit", from);
      assert.deepEqual(text.slice(from, to), lines, `${mode} ${last}`);
      // The map is named in every mode, so that a reload that changes the mode finds it there.
      assert.equal(text.filter((line) => line.endsWith(" route-map to-tunnel out")).length, 2);
      const both = linesOf("", `use1-${last}`);
      const [start, end] = [
        both.indexOf("route-map to-tunnel permit 10") + 1,
        both.indexOf("exit", both.indexOf("route-map to-tunnel permit 10")),
      ];
      assert.deepEqual(
        [...text.slice(0, from), ...text.slice(to)],
        [...both.slice(0, start), ...both.slice(end)],
      );
    }
  });

  it("of a region of Google Cloud, is what lies in the golden folder", () => {
    const parsed = parseFleet(
      "fleet: acme\nregions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16 }\n  euw1: { cloud: gcp, region: europe-west1, cidr: 10.2.0.0/16 }\n  usc1: { cloud: gcp, region: us-central1, cidr: 10.3.0.0/16 }\n",
      "fleet.yaml",
    );
    assert.ok(parsed.ok);
    const { files, manifest } = releaseOf(derivePlan(parsed.value), "euw1-b");
    const shown = [
      "/etc/frr/frr.conf",
      "/etc/nftables.conf",
      "/etc/trunkline/links",
      "/etc/trunkline/repair.json",
      "/etc/systemd/system/trunkline-repair.service",
    ];
    assertGolden(
      join(__dirname, "golden/gcp-euw1-b"),
      Object.fromEntries(shown.map((path) => [path, files[path] ?? ""])),
    );
    const frr = files["/etc/frr/frr.conf"] ?? "";
    // A Cloud Router has no BFD, timers of its own, and lives where a /32 shows no neighbour.
    for (const address of ["10.2.0.6", "10.2.0.7"]) {
      assert.ok(frr.includes(` neighbor ${address} disable-connected-check\n`));
      assert.ok(frr.includes(` neighbor ${address} timers 20 60\n`));
      assert.ok(!frr.includes(` neighbor ${address} bfd`));
      assert.ok(Object(JSON.parse(manifest)).expects.neighbours.includes(address));
    }
  });

  it("of a region that a transit gateway follows, is what lies in the golden folder", () => {
    const parsed = parseFleet(
      "fleet: acme\nregions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16, routes: transit-gateway }\n  euw1: { cloud: aws, region: eu-west-1, cidr: 10.2.0.0/16 }\n",
      "fleet.yaml",
    );
    assert.ok(parsed.ok);
    const { files, manifest } = releaseOf(derivePlan(parsed.value), "use1-b");
    const shown = ["/etc/frr/frr.conf", "/etc/nftables.conf", "/etc/trunkline/gre"];
    assertGolden(
      join(__dirname, "golden/transit-gateway-use1-b"),
      Object.fromEntries(shown.map((path) => [path, files[path] ?? ""])),
    );
    const { neighbours } = Object(JSON.parse(manifest)).expects;
    for (const speaker of ["169.254.100.10", "169.254.100.11"]) assert.ok(neighbours.includes(speaker));
  });

  it("tells a transit gateway of every network alike, and with a longer AS path where it stands by", () => {
    const told = (more: string, gateway: string) => {
      const plan = fleetOf(["use1", "euw1", "apne1"], `defaults: { routes: transit-gateway${more} }\n`);
      const frr = releaseOf(plan, gateway).files["/etc/frr/frr.conf"] ?? "";
      const [, map = ""] = /^route-map to-transit-gateway permit 10\n([\s\S]*?)^exit$/m.exec(frr) ?? [];
      const asn = String(plan.regions.find(({ name }) => name === "use1")?.asn);
      const prefixes = [...frr.matchAll(/^ip prefix-list to-transit-gateway seq \d+ permit (\S+)$/gm)];
      return {
        map: map.replaceAll(asn, "ASN"),
        prefixes: prefixes.map(([, prefix]) => prefix).sort(),
        remote: plan.regions.flatMap(({ name, cidrs }) => (name === "use1" ? [] : cidrs)).sort(),
      };
    };
    const both = ["use1-a", "use1-b"].map((gateway) => told("", gateway));
    assert.deepEqual(both[0], both[1]);
    assert.deepEqual(both[0]?.prefixes, both[0]?.remote);
    assert.doesNotMatch(both[0]?.map ?? "", /as-path/);
    assert.doesNotMatch(told(", ha: active-standby", "use1-a").map, /as-path/);
    assert.match(told(", ha: active-standby", "use1-b").map, /^ set as-path prepend ASN$/m);
    assert.match(told(", ha: active-standby, gateways: 3", "use1-c").map, /^ set as-path prepend ASN ASN$/m);
  });

  for (const system of ["debian-12", "ubuntu-24.04"] as const)
    it(`${system}: what lies in its golden folder`, () => {
      const plan = fleetOf(
        ["use1", "euw1"],
        `management: { allowFrom: [203.0.113.0/24] }\ndefaults: { system: ${system} }\n`,
      );
      const { manifest, files } = releaseOf(plan, "use1-a");
      const ours = Object.entries(files).filter(([path]) => !path.startsWith("/usr/local/"));
      assertGolden(join(__dirname, `golden/${system}-use1-a`), Object.fromEntries(ours));
      assert.equal(Object(JSON.parse(manifest)).system, system);
    });

  it("says nothing of what the system's versions came before", () => {
    const daemons = (system: string) =>
      releaseOf(fleetOf(["use1", "euw1"], `defaults: { system: ${system} }\n`), "use1-a").files[
        "/etc/frr/daemons"
      ];
    assert.match(daemons("debian-13") ?? "", /mgmtd/);
    for (const system of ["debian-12", "ubuntu-24.04"]) assert.doesNotMatch(daemons(system) ?? "", /mgmtd/);
  });

  it("sets on every system what only the newer ones have by default", () => {
    for (const system of ["debian-13", "debian-12", "ubuntu-24.04"])
      assert.match(
        releaseOf(fleetOf(["use1", "euw1"], `defaults: { system: ${system} }\n`), "use1-a").files[
          "/etc/strongswan.conf"
        ] ?? "",
        /^ {2}make_before_break = yes$/m,
      );
  });

  it("is written for what the machine runs, and refuses what that does not know", () => {
    const plan = fleetOf(["use1", "euw1"]);
    const facts = previewFacts(plan, "use1-a");
    const older = { ...facts, self: { ...facts.self, system: "debian-12" as const } };
    const { manifest, files } = renderRelease(plan, "use1-a", older);
    assert.equal(Object(JSON.parse(manifest)).system, "debian-12");
    assert.doesNotMatch(files["/etc/frr/daemons"] ?? "", /mgmtd/);
    const ike = "aes256gcm16-prfsha384-ecp384-ke1_mlkem768";
    const later = fleetOf(["use1", "euw1"], `crypto: { ike: ${ike} }\n`);
    assert.throws(
      () => renderRelease(later, "use1-a", older),
      /use1-a: Debian 12 has strongSwan 5\.9\.8, and ke1_mlkem needs 6\.0\.2\. Raise its image epoch/,
    );
  });

  it("equal inputs give equal bytes, whatever the order of the regions", () => {
    fc.assert(
      fc.property(regionNames, (names) => {
        const gateway = `${names[0] ?? ""}-a`;
        const one = releaseOf(fleetOf(names), gateway);
        const other = releaseOf(fleetOf([...names].reverse()), gateway);
        assert.deepEqual(one, other);
      }),
      { numRuns: 50 },
    );
  });

  it("one more region changes no other tunnel's text", () => {
    fc.assert(
      fc.property(regionNames, (names) => {
        const [added, ...rest] = names;
        if (added === undefined) return;
        const gateway = `${rest[0] ?? ""}-a`;
        // Facts of their own: a peer's address is the cloud's, and stays.
        const after = fleetOf(names);
        const facts = previewFacts(after, gateway);
        const before = renderRelease(fleetOf(rest), gateway, facts).files;
        const now = renderRelease(after, gateway, facts).files;
        const [old, all] = [connections(before[swanctlPath] ?? ""), connections(now[swanctlPath] ?? "")];
        // Two to each other region, and one to the partner.
        assert.equal(old.size, 2 * (rest.length - 1) + 1);
        assert.equal(all.size, 2 * (names.length - 1) + 1);
        for (const [name, text] of old) assert.equal(all.get(name), text, name);
        const links = (now["/etc/trunkline/links"] ?? "").split("\n");
        for (const line of (before["/etc/trunkline/links"] ?? "").split("\n"))
          assert.ok(links.includes(line), line);
      }),
      { numRuns: 50 },
    );
  });

  it("one more region leaves every entry of FRR's lists as it was: a reload withdraws nothing", () => {
    fc.assert(
      fc.property(regionNames, (names) => {
        const [added, ...rest] = names;
        if (added === undefined) return;
        const gateway = `${rest[0] ?? ""}-a`;
        const entries = (plan: Plan) => {
          const frr = releaseOf(plan, gateway).files["/etc/frr/frr.conf"] ?? "";
          return frr.split("\n").filter((line) => /^ip prefix-list \S+ seq \d+ permit/.test(line));
        };
        const now = entries(fleetOf(names));
        for (const entry of entries(fleetOf(rest))) assert.ok(now.includes(entry), entry);
        const numbers = now.map((entry) => entry.replace(/ permit .*/, ""));
        assert.equal(new Set(numbers).size, numbers.length);
      }),
      { numRuns: 50 },
    );
  });

  it("names a release by the hash of its manifest, which holds the hash of every file", () => {
    const { hash, manifest, files } = releaseOf(fleetOf(["use1", "euw1"]), "use1-a");
    const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
    assert.equal(sha256(manifest), hash);
    const { files: described } = Object(JSON.parse(manifest));
    for (const [path, text] of Object.entries(files))
      assert.equal(Object(described)[path].sha256, sha256(text));
  });

  it("holds no private key, and the bundle nothing but the release", () => {
    const release = releaseOf(samplePlan(["use1", "euw1"]), "use1-a");
    const [program = "", manifest, ...lines] = bundleOf(release).trimEnd().split("\n");
    assert.match(program, /^trunkline\.bundle\/2 [A-Za-z0-9+/=]+$/);
    assert.equal(manifest, release.manifest);
    const contents = lines.map((line) => Buffer.from(line.split(" ")[1] ?? "", "base64").toString("utf8"));
    assert.deepEqual(contents.sort(), [...new Set(Object.values(release.files))].sort());
    for (const [path, text] of Object.entries(release.files))
      if (!path.startsWith("/usr/local/")) assert.doesNotMatch(text, /PRIVATE KEY|secret\s*=/i, path);
  });

  it("refuses a gateway that the plan does not have, and facts without a peer", () => {
    const plan = samplePlan(["use1", "euw1"]);
    const facts = previewFacts(plan, "use1-a");
    assert.throws(() => renderRelease(plan, "use1-z", facts), /no gateway use1-z/);
    assert.throws(() => renderRelease(plan, "use1-a", { ...facts, peers: {} }), /no address of euw1-a/);
  });

  it("accepts from a peer and tells it exactly the planned prefixes", () => {
    const plan = fleetOf(["use1", "euw1", "apne1"], "topology: hub-and-spoke\nhubs: [use1]\n");
    for (const { id } of plan.regions.flatMap(({ gateways }) => gateways)) {
      const frr = releaseOf(plan, id).files["/etc/frr/frr.conf"] ?? "";
      const region = id.split("-")[0] ?? "";
      for (const { from, to, prefixes } of plan.filters) {
        const list = to === region ? `from-${from}` : from === region ? `to-${to}` : undefined;
        if (list === undefined) continue;
        const permitted = [
          ...frr.matchAll(new RegExp(`^ip prefix-list ${list} seq \\d+ permit (\\S+)$`, "gm")),
        ];
        assert.deepEqual(
          permitted.map(([, prefix]) => prefix),
          [...prefixes],
          `${id}: ${list}`,
        );
      }
    }
  });
});
