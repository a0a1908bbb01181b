import assert from "node:assert/strict";
import { z } from "zod";
import { openLab } from "../../lab/client/open";
import { Backbone, planOf } from "../scenarios/backbone/backbone";

const region = (cloudRegion: string, cidr: string, ipv6: string) =>
  `{ cloud: aws, region: ${cloudRegion}, cidr: ${cidr}, gateways: 1, ipv6: { cidr: "${ipv6}", pool: ipam-pool-0123456789abcdef0 } }`;
const plan = planOf(["use1", "euw1"], {
  use1: region("us-east-1", "10.10.0.0/16", "fd8a:1b2c:3d00::/56"),
  euw1: region("eu-west-1", "10.20.0.0/16", "fd8a:1b2c:3e00::/56"),
});
const gateway = "use1-a";

const statusSchema = z.object({
  status: z.string(),
  extended_status: z.string(),
  detail: z.string(),
  errors: z.array(z.unknown()),
  recoverable_errors: z.record(z.string(), z.unknown()),
});

/** Needs `trunkline-setup --image debian-13-cloud`, as `npm run test:slow` has it done. */
describe("a gateway that boots all of Debian 13, with cloud-init and our user data", function () {
  this.timeout(600_000);
  let backbone: Backbone;
  before(async () => {
    // Cloud-init needs longer than the lab's short form, and the product waits as long as on a cloud.
    const further = { TRUNKLINE_LAB_CLOUD_INIT: "acme-use1-pair-a", TRUNKLINE_REACH_SECONDS: "180" };
    backbone = await Backbone.start(plan, further);
  });
  after(() => backbone.end());

  const sh = (script: string) => backbone.sh(gateway, script);
  /** Of a program that waits for the boot's end. */
  const waited = async (...argv: readonly string[]) => {
    const { run } = backbone.site.probes;
    return (await run(backbone.instanceOf(gateway), argv, { deadlineSeconds: 240 })).stdout;
  };
  const cloudInit = async () =>
    statusSchema.parse(JSON.parse(await waited("cloud-init", "status", "--wait", "--format", "json")));
  /** Boot has ended, and nothing failed in it. */
  const isRunning = async () => {
    const state = await waited("systemctl", "is-system-running", "--wait");
    assert.equal(await sh("systemctl --failed --plain --no-legend"), "");
    assert.equal(state.trim(), "running");
  };
  const userData = async () => {
    const lab = await openLab(backbone.site.environment["TRUNKLINE_LAB"]);
    try {
      const { objects } = await lab.world();
      const machine = objects[backbone.instanceOf(gateway)];
      assert.ok(machine?.kind === "machine");
      assert.equal(machine.image, "debian-13-cloud");
      return machine.userData;
    } finally {
      lab.close();
    }
  };

  it("has its address, router, MTU and resolver by DHCP, and its name by metadata", async () => {
    const own = backbone.live.regions.flatMap(({ gateways }) => gateways).find(({ id }) => id === gateway);
    const address = own?.privateAddress ?? "";
    assert.match(
      await sh("ip -4 address show dev ens5"),
      new RegExp(`mtu 1500.*\\n +inet ${address}/\\d+ .*dynamic`),
    );
    assert.match(await sh("ip route show default"), /^default via 10\.10\.\d+\.\d+ dev ens5 proto dhcp /m);
    assert.match(await sh("resolvectl dns ens5"), / 10\.10\.0\.2$/m);
    assert.equal((await sh("hostname -f")).trim(), `ip-${address.replaceAll(".", "-")}.ec2.internal`);
  });

  it("cloud-init found EC2, ran the user data as it was given, and has nothing to complain of", async () => {
    const said = await cloudInit();
    assert.equal(said.extended_status, "done", JSON.stringify(said));
    assert.deepEqual([said.errors, said.recoverable_errors], [[], {}]);
    assert.match(said.detail, /^DataSourceEc2Local/);
    assert.equal(await sh("cat /var/lib/cloud/instance/user-data.txt"), await userData());
  });

  it("cloud-init's schema knows the user data, and takes all that it made of it", async () => {
    // A script has no schema but its first line: what is none is refused (status 1).
    const said = await sh("cloud-init schema --system 2>&1");
    assert.match(said, /text\/x-shellscript/);
    assert.doesNotMatch(said, /Invalid|Error/);
  });

  it("no unit failed", isRunning);

  it("admits the push key alone, with the host key made on the machine", async () => {
    assert.match(await sh("cat /root/.ssh/authorized_keys"), /^restrict ssh-ed25519 \S+\s*$/);
    // cloud-init makes the system's own user, and nobody has a key for it.
    assert.equal(await sh("cat /home/*/.ssh/authorized_keys"), "");
    assert.equal(
      await sh("ls /etc/ssh/*bootstrap* /etc/ssh/sshd_config.d/*bootstrap* 2> /dev/null || true"),
      "",
    );
    const effective = await sh("sshd -T");
    assert.match(effective, /^permitrootlogin (prohibit-password|without-password)$/m);
    assert.match(effective, /^passwordauthentication no$/m);
    assert.deepEqual(
      [...new Set(effective.match(/^hostkey .*$/gm))],
      ["hostkey /etc/ssh/trunkline_host_ed25519"],
    );
  });

  it("holds every proof", async () => {
    assert.deepEqual(await backbone.failing(), []);
  });

  it("keeps its routes and rules when networkd starts again, as an upgrade of systemd has it", async () => {
    const routes = () => sh("ip rule; ip route show table all; ip -6 rule; ip -6 route show table main");
    const before = await routes();
    await sh("systemctl restart systemd-networkd.service");
    await sh("/usr/lib/systemd/systemd-networkd-wait-online --interface ens5 --timeout 60");
    const deadline = Date.now() + 60_000;
    // What DHCP gave comes again a moment later.
    while ((await routes()) !== before && Date.now() < deadline);
    assert.equal(await routes(), before);
    assert.deepEqual(await backbone.failing(), []);
  });

  it("comes back from a loss of power by itself, and runs no user data again", async () => {
    const keys =
      "sha256sum /etc/ssh/trunkline_host_ed25519 /root/.ssh/authorized_keys /etc/ssh/ssh_host_*_key";
    const before = await sh(keys);
    const { power } = backbone.site.probes;
    await power(backbone.instanceOf(gateway), "off");
    await power(backbone.instanceOf(gateway), "on");
    assert.equal((await cloudInit()).extended_status, "done");
    await isRunning();
    assert.equal(await sh(keys), before);
    assert.deepEqual(await backbone.failing(), []);
  });
});
