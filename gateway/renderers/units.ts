import type { Family } from "../../fleet/family";
import { knows, type System } from "../../fleet/system";

/**
 * UDP, of a socket on the gateway: none that IANA gave to UDP, and below the ports that programs are given (32768 on).
 * @see IANA, "Service Name and Transport Protocol Port Number Registry"
 */
export const espInUdpPort = 4502;

/**
 * systemd's files by name below `/etc/systemd`: our own units, and what is added to those of the daemons. They bind the
 * daemons to the links, bring back what falls, and leave each process no more than it needs.
 * @param outside what the gateway speaks to other regions over, beside IPv4
 * @see systemd.exec(5), systemd.service(5), systemd.socket(5), systemd.timer(5)
 */
export function renderUnits(system: System, outside: Family): Readonly<Record<string, string>> {
  const restarting = restartingOn(system);
  return {
    "system/trunkline-links.service": `[Unit]
Description=XFRM interfaces of Trunkline's tunnels
DefaultDependencies=no
After=trunkline-boot.service systemd-sysctl.service local-fs.target
Before=network-pre.target strongswan.service frr.service
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/trunkline-gateway links
${lines({
  ...nobodysBusiness,
  ProtectSystem: "strict",
  CapabilityBoundingSet: "CAP_NET_ADMIN",
  RestrictAddressFamilies: "AF_NETLINK AF_UNIX",
  SystemCallFilter: "@system-service",
})}
[Install]
WantedBy=multi-user.target
`,
    "system/trunkline-boot.service": `[Unit]
Description=Back to the confirmed release, if the machine went down before a confirmation
DefaultDependencies=no
RequiresMountsFor=/var/lib/trunkline
After=local-fs.target
Before=systemd-sysctl.service trunkline-links.service nftables.service strongswan.service frr.service ssh.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/trunkline-gateway boot
# It puts files of a release back, wherever they belong: what is left is that it touches no device and no network.
${lines({
  ...nobodysBusiness,
  CapabilityBoundingSet: "CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID",
  RestrictAddressFamilies: "AF_UNIX",
  SystemCallFilter: "@system-service",
})}
[Install]
WantedBy=multi-user.target
`,
    "system/trunkline-undrain.service": `[Unit]
Description=Traffic comes back when the tunnels are up again
After=strongswan.service frr.service

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/trunkline-gateway after-restart
TimeoutStartSec=2min
${lines({
  ...nobodysBusiness,
  // It writes FRR's file.
  ProtectSystem: "yes",
  PrivateTmp: "yes",
  CapabilityBoundingSet: "CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_NET_ADMIN",
  RestrictAddressFamilies: "AF_NETLINK AF_UNIX",
  SystemCallFilter: "@system-service",
})}`,
    "system/trunkline-espinudp.socket": `[Unit]
Description=Where ESP in UDP comes in while charon does not run

[Socket]
# No packet is sent to this port, and the firewall admits none: nftables.conf hands over what came for port 4500. systemd
# holds the socket, so there is no process that could die.
ListenDatagram=0.0.0.0:${String(espInUdpPort)}
${outside === "ipv6" ? `ListenDatagram=[::]:${String(espInUdpPort)}\nBindIPv6Only=ipv6-only\n` : ""}Transparent=yes

[Install]
WantedBy=sockets.target
`,
    "system/trunkline-espinudp.service": `[Unit]
Description=Has the kernel take ESP in UDP by a socket of systemd's
Requires=trunkline-espinudp.socket
After=trunkline-espinudp.socket

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/trunkline-gateway espinudp
${lines({
  ...nobodysBusiness,
  // It sets one option of a socket that it is given.
  DynamicUser: "yes",
  ProtectSystem: "strict",
  ProtectProc: "invisible",
  ProcSubset: "pid",
  PrivateTmp: "yes",
  PrivateNetwork: "yes",
  PrivateUsers: "yes",
  CapabilityBoundingSet: "",
  RestrictAddressFamilies: "none",
  SystemCallFilter: "@system-service",
})}
[Install]
WantedBy=multi-user.target
`,
    ...timed("watch", "Restarts a daemon of Trunkline's that runs and does not answer", 30, {
      CapabilityBoundingSet: "CAP_DAC_OVERRIDE",
    }),
    ...timed("metrics", "Metrics of Trunkline's gateway for node-exporter's textfile collector", 60, {
      CapabilityBoundingSet: "CAP_DAC_OVERRIDE CAP_NET_ADMIN",
    }),
    "system/strongswan.service.d/trunkline.conf": `${restarting}${drainedStart}# What is started beside charon needs a + before it: this is charon's cage.
${lines({
  ...nobodysBusiness,
  ProtectSystem: "strict",
  ReadWritePaths: "/run",
  PrivateTmp: "yes",
  // Without CAP_SYS_MODULE: the kernel itself loads what XFRM needs.
  CapabilityBoundingSet: "CAP_NET_ADMIN CAP_NET_BIND_SERVICE CAP_NET_RAW",
  RestrictAddressFamilies: "AF_INET AF_INET6 AF_NETLINK AF_UNIX",
  // charon sets how long the kernel holds what waits for an SA (net.core.xfrm_acq_expires).
  ProtectKernelTunables: "no",
  SystemCallFilter: "@system-service",
})}`,
    "system/frr.service.d/trunkline.conf": `${restarting}${lines({
      ...nobodysBusiness,
      ProtectSystem: "full",
      PrivateTmp: "yes",
      // Its daemons start as root, take their files, and go on as user frr; zebra asks for SYS_ADMIN to look at
      // network namespaces.
      CapabilityBoundingSet:
        "CAP_NET_ADMIN CAP_NET_BIND_SERVICE CAP_NET_RAW CAP_SYS_ADMIN CAP_SETUID CAP_SETGID CAP_SETPCAP CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID CAP_KILL CAP_SYS_NICE",
      RestrictAddressFamilies: "AF_INET AF_INET6 AF_NETLINK AF_UNIX AF_PACKET",
      // zebra switches forwarding.
      ProtectKernelTunables: "no",
      SystemCallFilter: "@system-service",
    })}`,
    // Logs take what they may and no more: a full disk would end the daemons' states with them.
    "journald.conf.d/50-trunkline.conf": `[Journal]
SystemMaxUse=200M
RuntimeMaxUse=32M
`,
    // An upgrade of systemd starts networkd again, which takes away routes and rules that it has not made: FRR's, charon's.
    "networkd.conf.d/50-trunkline.conf": `[Network]
ManageForeignRoutes=no
ManageForeignRoutingPolicyRules=no
`,
  };
}

/**
 * Of a gateway that moves its network's routes: `trunkline-gateway routes`, which runs for as long as the machine.
 * @param address whether it moves an address as well: then charon and the machine's own interface do as it says
 */
export function renderRoutesUnit(address: boolean): string {
  return `[Unit]
Description=Moves the network's routes${address ? " and its address" : ""} to the gateway that carries
After=frr.service${address ? " strongswan.service network-online.target\nWants=network-online.target" : ""}
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=2s
ExecStart=/usr/local/sbin/trunkline-gateway routes
RuntimeDirectory=trunkline
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
${lines({
  ...nobodysBusiness,
  ProtectSystem: "strict",
  ProtectProc: "invisible",
  PrivateTmp: "yes",
  CapabilityBoundingSet: address ? "CAP_DAC_OVERRIDE CAP_NET_ADMIN" : "CAP_DAC_OVERRIDE",
  // The cloud's API and metadata, and FRR's terminal.
  RestrictAddressFamilies: "AF_INET AF_INET6 AF_NETLINK AF_UNIX",
  SystemCallFilter: "@system-service",
})}
[Install]
WantedBy=multi-user.target
`;
}

/** Of a gateway whose route service keeps routes of one that is gone: `trunkline-gateway repair`, for as long as the machine. */
export function renderRepairUnit(): string {
  return `[Unit]
Description=Tells the route service both halves of each network while a partner is gone
After=frr.service
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=1s
ExecStart=/usr/local/sbin/trunkline-gateway repair
${lines({
  ...nobodysBusiness,
  ProtectSystem: "strict",
  ProtectProc: "invisible",
  PrivateTmp: "yes",
  // It asks its partners by ICMP, and FRR by its terminal.
  CapabilityBoundingSet: "CAP_DAC_OVERRIDE CAP_NET_RAW",
  RestrictAddressFamilies: "AF_INET6 AF_UNIX",
  SystemCallFilter: "@system-service",
})}
[Install]
WantedBy=multi-user.target
`;
}

/**
 * Of a gateway with an IPv6 address: `trunkline-gateway network`, once the cloud has given the interface its IPv4.
 * @param outside whether peers are reached by it: then before charon calls them
 */
export function renderNetworkUnit(outside: Family): string {
  return `[Unit]
Description=IPv6 address of the gateway in its own network
After=network-online.target
${outside === "ipv6" ? "Before=strongswan.service\n" : ""}Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=oneshot
RemainAfterExit=yes
# Whatever calls the network online on this system may be early.
Restart=on-failure
RestartSec=1s
ExecStart=/usr/local/sbin/trunkline-gateway network
${lines({
  ...nobodysBusiness,
  ProtectSystem: "strict",
  // What it tells networkd.
  ReadWritePaths: "/run",
  PrivateTmp: "yes",
  CapabilityBoundingSet: "CAP_NET_ADMIN",
  RestrictAddressFamilies: "AF_NETLINK AF_UNIX",
  SystemCallFilter: "@system-service",
})}
[Install]
WantedBy=multi-user.target
`;
}

/**
 * A daemon comes back for ever, after 1 s at first and 10 s in the end: a gateway that gave up would need a hand. What
 * made it wait is forgotten when it has run for a while (`trunkline-gateway watch`). An older systemd waits 1 s each time.
 */
function restartingOn(system: System): string {
  const steps = knows(system, "RestartSteps") ? "RestartSteps=5\nRestartMaxDelaySec=10s\n" : "";
  return `[Unit]
After=trunkline-links.service
Wants=trunkline-links.service
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=1s
${steps}`;
}

/**
 * A charon that starts makes new SAs, and each peer drops the old one, which the kernel still uses, a moment before the
 * new one is there. So what can go another way does, until all tunnels are up again.
 */
const drainedStart = `ExecStartPre=-+/usr/local/sbin/trunkline-gateway before-restart
ExecStartPost=-+/usr/bin/systemctl --no-block restart trunkline-undrain.service
`;

/** What no process of a gateway needs. */
const nobodysBusiness = {
  NoNewPrivileges: "yes",
  LockPersonality: "yes",
  MemoryDenyWriteExecute: "yes",
  PrivateDevices: "yes",
  ProtectClock: "yes",
  ProtectControlGroups: "yes",
  ProtectHome: "yes",
  ProtectHostname: "yes",
  ProtectKernelLogs: "yes",
  ProtectKernelModules: "yes",
  ProtectKernelTunables: "yes",
  RestrictNamespaces: "yes",
  RestrictRealtime: "yes",
  RestrictSUIDSGID: "yes",
  SystemCallArchitectures: "native",
} as const;

function lines(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

/** One verb of the gateway's program, again and again. */
function timed(
  verb: string,
  about: string,
  everySeconds: number,
  settings: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    [`system/trunkline-${verb}.service`]: `[Unit]
Description=${about}
# Asked by hand beside the timer, it starts as often as it is asked.
StartLimitIntervalSec=0

[Service]
Type=oneshot
TimeoutStartSec=5min
ExecStart=/usr/local/sbin/trunkline-gateway ${verb}
RuntimeDirectory=trunkline
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=yes
${lines({
  ...nobodysBusiness,
  ...settings,
  ProtectSystem: "strict",
  ReadWritePaths: "/var/lib",
  PrivateTmp: "yes",
  RestrictAddressFamilies: "AF_NETLINK AF_UNIX",
  SystemCallFilter: "@system-service",
})}`,
    [`system/trunkline-${verb}.timer`]: `[Unit]
Description=${about}

[Timer]
OnActiveSec=60s
OnUnitInactiveSec=${String(everySeconds)}s
# Not all gateways of a fleet that came up together, in the same moment.
RandomizedDelaySec=10s
AccuracySec=1s

[Install]
WantedBy=timers.target
`,
  };
}
