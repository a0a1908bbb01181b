import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { derivePlan } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import { allTunnels, hostOf, type Plan } from "trunkline/fleet/plan";
import { waysTo } from "trunkline/fleet/ways";
import { previewFacts } from "trunkline/gateway/preview";
import { renderRelease } from "trunkline/gateway/render";
import { z } from "zod";
import type { LabClient } from "../../../lab/client/client";
import { up } from "../../../lab/commands";

const region = (cloudRegion: string, octet: number, fields = "") =>
  `{ cloud: aws, region: ${cloudRegion}, cidr: 10.${String(octet)}.0.0/16${fields} }`;

function planOf(more: string, fields: Readonly<Record<"use1" | "euw1" | "apne1" | "sae1", string>>): Plan {
  const regions = [
    `use1: ${region("us-east-1", 10, fields.use1)}`,
    `euw1: ${region("eu-west-1", 20, fields.euw1)}`,
    `apne1: ${region("ap-northeast-1", 30, fields.apne1)}`,
    `sae1: ${region("sa-east-1", 40, fields.sae1)}`,
  ];
  const parsed = parseFleet(
    `fleet: acme\n${more}regions:\n${regions.map((line) => `  ${line}\n`).join("")}`,
    "fleet.yaml",
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return derivePlan(parsed.value);
}

const med = ", ha: active-standby";
const prepend = `${med}, preference: prepend`;
const hubs = "topology: hub-and-spoke\nhubs: [use1, apne1]\n";
/** Gateways by the prefixes that they send to, and the gateways that they send by. */
type Wants = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
interface Step {
  readonly lose?: string;
  readonly begin?: string;
  readonly tell?: Readonly<Record<string, readonly string[]>>;
  readonly wants: Wants;
}

const answer = z.object({ wrong: z.array(z.array(z.array(z.unknown()))) });

/** What bgpd reads of a release: not what stands on kernel, BFD and network, which are not there. */
function configuration(plan: Plan, gateway: string): string {
  const facts = previewFacts(plan, gateway);
  const { files } = renderRelease(plan, gateway, { ...facts, endpoints: [] });
  const absent =
    /^ip route | bfd( profile .*)?$| ttl-security |^(no ipv6 forwarding|service integrated-vtysh-config)$/;
  return (files["/etc/frr/frr.conf"] ?? "")
    .replace(/^bfd\n( .*\n)*exit\n/m, "")
    .split("\n")
    .filter((line) => !absent.test(line))
    .map((line) => line.replace("timers connect 10", "timers connect 1"))
    .map((line) =>
      line === " bgp log-neighbor-changes"
        ? `${line}\n bgp disable-ebgp-connected-route-check\n no bgp network import-check`
        : line,
    )
    .join("\n");
}

/** In the fabric's kernel, which has the same FRR as gateways: ten bgpds of a fleet where ten machines would be. */
describe("what bgpd chooses of what gateways are told with", function () {
  this.timeout(400_000);
  let lab: LabClient;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "trunkline-told-"));
    lab = await up({ folder: join(folder, "lab") });
  });
  after(async () => {
    await lab.down();
    lab.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const idsOf = ({ regions }: Plan) => regions.flatMap(({ gateways }) => gateways.map(({ id }) => id));
  /** The address of a gateway's end of its tunnel with another. */
  const addressAt = (plan: Plan, of: string, towards: string): string => {
    const found = allTunnels(plan)
      .flatMap(({ ends: [one, other] }) => [
        [one, other],
        [other, one],
      ])
      .find(([near, far]) => near?.gateway === of && far?.gateway === towards);
    return hostOf(found?.[0]?.inside ?? "");
  };
  const asnOf = ({ regions }: Plan, gateway: string): number =>
    regions.find(({ gateways }) => gateways.some(({ id }) => id === gateway))?.asn ?? 0;
  /** What the plan computes for each gateway and each network of another region. */
  const computed = (plan: Plan, lost?: string): Wants =>
    Object.fromEntries(
      idsOf(plan)
        .filter((id) => id !== lost)
        .map((id) => [
          id,
          Object.fromEntries(
            plan.regions.flatMap(({ name, cidrs, gateways }) =>
              gateways.some((own) => own.id === id)
                ? []
                : cidrs.map((cidr) => [cidr, waysTo(plan, name, lost).next.get(id) ?? []]),
            ),
          ),
        ]),
    );
  const chosen = async (plan: Plan, steps: readonly Step[]): Promise<void> => {
    const gateways = Object.fromEntries(
      idsOf(plan).map((id) => [
        id,
        {
          conf: configuration(plan, id),
          addresses: allTunnels(plan)
            .flatMap(({ ends }) => ends)
            .filter(({ gateway }) => gateway === id)
            .map(({ inside }) => hostOf(inside)),
        },
      ]),
    );
    const addressed = steps.map(({ wants, ...step }) => ({
      ...step,
      wants: Object.fromEntries(
        Object.entries(wants).map(([id, prefixes]) => [
          id,
          Object.fromEntries(
            Object.entries(prefixes).map(([prefix, by]) => [
              prefix,
              by.map((peer) => addressAt(plan, peer, id)),
            ]),
          ),
        ]),
      ),
    }));
    const program = readFileSync(join(__dirname, "told.py"), "utf8");
    const words = [
      "env",
      "PATH=/usr/lib/frr:/usr/sbin:/usr/bin:/sbin:/bin",
      "unshare",
      "-n",
      "python3",
      "-c",
      program,
    ];
    const said = await lab.exec("fabric", words, {
      stdin: JSON.stringify({ gateways, steps: addressed }),
      deadlineSeconds: 390,
    });
    assert.equal(said.code, 0, said.stderr);
    const names = new Map(
      allTunnels(plan)
        .flatMap(({ ends }) => ends)
        .map(({ inside, gateway }) => [hostOf(inside), gateway]),
    );
    const readable = (_: string, value: unknown) =>
      typeof value === "string" ? (names.get(value) ?? value) : value;
    for (const [index, wrong] of answer.parse(JSON.parse(said.stdout)).wrong.entries())
      assert.deepEqual(
        wrong,
        [],
        `${JSON.stringify({ ...steps[index], wants: {} })}: ${JSON.stringify(wrong, readable, 1)}`,
      );
  };
  const lossOfEach = (plan: Plan): Step[] => [
    { wants: computed(plan) },
    ...idsOf(plan).flatMap((id) => [
      { lose: id, wants: computed(plan, id) },
      { begin: id, wants: computed(plan) },
    ]),
  ];

  for (const { what, plan } of [
    {
      what: "a mesh @slow",
      plan: planOf("", { use1: med, euw1: "", apne1: ", gateways: 1", sae1: prepend }),
    },
    {
      what: "hubs @slow",
      plan: planOf(hubs, { use1: med, euw1: "", apne1: ", gateways: 1", sae1: prepend }),
    },
    {
      what: "hubs, three gateways in a spoke @slow",
      plan: planOf(hubs, { use1: prepend, euw1: `${med}, gateways: 3`, apne1: "", sae1: "" }),
    },
    {
      what: "hubs, one of a single gateway",
      plan: planOf(hubs, { use1: prepend, euw1: med, apne1: ", gateways: 1", sae1: ", gateways: 1" }),
    },
  ])
    it(`in ${what}, is what the plan computes: before and after the loss of each gateway`, () =>
      chosen(plan, lossOfEach(plan)));

  it("MEDs of two ASNs are compared: where they are not, a hub's gateway that stands by carries", () => {
    const plan = planOf(hubs, { use1: med, euw1: "", apne1: ", gateways: 1", sae1: "" });
    const router = `router bgp ${String(asnOf(plan, "euw1-a"))}`;
    // Of what counts as equal then, apne1-a has the lowest BGP identifier, so that it is compared with each.
    const alone = [router, "no bgp always-compare-med", "bgp bestpath compare-routerid"];
    return chosen(plan, [
      { wants: { "euw1-a": { "10.40.0.0/16": ["apne1-a", "use1-a"] } } },
      { tell: { "euw1-a": alone }, wants: { "euw1-a": { "10.40.0.0/16": ["apne1-a", "use1-a", "use1-b"] } } },
      { tell: { "euw1-a": [router, "bgp always-compare-med"] }, wants: computed(plan) },
    ]);
  });

  const preferences = [
    { preference: "med", fields: med },
    { preference: "prepend @slow", fields: prepend },
  ];
  for (const { preference, fields } of preferences)
    it(`${preference}: one's own tunnel to the gateway that stands by comes before the partner's to the first`, () => {
      const plan = planOf("", { use1: fields, euw1: "", apne1: ", gateways: 1", sae1: ", gateways: 1" });
      const down = `neighbor ${addressAt(plan, "use1-a", "euw1-a")} shutdown`;
      const router = `router bgp ${String(asnOf(plan, "euw1-a"))}`;
      const map = "route-map from-partner permit 10";
      return chosen(plan, [
        { wants: computed(plan) },
        { tell: { "euw1-a": [router, down] }, wants: { "euw1-a": { "10.10.0.0/16": ["use1-b"] } } },
        // Without it, the partner's path is the shorter one, or has the lower MED.
        {
          tell: { "euw1-a": [map, "no set local-preference", "end", "clear bgp ipv4 unicast * soft"] },
          wants: { "euw1-a": { "10.10.0.0/16": ["euw1-b"] } },
        },
      ]);
    });

  for (const { preference, fields } of preferences)
    it(`${preference}: what drains comes last, and where all drain, each gateway keeps its own tunnels`, () => {
      const plan = planOf("", { use1: fields, euw1: "", apne1: ", gateways: 1", sae1: ", gateways: 1" });
      const drained = [`router bgp ${String(asnOf(plan, "use1-a"))}`, "bgp graceful-shutdown"];
      const wants = (by: string): Wants => ({
        "euw1-a": { "10.10.0.0/16": [by] },
        "euw1-b": { "10.10.0.0/16": [by] },
      });
      return chosen(plan, [
        { wants: computed(plan) },
        // The gateway itself hands what it still gets to its partner.
        {
          tell: { "use1-a": drained },
          wants: { ...wants("use1-b"), "use1-a": { "10.20.0.0/16": ["use1-b"] } },
        },
        // Two that start again at once both drain, and nobody hands anything to and fro.
        {
          tell: { "use1-b": drained },
          wants: { ...wants("use1-a"), "use1-a": { "10.20.0.0/16": ["euw1-a", "euw1-b"] } },
        },
      ]);
    });
});
