import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HostFolder } from "./machine";

const lines = "# a comment\n10.10.0.4 fd8a:1b2c:3d00::a/64\n";
const ens5 = (...addresses: readonly (readonly [string, number])[]) => [
  {},
  {
    ifname: "ens5",
    addr_info: addresses.map(([local, prefixlen]) => ({ local, prefixlen })),
  },
];

describe("trunkline-gateway network", () => {
  let host: HostFolder;
  beforeEach(() => (host = new HostFolder()));
  afterEach(() => host.remove());

  /** What `ip` was told, once it has said what is there. */
  const held = (there: unknown) => {
    host.write("/etc/trunkline/network", lines);
    host.write("/run/said/ip_-json_addr_show", JSON.stringify(there));
    const said = host.run(["network"]);
    const calls = readFileSync(join(host.root, "run/calls"), "utf8").split("\n");
    return { ...said, changed: calls.filter((call) => call.startsWith("ip addr")) };
  };
  const wanted = ["ip addr replace fd8a:1b2c:3d00::a/64 dev ens5 nodad"];

  it("gives the interface that has the IPv4 address its IPv6 address", () => {
    const { stdout, stderr, changed } = held(ens5(["10.10.0.4", 28]));
    assert.deepEqual(JSON.parse(stdout), { held: ["fd8a:1b2c:3d00::a/64"] }, stderr);
    assert.deepEqual(changed, wanted);
  });

  it("beside the one that came by DHCPv6, which says nothing of the subnet", () => {
    assert.deepEqual(held(ens5(["10.10.0.4", 28], ["fd8a:1b2c:3d00::a", 128])).changed, wanted);
  });

  it("leaves it alone where it is there", () => {
    assert.deepEqual(held(ens5(["10.10.0.4", 28], ["fd8a:1b2c:3d00::a", 64])).changed, []);
  });

  const file = "/run/systemd/network/10-netplan-ens5.network";
  const networkdHas = (about: unknown) => {
    host.write("/run/active/systemd-networkd", "");
    host.write("/run/said/networkctl_--json=short_status_ens5", JSON.stringify(about));
    assert.equal(held(ens5(["10.10.0.4", 28])).code, 0);
    return existsSync(join(host.root, `${file}.d`))
      ? readFileSync(join(host.root, `${file}.d/50-trunkline.conf`), "utf8")
      : undefined;
  };

  it("has networkd give it too where that sets the interface up, since it takes away what it has not given", () => {
    const told = "[Address]\nAddress=fd8a:1b2c:3d00::a/64\nDuplicateAddressDetection=none\n";
    assert.equal(networkdHas({ NetworkFile: file }), told);
  });

  it("tells networkd nothing of an interface that another program sets up", () =>
    assert.equal(networkdHas({ NetworkFile: null }), undefined));

  it("fails while no interface has the IPv4 address, so that systemd asks again", () => {
    const { code, stderr } = held(ens5());
    assert.equal(code, 1);
    assert.match(stderr, /no interface has 10\.10\.0\.4/);
  });

  it("does nothing where the network has no IPv6", () => {
    assert.deepEqual(JSON.parse(host.run(["network"]).stdout), { held: [] });
  });
});
