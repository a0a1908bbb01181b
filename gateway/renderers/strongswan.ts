/**
 * `/etc/strongswan.conf`, the whole file: only the plugins that are used, so that charon starts in a fraction of the
 * time and offers nothing else. `fragment_size` counts the IP header, of either family: IPv6's least MTU is just that.
 * @see strongSwan documentation, "strongswan.conf"
 */
export function renderStrongswan(): string {
  return `charon-systemd {
  load = ${plugins.join(" ")}
  # XFRM interfaces have routes from BGP.
  install_routes = no
  install_virtual_ip = no
  # A reauthentication that ends the old SA first loses packets. The default from strongSwan 6.0 on only.
  make_before_break = yes
  # An RSA key signs as RFC 8247 section 4.2 asks for it: PSS, in place of PKCS #1 v1.5.
  rsa_pss = yes
  # Dead-peer detection is retransmission: 14 s in place of 165 s.
  retransmit_timeout = 2
  retransmit_base = 1.4
  retransmit_tries = 3
  # A name or peer that failed is tried again after this.
  retry_initiate_interval = 5
  # RFC 7296 section 2.6: cookies only under attack; all peers of a mesh may come at once.
  cookie_threshold = 100
  block_threshold = 20
  fragment_size = 1280
  journal {
    default = 1
    # Keys never stand in a log.
    enc = 0
  }
}
swanctl {
  load = ${clientPlugins.join(" ")}
}
`;
}

const plugins = [
  "random",
  "nonce",
  "x509",
  "revocation",
  "constraints",
  "pubkey",
  "pkcs1",
  "pkcs8",
  "pem",
  "openssl",
  "kdf",
  "kernel-netlink",
  "socket-default",
  "vici",
  // `swanctl --counters`: what `trunkline-gateway metrics` reads.
  "counters",
] as const;
const clientPlugins = ["pem", "x509", "pkcs1", "pkcs8", "pubkey", "openssl", "random"] as const;
