/**
 * What `systemd-analyze security` of Debian 13 says of each service that a release installs or puts into a cage: 0 is best,
 * 10 is a service without any protection. May only become less; `scenarios/gateway/release.test.ts` asks a gateway.
 */
export const exposure: Readonly<Record<string, number>> = {
  "strongswan.service": 2.5,
  "frr.service": 4,
  "trunkline-links.service": 2,
  "trunkline-boot.service": 2.2,
  "trunkline-espinudp.service": 0.6,
  "trunkline-metrics.service": 2.1,
  "trunkline-watch.service": 2,
  "trunkline-undrain.service": 2.4,
  "trunkline-routes.service": 2.1,
  "trunkline-network.service": 2.1,
  "trunkline-repair.service": 2.2,
};
