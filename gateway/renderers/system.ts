import type { GatewayView } from "../view";

/**
 * `/etc/sysctl.d/90-trunkline.conf`.
 * @see Linux kernel documentation, "IP Sysctl"
 */
export function renderSysctl(): string {
  return `net.ipv4.ip_forward = 1
# The way out and the way back may differ, and a tunnel's source is not the interface's network.
net.ipv4.conf.all.rp_filter = 0
net.ipv4.conf.default.rp_filter = 0
# Flows spread over equal tunnels by addresses and ports.
net.ipv4.fib_multipath_hash_policy = 1
net.ipv4.conf.all.accept_redirects = 0
net.ipv4.conf.default.accept_redirects = 0
net.ipv4.conf.all.send_redirects = 0
net.ipv4.conf.default.send_redirects = 0
net.ipv6.conf.all.accept_redirects = 0
net.ipv6.conf.default.accept_redirects = 0
net.ipv4.conf.all.accept_source_route = 0
`;
}

/** `/etc/trunkline/links`: one XFRM interface per tunnel, as `trunkline-gateway links` makes them. */
export function renderLinks({ tunnels, partners }: GatewayView): string {
  const lines = [...tunnels, ...partners].map(
    ({ tunnel, self }) =>
      `${self.interface} ${String(self.ifId)} ${self.inside} ${String(tunnel.mtu)} # ${tunnel.id}\n`,
  );
  return `# interface, if_id, inside address, MTU\n${lines.join("")}`;
}

/** Units by file name: they bind the daemons to the links, and bring back what falls. */
export function renderUnits(): Readonly<Record<string, string>> {
  return {
    "trunkline-links.service": `[Unit]
Description=XFRM interfaces of Trunkline's tunnels
DefaultDependencies=no
After=trunkline-boot.service systemd-sysctl.service local-fs.target
Before=network-pre.target strongswan.service frr.service
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/trunkline-gateway links

[Install]
WantedBy=multi-user.target
`,
    "trunkline-boot.service": `[Unit]
Description=Back to the confirmed release, if the machine went down before a confirmation
DefaultDependencies=no
RequiresMountsFor=/var/lib/trunkline
After=local-fs.target
Before=systemd-sysctl.service trunkline-links.service nftables.service strongswan.service frr.service ssh.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/trunkline-gateway boot

[Install]
WantedBy=multi-user.target
`,
    "trunkline-undrain.service": `[Unit]
Description=Traffic comes back when the tunnels are up again
After=strongswan.service frr.service

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/trunkline-gateway after-restart
TimeoutStartSec=90s
`,
    "strongswan.service.d/trunkline.conf": restarting("trunkline-links.service", drainedStart),
    "frr.service.d/trunkline.conf": restarting("trunkline-links.service"),
  };
}

/**
 * A charon that starts makes new SAs, and each peer drops the old one, which the kernel still uses, a moment before the
 * new one is there. So what can go another way does, until all tunnels are up again.
 */
const drainedStart = `ExecStartPre=-/usr/local/sbin/trunkline-gateway before-restart
ExecStartPost=-/usr/bin/systemctl --no-block restart trunkline-undrain.service
`;

function restarting(after: string, more = ""): string {
  return `[Unit]
After=${after}
Wants=${after}
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=1s
${more}`;
}

/** `/etc/ssh/sshd_config.d/50-trunkline.conf`: the push key only, and the host key made on the machine. */
export function renderSshd(): string {
  return `HostKey /etc/ssh/trunkline_host_ed25519
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
X11Forwarding no
AllowTcpForwarding no
AllowAgentForwarding no
PermitTunnel no
`;
}
