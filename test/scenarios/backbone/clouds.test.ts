import assert from "node:assert/strict";
import { longestSilence } from "../../../automation/verify/flow";
import { azureRouteServerHabits, cloudRouterHabits } from "../../../lab/fabric/route-service-habits";
import { hearsAliasAlone } from "./azure-told";
import { type Backbone, bringsUp, planOf } from "./backbone";
import { nothingLost, shown, under as underTraffic } from "./measured";

const plan = planOf(["use1", "euw1", "apne1"], {
  euw1: "{ cloud: gcp, region: europe-west1, cidr: 10.20.0.0/16 }",
  apne1: "{ cloud: azure, region: japaneast, cidr: 10.30.0.0/16 }",
});
const halvesOf = (octet: number) => [`10.${String(octet)}.0.0/17`, `10.${String(octet)}.128.0/17`];
/** Namespaces of networks, and what the region's gateways tell them of. */
const google = {
  gateway: "euw1-a",
  network: "vpc.acme-euw1-network",
  told: ["10.10.0.0/16", "10.30.0.0/16"],
  halves: [...halvesOf(10), ...halvesOf(30)],
};
const azure = {
  gateway: "apne1-a",
  network: "vnet.acme-apne1.acme-apne1-network",
  told: ["10.10.0.0/16", "10.20.0.0/16"],
  halves: [...halvesOf(10), ...halvesOf(20)],
};
const { keepaliveSeconds, holdFactor } = cloudRouterHabits;
const { bgp } = azureRouteServerHabits;
/** Either would go on sending to a gateway that is gone for so long at the least. */
const keptSeconds = Math.min(keepaliveSeconds * (holdFactor - 1), bgp.holdSeconds - bgp.keepaliveSeconds);

describe("a fleet of AWS, Azure and Google Cloud", function () {
  this.timeout(600_000);
  let backbone: Backbone;
  bringsUp(plan, (up) => (backbone = up));

  const under = (step: () => Promise<void>) => underTraffic(backbone, step);
  /** Routes that the region's route service gave its network: destination to the devices of gateways, sorted. */
  const learned = async (network: string): Promise<Record<string, readonly string[]>> => {
    const { stdout } = await backbone.site.probes.run(
      "fabric",
      ["ip", "-json", "-n", network, "route", "show", "table", "all", "proto", "186"],
      { deadlineSeconds: 60 },
    );
    const routes: readonly { dst: string; dev?: string; nexthops?: readonly { dev: string }[] }[] =
      JSON.parse(stdout || "[]");
    return Object.fromEntries(
      routes.map(({ dst, dev, nexthops }) => [
        dst,
        (nexthops?.map((hop) => hop.dev) ?? (dev === undefined ? [] : [dev])).sort(),
      ]),
    );
  };
  const untilLearned = async (
    network: string,
    is: (routes: Record<string, readonly string[]>) => boolean,
    what: string,
  ) => {
    const deadline = Date.now() + 120_000;
    for (;;) {
      const routes = await learned(network);
      if (is(routes)) return routes;
      if (Date.now() > deadline) throw new Error(`the network never ${what}: ${JSON.stringify(routes)}`);
    }
  };

  it("all proofs hold, across and within clouds", async () => {
    assert.deepEqual(await backbone.failing(), []);
    await backbone.sendsAsComputed();
  });

  it("what FRR runs is its file, at a gateway of each cloud", async () => {
    for (const gateway of ["use1-a", "euw1-a", "apne1-a"]) {
      const script =
        "/usr/lib/frr/frr-reload.py --test --stdout /etc/frr/frr.conf 2>&1 | grep -A99 'Lines To' || true";
      const lines = (await backbone.sh(gateway, script))
        .split("\n")
        // Its hostname is the machine's own, as the cloud names it.
        .filter((line) => !/^(Lines To|=*$|(no )?hostname )/.test(line));
      assert.deepEqual(lines, [], gateway);
    }
  });

  it("a network is told networks alone while both gateways are there: on Google Cloud one way each, on Azure both", async () => {
    for (const { network, told } of [google, azure]) {
      const ways = network === google.network ? 1 : 2;
      const routes = await untilLearned(
        network,
        (now) => Object.values(now).every((devices) => devices.length === ways),
        `has ${String(ways)} each`,
      );
      assert.deepEqual(Object.keys(routes).sort(), told);
      assert.equal(new Set(Object.values(routes).flat()).size, ways);
    }
  });

  it("Azure's Route Server hears of the 16-bit alias and of no other ASN, and speaks no other", async () => {
    await hearsAliasAlone(backbone, plan, azure.gateway);
    await untilLearned(
      azure.network,
      (routes) => azure.told.every((network) => routes[network]?.length === 2),
      "has both gateways' routes again",
    );
  });

  it("a loses its power, on Google Cloud and on Azure: halves by b take what goes out, long before a is forgotten", async () => {
    const before = new Map(
      await Promise.all(
        [google, azure].map(async ({ network }) => [network, await learned(network)] as const),
      ),
    );
    const flows = await under(async () => {
      for (const { gateway } of [google, azure])
        await backbone.site.probes.power(backbone.instanceOf(gateway), "off");
      for (const { network, told, halves } of [google, azure]) {
        const now = await untilLearned(
          network,
          (routes) => halves.every((half) => half in routes),
          "has halves",
        );
        // The route service still keeps what a told: the halves alone lead past it, and by one way.
        const [first = ""] = told;
        assert.deepEqual(now[first], before.get(network)?.[first]);
        const past = new Set(halves.flatMap((half) => now[half] ?? []));
        assert.equal(past.size, 1);
        if (network === google.network) assert.ok(!past.has(now[first]?.[0] ?? ""));
      }
    });
    for (const flow of flows) assert.ok(longestSilence(flow) < keptSeconds / 2, shown(flow));
  });

  it("both are back: halves go when they have ways again, and nothing is lost @slow", async () => {
    const flows = await under(async () => {
      for (const { gateway } of [google, azure])
        await backbone.site.probes.power(backbone.instanceOf(gateway), "on");
      for (const { network, halves } of [google, azure])
        await untilLearned(
          network,
          (routes) => halves.every((half) => !(half in routes)),
          "is rid of halves",
        );
    });
    nothingLost(flows);
    // A route service that still has the session of before takes no other: its next word, once a minute on Azure, finds nobody.
    assert.deepEqual(await backbone.failing(), []);
  });
});
