import type { PlannedTunnel } from "../../fleet/plan";
import type { GatewayFacts } from "../facts";
import type { GatewayView, PartnerView } from "../view";
import { ownIpv6 } from "./own-ipv6";
import { ppkId } from "./ppk";

/**
 * `/etc/swanctl/conf.d/trunkline.conf`: one connection with one child SA per tunnel. Every word is known from
 * strongSwan 5.9.6 on; what a newer version brought is asked of `knows` (fleet/system.ts).
 * @see strongSwan documentation, "swanctl.conf"
 */
export function renderSwanctl(view: GatewayView, facts: GatewayFacts): string {
  const { region, gateway, tunnels, partners } = view;
  const own = { identity: gateway.identity, address: facts.self.privateAddress };
  const outside =
    region.shared === undefined
      ? own
      : { identity: region.shared.identity, address: sharedAddress(region.name, facts) };
  const connections = [
    ...tunnels.map((tunnel) =>
      connection(
        tunnel,
        tunnel.tunnel.outside === "ipv6" ? { ...own, address: ownIpv6(view, facts).address } : outside,
        facts,
      ),
    ),
    ...partners.map((partner) => connection(partner, own, facts)),
  ];
  return `# IKE and child SAs of ${gateway.id}. Certificates and the key are found by the local identity.
connections {
${connections.join("")}}
`;
}

function connection(
  { tunnel, self, peer, peerIdentity, starts }: PartnerView,
  { identity, address }: { readonly identity: string; readonly address: string },
  facts: GatewayFacts,
): string {
  const { ikeSa, childSa } = tunnel;
  return `  ${tunnel.id} {
    version = 2
    local_addrs = ${address}
    remote_addrs = ${addressOf(peer.gateway, facts)}
    ${always[tunnel.outside]}
    encap = yes
    mobike = no
    # An end that restarted would leave its old SA behind; the newer one stays.
    unique = replace
    # A peer that is not there yet is asked for ever.
    keyingtries = 0
    fragmentation = yes
${tunnel.managed === undefined ? childless.force : childless.allow}    proposals = ${ikeSa.proposal}
    rekey_time = ${seconds(ikeSa.rekeySeconds)}
    over_time = ${seconds(ikeSa.overSeconds)}
    dpd_delay = ${seconds(ikeSa.dpdDelaySeconds)}
${
  tunnel.managed === undefined
    ? certificates(tunnel, identity, peerIdentity)
    : presharedKeys(publicIdentity(facts), addressOf(peer.gateway, facts))
}    children {
      ${tunnel.id} {
        # Everything may pass; routes decide what does (route-based, one XFRM interface).
        local_ts = ${selectors(tunnel)}
        remote_ts = ${selectors(tunnel)}
        if_id_in = ${String(self.ifId)}
        if_id_out = ${String(self.ifId)}
        esp_proposals = ${childSa.proposal}
        rekey_time = ${seconds(childSa.rekeySeconds)}
        life_time = ${seconds(childSa.lifeSeconds)}
${starting[starts]}        replay_window = 1024
      }
    }
  }
`;
}

const childless = {
  force: `    # The child SA has an exchange of its own, so that a wrong group shows at once and not at the first rekey.
    childless = force
`,
  // RFC 6023 is an extension, and no vendor says that its managed gateway has it.
  allow: `    childless = allow
`,
} as const;

function certificates(tunnel: PlannedTunnel, identity: string, peerIdentity: string): string {
  return `    send_cert = always
${ppkLines(tunnel)}    local {
      auth = pubkey
      # No certs: naming them would end the SA when the certificate is renewed.
      id = ${identity}
    }
    remote {
      auth = pubkey
      id = ${peerIdentity}
      revocation = relaxed
    }
`;
}

/** A managed gateway knows its peer by the public address that it was told of, and is known by its own. */
function presharedKeys(own: string, peer: string): string {
  return `    send_cert = never
    local {
      auth = psk
      id = ${own}
    }
    remote {
      auth = psk
      id = ${peer}
    }
`;
}

/** AWS, "AWS Site-to-Site VPN": a tunnel of IPv4 has IPv4 selectors alone. */
function selectors({ managed }: PlannedTunnel): string {
  return managed === undefined ? "0.0.0.0/0,::/0" : "0.0.0.0/0";
}

/** Keys that came of a classical key exchange alone would be open to who records today and has a quantum computer later. */
function ppkLines({ id, ppk }: PlannedTunnel): string {
  if (ppk === undefined) return "";
  return `    # Mixed into the keys of the IKE SA, and of all child SAs so (RFC 8784).
    ppk_id = ${ppkId(id)}
    ppk_required = ${ppk.required ? "yes" : "no"}
`;
}

/** Why `encap`. */
const always = {
  ipv4: `# Behind 1:1 NAT, or within the network: always ESP in UDP (RFC 7296 section 2.23), so that no detection can fail
    # and one firewall rule does.`,
  ipv6: `# No NAT is on the way, and yet ESP in UDP, as over IPv4: the same firewall rules do, nobody in between has to know
    # ESP, and what is left of a charon that was killed is taken by the same socket.`,
} as const;

/**
 * One end of each tunnel calls: of two SAs that are made in the same moment, `unique` sees neither, and both stay. An end
 * whose address moves always does, as soon as it is there: its peer still holds the SA of who had it before, and with a new
 * one from the same identity drops it (`unique`) long before it notices that nobody answers.
 */
const starting = {
  calls: `        # Start alone gives up while the peer is not loaded yet; the trap starts it again.
        start_action = trap|start
        dpd_action = restart
`,
  waits: `        # The other end calls.
        start_action = none
        dpd_action = clear
`,
  held: `        # Whoever holds the pair's address calls, by trunkline-routes; without it nothing would arrive.
        start_action = none
        dpd_action = clear
`,
} as const satisfies Record<PartnerView["starts"], string>;

function seconds(count: number): string {
  return `${String(count)}s`;
}

function sharedAddress(region: string, { self }: GatewayFacts): string {
  if (self.sharedAddress === undefined)
    throw new Error(`The facts hold no address that the pair of ${region} shares.`);
  return self.sharedAddress;
}

/** What a gateway calls itself towards a managed one: the address that the cloud knows it by. @throws Error without one */
export function publicIdentity({ self }: GatewayFacts): string {
  if (self.publicAddress === undefined)
    throw new Error("The facts hold no public address of the gateway itself.");
  return self.publicAddress;
}

/** @throws Error when the facts hold no address of a peer */
export function addressOf(gateway: string, { peers }: GatewayFacts): string {
  const address = peers[gateway];
  if (address === undefined) throw new Error(`The facts hold no address of ${gateway}.`);
  return address;
}
