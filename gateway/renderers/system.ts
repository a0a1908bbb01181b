import type { GatewayView } from "../view";

/**
 * `/etc/sysctl.d/90-trunkline.conf`.
 * @see Linux kernel documentation, "IP Sysctl"
 */
export function renderSysctl(ipv6: boolean): string {
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
${ipv6 ? "net.ipv6.conf.all.forwarding = 1\nnet.ipv6.fib_multipath_hash_policy = 1\n" : ""}`;
}

/** `/etc/trunkline/links`: one XFRM interface per tunnel, as `trunkline-gateway links` makes them. */
export function renderLinks({ tunnels, partners }: GatewayView): string {
  const lines = [...tunnels, ...partners].map(
    ({ tunnel, self }) =>
      `${self.interface} ${String(self.ifId)} ${self.inside} ${String(tunnel.mtu)} # ${tunnel.id}\n`,
  );
  return `# interface, if_id, inside address, MTU\n${lines.join("")}`;
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
# A pusher whose network is gone ends, and its turn with it.
ClientAliveInterval 15
ClientAliveCountMax 3
`;
}
