import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { planFleet } from "trunkline/fleet/derive";
import { decodeFleet, parseFleet } from "trunkline/fleet/parse";
import { type Problem, type ProblemCode, problemCodes } from "trunkline/fleet/problem";
import { badCloudFiles } from "./bad-cloud-files";
import { badExistingFiles } from "./bad-existing-files";
import { badFiles } from "./bad-files";
import { badManagedFiles } from "./bad-managed-files";
import { badRolloutFiles } from "./bad-rollout-files";

function problemsOf(text: string): readonly Problem[] {
  const parsed = parseFleet(text, "fleet.yaml");
  if (!parsed.ok) return parsed.problems;
  const planned = planFleet(parsed.value);
  return planned.ok ? [] : planned.problems.filter(({ severity }) => severity === "error");
}

/** Codes that no fleet file small enough for a test yields, each with the test that covers it. */
const elsewhere: readonly ProblemCode[] = [
  // Collisions of hashes: test/fleet/laws.test.ts looks for them in every plan.
  "InterfaceConflict",
  "AddressConflict",
  "RouterIdConflict",
  // Warnings, below.
  "NoStandby",
  "SingleGateway",
  "ElasticIpQuota",
  "NetworkQuota",
  "RouteServerCoversOthers",
  // test/fleet/clouds.test.ts
  "AzureRouteServerRoutesExceeded",
  "AzureRouteServerCoversOthers",
  "CloudRouterRoutesExceeded",
  "CloudRouterCoversOthers",
  // test/fleet/routes.test.ts
  "RouteTableRoutesExceeded",
  "RouteTableCoversOthers",
  "AgentAlone",
  // test/fleet/managed.test.ts
  "InsideCidrConflict",
  "ManagedConnectionQuota",
  // test/fleet/gcp-managed.test.ts
  "ManagedConnectionsExceeded",
  "ManagedPeerOfItsCloud",
  // test/fleet/azure-managed.test.ts
  "InsideCidrPool",
  "AzureVpnRoutesExceeded",
  // test/fleet/transit-gateway.test.ts
  "TransitGatewayRoutesExceeded",
  "TransitGatewayQuota",
];

describe("a bad fleet file", () => {
  for (const { what, text, says } of [
    ...badFiles,
    ...badCloudFiles,
    ...badExistingFiles,
    ...badManagedFiles,
    ...badRolloutFiles,
  ])
    it(`${what}: ${says.join(", ").slice(0, 80)}`, () => {
      const found = problemsOf(text);
      const places = found.map(
        ({ code, at }) => `${code} ${String(at?.line ?? 1)}:${String(at?.column ?? 1)}`,
      );
      assert.deepEqual(
        [...new Set(places)].slice(0, says.length),
        [...new Set(says)],
        JSON.stringify(found.slice(0, 4), null, 1),
      );
      for (const { message, remedy } of found) {
        assert.match(message, /\.$/);
        assert.ok(remedy.length > 5 && message.length < 500, message);
      }
    });

  it("with thousands of regions, keys and problems is answered in seconds", () => {
    const lines = Array.from(
      { length: 15_000 },
      (_, index) => `  R${String(index)}: { cloud: gcp, region: mars, cidr: x, foo: 1 }\n`,
    );
    const began = process.cpuUsage();
    assert.ok(problemsOf(`fleet: Acme\nregions:\n${lines.join("")}`).length > 15_000);
    const { user } = process.cpuUsage(began);
    // Of this process alone, so that a busy machine is no failure. Comparing each key with each took 25 s.
    assert.ok(user < 12e6, `${String(user / 1e6)} s`);
  });

  it("says nothing by AWS's rules of a region of another cloud", () => {
    const text =
      "fleet: acme\nregions:\n  weu: { cloud: oracle, region: eu-zurich-1, cidr: 10.10.0.0/16, size: x }\n";
    const parsed = parseFleet(text, "fleet.yaml");
    assert.deepEqual(parsed.ok ? [] : parsed.problems.map(({ path }) => path), ["regions.weu.cloud"]);
  });

  it("says of what is too short, too small or too large what would do", () => {
    const said = problemsOf(
      "fleet: ''\nregions:\n  use1: { cloud: aws, region: us-east-1, cidrs: [], epochs: { a: { key: 0, image: 1000000 } } }\nlinks: [[use1], [use1, a, b]]\n",
    ).map(({ message, remedy }) => `${message} ${remedy}`);
    assert.deepEqual(said, [
      "The text is empty. Write a name, or remove the key.",
      "The list is too short. Write at least 1.",
      "0 is too small. Write at least 1.",
      "1000000 is too large. Write at most 999999.",
      "The list is too short. Write at least 2.",
      "The list is too long. Write at most 2.",
    ]);
  });

  it("says of a value of the wrong type how to write it", () => {
    const remedies = (value: string): string[] =>
      problemsOf(`fleet: ${value}\nregions: {}\nhubs: use1\ntrust: { rootDays: '9' }\n`).map(
        ({ remedy }) => remedy,
      );
    assert.ok(remedies("7").includes('Put it in quotes if it is what you mean: "7".'));
    assert.ok(remedies("[]").includes("Write one value, with no brackets and nothing below it."));
    assert.ok(remedies("").includes("Write a value behind the key, or remove the key."));
    assert.ok(remedies("acme").includes("Put it in brackets: [use1]."));
    assert.ok(remedies("acme").includes("Write digits alone, with no quotes, no unit and no point."));
  });

  it("of bytes that are no UTF-8 is said so", () => {
    const [problem] = problemsOf(decodeFleet(Uint8Array.of(0x66, 0x3a, 0x20, 0xff, 0xfe, 0x0a)));
    assert.equal(problem?.code, "NotText");
  });

  it("a region with one gateway is warned of, once, and still planned", () => {
    const parsed = parseFleet(
      "fleet: acme\nregions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16, gateways: 1 }\n  euw1: { cloud: aws, region: eu-west-1, cidr: 10.2.0.0/16 }\n",
      "fleet.yaml",
    );
    assert.ok(parsed.ok);
    const planned = planFleet(parsed.value);
    assert.ok(planned.ok);
    assert.deepEqual(
      planned.warnings.map(({ code, at }) => `${code} ${String(at?.line)}`),
      ["SingleGateway 3"],
    );
  });

  for (const { what, text, says } of [
    {
      what: "a region of its own",
      text: "regions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16, gateways: 1, ha: active-standby }\n",
      says: ["NoStandby 3:78"],
    },
    {
      what: "a default",
      text: "defaults: { ha: active-standby }\nregions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16, gateways: 1 }\n  euw1: { cloud: aws, region: eu-west-1, cidr: 10.2.0.0/16 }\n",
      says: ["NoStandby 4:71"],
    },
    {
      what: "a pair",
      text: "regions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16, ha: active-standby }\n",
      says: [],
    },
    {
      what: "a gateway that carries all",
      text: "regions:\n  use1: { cloud: aws, region: us-east-1, cidr: 10.1.0.0/16, gateways: 1 }\n",
      says: [],
    },
  ])
    it(`a standby that there is none of is warned of: ${what}`, () => {
      const parsed = parseFleet(`fleet: acme\n${text}`, "fleet.yaml");
      assert.ok(parsed.ok);
      const places = parsed.warnings.map(
        ({ code, at }) => `${code} ${String(at?.line)}:${String(at?.column)}`,
      );
      assert.deepEqual(places, says);
    });

  it("more addresses and networks in one cloud region than a fresh account has are warned of", () => {
    const lines = Array.from(
      { length: 6 },
      (_, index) =>
        `  r${String(index)}: { cloud: aws, region: us-east-1, cidr: 10.${String(index)}.0.0/16 }\n`,
    );
    const parsed = parseFleet(`fleet: acme\nregions:\n${lines.join("")}`, "fleet.yaml");
    assert.ok(parsed.ok);
    const codes = parsed.warnings.map(({ code }) => code);
    assert.ok(codes.includes("ElasticIpQuota") && codes.includes("NetworkQuota"), codes.join());
  });

  it("shows every code there is, and the reference explains each", () => {
    const shown = new Set(
      [...badFiles, ...badCloudFiles, ...badExistingFiles, ...badManagedFiles, ...badRolloutFiles].flatMap(
        ({ says }) => says.map((word) => word.split(" ")[0]),
      ),
    );
    const missing = Object.keys(problemCodes).filter(
      (code) => !shown.has(code) && !elsewhere.some((other) => other === code),
    );
    assert.deepEqual(missing, []);
    const reference = readFileSync(join(__dirname, "../../docs/errors.md"), "utf8");
    for (const [code, meaning] of Object.entries(problemCodes))
      assert.ok(reference.includes(`\`${code}\``) && reference.includes(meaning), code);
  });
});
