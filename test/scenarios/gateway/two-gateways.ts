import { execFileSync, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { derivePlan } from "trunkline/fleet/derive";
import { parseFleet } from "trunkline/fleet/parse";
import type { Plan } from "trunkline/fleet/plan";
import { previewFacts } from "trunkline/gateway/preview";
import type { Ppks } from "trunkline/gateway/ppk";
import { ensureScript, gatewayProgram } from "trunkline/gateway/push";
import type { Release } from "trunkline/gateway/release";
import { bundleOf, renderRelease } from "trunkline/gateway/render";
import { type GatewayStatus, gatewayStatus } from "trunkline/gateway/status";
import { renderUserData } from "trunkline/gateway/user-data";
import { z } from "zod";
import type { ExecResult, LabClient } from "../../../lab/client/client";
import { up } from "../../../lab/commands";
import { engineEnvironment } from "../../../lab/engine-environment";
import { parseExposition, type Sample } from "../../gateway/host/exposition";
import { TestAuthority } from "../../gateway/authority";

/** The two that are there; the others of the plan are peers that never answer. */
export const gateways = ["use1-a", "euw1-a"] as const;
export type Gateway = (typeof gateways)[number];

export const addresses = { "use1-a": "198.18.0.11", "euw1-a": "198.18.0.12" } as const;
export const networks = { "use1-a": "10.10", "euw1-a": "10.20" } as const;

/**
 * @param more lines for regions beside the two
 * @param fields further fields of region use1, such as `system: debian-12`
 * @param lines further lines of the fleet itself
 */
export function planOf(
  more: readonly string[] = [],
  fields: readonly string[] = [],
  lines: readonly string[] = [],
): Plan {
  const own = ["cloud: aws", "region: us-east-1", "cidr: 10.10.0.0/16", ...fields].join(", ");
  const regions = [`use1: { ${own} }`];
  regions.push("euw1: { cloud: aws, region: eu-west-1, cidr: 10.20.0.0/16 }", ...more);
  const parsed = parseFleet(
    `fleet: acme\nmanagement: { allowFrom: [203.0.113.0/24] }\n${lines.map((line) => `${line}\n`).join("")}regions:\n${regions.map((line) => `  ${line}\n`).join("")}`,
    "fleet.yaml",
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return derivePlan(parsed.value);
}

/** Of what `ping` prints: each answer's number, counted from one. */
const sequencesOf = (printed: string): number[] =>
  [...printed.matchAll(/icmp_seq=(\d+) ttl/g)].map(([, sequence]) => Number(sequence));

/** A lab with one gateway in each of two networks, and an authority; no engine, no route service. */
export class TwoGateways {
  readonly authority = new TestAuthority();
  readonly #certificates = new Map<Gateway, string>();
  readonly #hostKeys = new Map<Gateway, string>();

  private constructor(
    readonly lab: LabClient,
    private readonly folder: string,
  ) {}

  /** @param plan what the machines run, and the kinds of their keys */
  static async start(plan: Plan = planOf()): Promise<TwoGateways> {
    const folder = mkdtempSync(join(tmpdir(), "trunkline-gw-"));
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, "push")]);
    const two = new TwoGateways(await up({ folder: join(folder, "lab") }), folder);
    try {
      await Promise.all(gateways.map((gateway) => two.#create(gateway, plan)));
      return two;
    } catch (error) {
      await two.end();
      throw error;
    }
  }

  async end(): Promise<void> {
    await this.lab.down();
    this.lab.close();
    this.authority.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async exec(
    gateway: Gateway,
    argv: readonly string[],
    stdin = "",
    deadlineSeconds = 60,
  ): Promise<ExecResult> {
    return this.lab.exec(`i-${gateway}`, argv, { stdin, deadlineSeconds });
  }

  render(plan: Plan, gateway: Gateway, ppks: Ppks = {}): Release {
    const preview = previewFacts(plan, gateway);
    const facts = {
      ...preview,
      self: {
        ...preview.self,
        privateAddress: `${networks[gateway]}.0.4`,
        routerAddress: `${networks[gateway]}.0.1`,
      },
      peers: { ...preview.peers, ...addresses },
      certificate: this.#certificates.get(gateway) ?? "",
      roots: [this.authority.root],
      intermediates: [],
    };
    return renderRelease(plan, gateway, facts, ppks);
  }

  /** As the push script does: the bundle brings the program that receives it. */
  async stage(gateway: Gateway, release: Release): Promise<void> {
    const receiver = "import base64,sys;exec(base64.b64decode(sys.stdin.readline().split()[1]))";
    await this.must(gateway, ["python3", "-EsB", "-c", receiver, "stage"], bundleOf(release));
  }

  /** The staged release's own program. */
  run(gateway: Gateway, { hash }: Release, ...words: string[]): Promise<ExecResult> {
    const program = `/var/lib/trunkline/releases/${hash}/files/usr/local/sbin/trunkline-gateway`;
    return this.exec(gateway, ["python3", "-EsB", program, ...words], "", 120);
  }

  async ensure(gateway: Gateway, release: Release): Promise<void> {
    await this.stage(gateway, release);
    for (const words of [
      ["apply", release.hash, "--confirm-within", "60s"],
      ["health"],
      ["confirm", release.hash],
    ]) {
      const run = () => this.run(gateway, release, ...words);
      // As the push script does: what has just begun may need a while.
      const said = await (words[0] === "health" ? this.until(run, ({ code }) => code === 0, 40) : run());
      if (said.code !== 0) throw new Error(`${gateway}: ${words.join(" ")}: ${said.stderr}`);
    }
  }

  /** Both at once. */
  async ensureAll(plan: Plan): Promise<void> {
    await Promise.all(gateways.map((gateway) => this.ensure(gateway, this.render(plan, gateway))));
  }

  /** The real script over the real `ssh`, from the lab's management host. */
  push(gateway: Gateway, release: Release, confirmSeconds: number): Promise<ExecResult> {
    const child = spawn("/bin/sh", ["-c", ensureScript], {
      env: {
        ...engineEnvironment(this.lab),
        TRUNKLINE_ADDRESS: addresses[gateway],
        TRUNKLINE_USER: "root",
        TRUNKLINE_PUSH_KEY: readFileSync(join(this.folder, "push"), "utf8"),
        TRUNKLINE_HOST_KEYS: this.#hostKeys.get(gateway) ?? "",
        TRUNKLINE_RELEASE: release.hash,
        TRUNKLINE_CONFIRM_SECONDS: String(confirmSeconds),
      },
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(bundleOf(release));
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ code: code ?? 255, stdout, stderr }));
    });
  }

  /** Pings each way, ten a second, until after `step`: how many went out before the last answer, and how many had one. */
  async counting(step: () => Promise<void>): Promise<Record<Gateway, { sent: number; answered: number }>> {
    const pinging = gateways.map((gateway) => {
      const other = gateway === "use1-a" ? "euw1-a" : "use1-a";
      const to = `${networks[other]}.0.4`;
      const words = ["ping", "-i", "0.1", "-W", "2", "-I", `${networks[gateway]}.0.4`, to];
      return this.exec(gateway, words, "", 600);
    });
    // Awaited below; until then a rejection is not nobody's.
    for (const one of pinging) one.catch(() => undefined);
    // Its error comes first, but no ping outlives it.
    const failed = await step().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    // What is under way when a ping ends has no answer: the last that has one is after the step, and all before it count.
    if (failed === undefined)
      for (const gateway of gateways) {
        const to = `${networks[gateway === "use1-a" ? "euw1-a" : "use1-a"]}.0.4`;
        const from = `${networks[gateway]}.0.4`;
        await this.must(gateway, ["ping", "-q", "-c", "5", "-i", "0.2", "-W", "5", "-I", from, to]);
      }
    for (const gateway of gateways) await this.exec(gateway, ["pkill", "-INT", "-x", "ping"]);
    const said = await Promise.all(pinging);
    if (failed !== undefined) throw failed.error;
    const counted = said.map(({ stdout, stderr }) => {
      const sequences = new Set(sequencesOf(stdout));
      if (sequences.size === 0) throw new Error(`nothing was answered: ${stdout}${stderr}`);
      return { sent: Math.max(...sequences), answered: sequences.size };
    });
    const [one = { sent: 0, answered: 0 }, other = { sent: 0, answered: 0 }] = counted;
    return { "use1-a": one, "euw1-a": other };
  }

  /**
   * Pings of a hundred a second from each of these gateways to the other, from before `step` until after it.
   * @returns for each, how many had no answer of those sent before the last that had one
   */
  async unanswered(from: readonly Gateway[], step: () => Promise<void>): Promise<number[]> {
    const file = "/run/pings";
    const answered = async (gateway: Gateway) => sequencesOf(await this.must(gateway, ["cat", file]));
    const more = async () => {
      for (const gateway of from) {
        const already = (await answered(gateway)).length;
        await this.until(
          () => answered(gateway),
          (now) => now.length > already + 20,
        );
      }
    };
    const pids: string[] = [];
    for (const gateway of from) {
      const to = `${networks[gateway === "use1-a" ? "euw1-a" : "use1-a"]}.0.4`;
      const ping = `ping -i 0.01 -W 2 -I ${networks[gateway]}.0.4 ${to} > ${file} 2>&1 < /dev/null & echo $!`;
      // The file is there, and empty, before anybody reads it: what runs behind opens it in its own time.
      pids.push((await this.must(gateway, ["sh", "-c", `: > ${file}; setsid ${ping}`])).trim());
    }
    try {
      await more();
      await step();
      await more();
    } finally {
      // None outlives its step: the next would count its answers.
      await Promise.all(
        from.map((gateway, index) => this.must(gateway, ["kill", "-INT", pids[index] ?? ""])),
      );
    }
    return Promise.all(
      from.map(async (gateway) => {
        const sequences = await answered(gateway);
        return Math.max(...sequences) - new Set(sequences).size;
      }),
    );
  }

  async status(gateway: Gateway): Promise<GatewayStatus> {
    return gatewayStatus.parse(JSON.parse(await this.must(gateway, ["trunkline-gateway", "status"])));
  }

  /** The gateway's own page of metrics, made now. */
  async metrics(gateway: Gateway): Promise<Sample[]> {
    // A run of the timer's that is under way has looked already.
    await this.must(gateway, ["systemctl", "restart", "trunkline-metrics.service"]);
    return parseExposition(
      await this.must(gateway, ["cat", "/var/lib/prometheus/node-exporter/trunkline.prom"]),
    );
  }

  async must(gateway: Gateway, argv: readonly string[], stdin = ""): Promise<string> {
    const { code, stdout, stderr } = await this.exec(gateway, argv, stdin);
    if (code !== 0) throw new Error(`${gateway}: ${argv.join(" ").slice(0, 100)}: ${stderr}`);
    return stdout;
  }

  /** Asks until it holds. @throws Error with the last answer, once the time is over */
  async until<T>(ask: () => Promise<T>, holds: (answer: T) => boolean, seconds = 60): Promise<T> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const answer = await ask();
      if (holds(answer)) return answer;
      if (Date.now() > deadline)
        throw new Error(`not within ${String(seconds)} s: ${JSON.stringify(answer, null, 1)}`);
    }
  }

  async #create(gateway: Gateway, plan: Plan): Promise<void> {
    const planned = plan.regions.flatMap((region) => region.gateways).find(({ id }) => id === gateway);
    if (planned === undefined || planned.system === "ubuntu-24.04")
      throw new Error(`${gateway} has no machine here`);
    const id = (kind: string) => `${kind}-${gateway}`;
    const network = id("vpc");
    const block = `${networks[gateway]}.0.0`;
    const all = { protocol: "all", peer: { cidr: "0.0.0.0/0" } } as const;
    const { lab } = this;
    await lab.put({
      kind: "network",
      id: network,
      name: network,
      cloud: "aws",
      cloudRegion: "us-east-1",
      cidrs: [`${block}/16`],
    });
    await lab.put({ kind: "internetGateway", id: id("igw"), name: "igw", network });
    await lab.put({
      kind: "routeTable",
      id: id("rtb"),
      name: "public",
      network,
      propagatedFrom: [],
      routes: [{ cidr: "0.0.0.0/0", target: { internetGateway: id("igw") } }],
    });
    await lab.put({
      kind: "subnet",
      id: id("subnet"),
      name: "a",
      network,
      zone: "us-east-1a",
      cidr: `${block}/28`,
      routeTable: id("rtb"),
    });
    await lab.put({
      kind: "firewall",
      id: id("sg"),
      name: "sg",
      network,
      rules: [
        { id: id("sgr-in"), direction: "ingress", ...all },
        { id: id("sgr-out"), direction: "egress", ...all },
      ],
    });
    await lab.put({
      kind: "interface",
      id: id("eni"),
      name: "eni",
      subnet: id("subnet"),
      address: `${networks[gateway]}.0.4`,
      firewalls: [id("sg")],
      sourceDestinationCheck: false,
      mac: gateway === "use1-a" ? "02:00:00:00:00:01" : "02:00:00:00:00:02",
    });
    await lab.put({
      kind: "publicAddress",
      id: id("eip"),
      name: "eip",
      address: addresses[gateway],
      interface: id("eni"),
    });
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await lab.put({
      kind: "machine",
      id: id("i"),
      name: gateway,
      interface: id("eni"),
      hostname: gateway,
      image: planned.system,
      power: "on",
      userData: renderUserData({
        pushPublicKey: readFileSync(join(this.folder, "push.pub"), "utf8"),
        bootstrapHostKey: privateKey.export({ type: "sec1", format: "pem" }).toString(),
      }),
    });
    const said = await this.must(gateway, ["python3", "-", "hostkey"], gatewayProgram());
    this.#hostKeys.set(gateway, z.object({ hostKey: z.string() }).parse(JSON.parse(said)).hostKey);
    const { identity, keyAlgorithm } = planned;
    const answer = await this.must(
      gateway,
      ["python3", "-", "csr", "--identity", identity, "--epoch", "1", "--algorithm", keyAlgorithm],
      gatewayProgram(),
    );
    this.#certificates.set(
      gateway,
      this.authority.sign(z.object({ csr: z.string() }).parse(JSON.parse(answer)).csr),
    );
  }
}
