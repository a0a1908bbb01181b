import assert from "node:assert/strict";
import type { Release } from "trunkline/gateway/release";
import type { GatewayStatus } from "trunkline/gateway/status";
import { changed } from "./changed";
import type { TwoGateways } from "./two-gateways";

/** A release with a file that its daemon would not take changes nothing. @param started what runs, once it does */
export function refusesBadFiles(
  started: () => { two: TwoGateways; good: Release; tunnelOf: (status: GatewayStatus) => unknown },
): void {
  for (const { path, from, to, says, why } of [
    {
      path: "/etc/frr/frr.conf",
      from: " bgp log-neighbor",
      to: " bgp lgo",
      says: /frr\.conf:\d+: /,
      why: "vtysh -C",
    },
    {
      path: "/etc/nftables.conf",
      from: "policy drop",
      to: "policy dorp",
      says: /nftables\.conf:\d+: /,
      why: "nft -c",
    },
    {
      path: "/etc/ssh/sshd_config.d/50-trunkline.conf",
      from: "X11Forwarding",
      to: "X12Forwarding",
      says: /50-trunkline\.conf:5: /,
      why: "sshd -t @slow",
    },
    {
      path: "/etc/systemd/system/trunkline-links.service",
      from: "Type=oneshot",
      to: "Type=no",
      says: /trunkline-links\.service:\d+: /,
      why: "systemd-analyze verify @slow",
    },
    {
      path: "/etc/swanctl/conf.d/trunkline.conf",
      from: "aes256gcm16-prfsha384-ecp384",
      to: "aes999",
      says: /trunkline\.conf:\d+: .*invalid value for: proposals/,
      why: "a charon of its own",
    },
    {
      path: "/etc/swanctl/x509/trunkline.pem",
      from: "MII",
      to: "AAA",
      says: /x509\/trunkline\.pem: .*failed/,
      why: "a charon of its own @slow",
    },
    {
      path: "/etc/strongswan.conf",
      from: "openssl",
      to: "nosuch",
      says: /strongswan\.conf|swanctl/,
      why: "a charon of its own @slow",
    },
  ])
    it(`${path} with "${to}" is refused before anything changes: ${why}`, async () => {
      const { two, good, tunnelOf } = started();
      const was = await two.status("use1-a");
      const bad = changed(good, path, from, to);
      await two.stage("use1-a", bad);
      const said = await two.run("use1-a", bad, "apply", bad.hash, "--confirm-within", "60s");
      assert.equal(said.code, 1, said.stdout);
      assert.match(said.stderr, /use1-a: /);
      assert.match(said.stderr, says);
      const now = await two.status("use1-a");
      assert.deepEqual(now.release, was.release);
      assert.deepEqual(tunnelOf(now), tunnelOf(was));
    });
}
