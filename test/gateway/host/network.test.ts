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
  const held = (there: unknown, file = lines, ways: unknown = []) => {
    host.write("/etc/trunkline/network", file);
    host.write("/run/said/ip_-json_addr_show", JSON.stringify(there));
    host.write("/run/said/ip_-json_-6_route_show_proto_84", JSON.stringify(ways));
    const said = host.run(["network"]);
    return { ...said, changed: host.calls().filter((call) => /^ip (addr|-6 route)/.test(call)) };
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

  describe("ways to peers", () => {
    const router = "fd8a:1b2c:3d00::1";
    const there = ens5(["10.10.0.4", 28], ["fd8a:1b2c:3d00::a", 64]);
    const to = (...peers: readonly string[]) =>
      `${lines}${peers.map((peer) => `to ${peer} via ${router}\n`).join("")}`;
    const way = (dst: string, gateway = router, dev = "ens5") => ({ dst, gateway, dev, protocol: "84" });

    it("lead by the router, and those that are there stay", () => {
      const { changed, stderr } = held(there, to("2001:db8::a", "2001:db8::b"), [way("2001:db8::a")]);
      assert.deepEqual(changed, [`ip -6 route replace 2001:db8::b via ${router} dev ens5 proto 84`], stderr);
    });

    it("to whom it is no more go, and those by another router are changed", () => {
      const ways = [way("2001:db8::a", "fe80::1"), way("2001:db8::c")];
      assert.deepEqual(held(there, to("2001:db8::a"), ways).changed, [
        "ip -6 route del 2001:db8::c proto 84",
        `ip -6 route replace 2001:db8::a via ${router} dev ens5 proto 84`,
      ]);
    });

    it("all go with the file", () => {
      host.write("/run/said/ip_-json_-6_route_show_proto_84", JSON.stringify([way("2001:db8::a")]));
      assert.deepEqual(JSON.parse(host.run(["network"]).stdout), { held: [] });
      assert.ok(host.calls().includes("ip -6 route del 2001:db8::a proto 84"));
    });

    for (const line of [
      "to 10.20.0.4 via fd8a::1",
      "to 2001:db8::a/64 via fd8a::1",
      "to 2001:db8::a by fd8a::1",
    ])
      it(`are to addresses: not ${line}`, () => {
        const { code, stderr } = held(there, `${lines}${line}\n`);
        assert.equal(code, 1);
        assert.match(stderr, /network:3: .* names no interface and address, and no way to a peer/);
      });
  });

  it("fails while no interface has the IPv4 address, so that systemd asks again", () => {
    const { code, stderr } = held(ens5());
    assert.equal(code, 1);
    assert.match(stderr, /no interface has 10\.10\.0\.4/);
  });

  it("does nothing where the network has no IPv6", () => {
    assert.deepEqual(JSON.parse(host.run(["network"]).stdout), { held: [] });
  });
});
