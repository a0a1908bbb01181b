import { createHash } from "node:crypto";
import type { World } from "../../world/model";
import type { GatewayConnection, VirtualNetworkGateway } from "../../world/virtual-network-gateway";
import { objectOf, objectsOf } from "../../world/world";
import { type EndHabits, routerLines, type SaHabits, type Site, type TunnelEnd } from "./end";

/**
 * What an instance of Azure's VPN gateway does.
 * @see Microsoft Learn, "About cryptographic requirements and Azure VPN gateways"
 * @see Microsoft Learn, "VPN Gateway FAQ"
 */
export const vpnGatewayHabits = {
  /** Main mode: nobody can choose it. */
  ikeLifeSeconds: 28_800,
  /** How long before the end it begins to rekey is not said. */
  rekeyTenth: 10,
  /** Not said, as AWS' by default. */
  replayWindow: 1024,
  /** FAQ, What are the BGP timer settings: nobody can choose them. It speaks no BFD. */
  bgp: { keepaliveSeconds: 60, holdSeconds: 180 },
  /** FAQ, How many prefixes can I advertise: beyond, the session is dropped. */
  routes: 4000,
  /** That it listens again after a while is ours: nobody outside of the cloud could clear it. */
  idleMinutesBeyond: 1,
  end: {
    /** "About VPN devices and IPsec/IKE parameters for site-to-site VPN gateway connections": MTU of 1400. */
    mtu: 1400,
    /** 45 s without an answer, the default of the DPD timeout; how it counts is not said. */
    dpdDelaySeconds: 10,
    retransmit: { seconds: 7, tries: 4 },
    /** `connectionMode: ResponderOnly`, the only one that has a stand-in. */
    calls: "never",
  } satisfies EndHabits,
} as const;

/** Azure's words in those of strongSwan. */
const ciphers = {
  GCMAES256: "aes256gcm16",
  GCMAES192: "aes192gcm16",
  GCMAES128: "aes128gcm16",
  AES256: "aes256",
  AES192: "aes192",
  AES128: "aes128",
  DES3: "3des",
  DES: "des",
  None: "null",
} as const;
const hashes = { SHA384: "sha384", SHA256: "sha256", SHA1: "sha1", MD5: "md5" } as const;
/** Of IKE and, as PFS groups, of ESP. IANA, "Transform Type 4 - Key Exchange Method Transform IDs". */
const groups = {
  DHGroup24: "modp2048s256",
  PFS24: "modp2048s256",
  ECP384: "ecp384",
  ECP256: "ecp256",
  DHGroup14: "modp2048",
  DHGroup2048: "modp2048",
  PFS14: "modp2048",
  PFS2048: "modp2048",
  DHGroup2: "modp1024",
  PFS2: "modp1024",
  DHGroup1: "modp768",
  PFS1: "modp768",
} as const;

function word(table: Readonly<Record<string, string>>, told: string): string | undefined {
  return Object.hasOwn(table, told) ? table[told] : undefined;
}

/** The one proposal that a policy is, as strongSwan has it. Beside GCM the integrity of IKE is taken to be the PRF. */
export function proposalsOf(policy: GatewayConnection["policy"]): {
  readonly ike: string;
  readonly esp: string;
} {
  const aead = (encryption: string) => encryption.startsWith("GCM");
  const hash = word(hashes, policy.ikeIntegrity) ?? "sha256";
  const joined = (...parts: readonly (string | undefined)[]) =>
    parts.filter((part) => part !== undefined).join("-");
  return {
    ike: joined(
      word(ciphers, policy.ikeEncryption),
      aead(policy.ikeEncryption) ? undefined : hash,
      `prf${hash}`,
      word(groups, policy.dhGroup),
    ),
    esp: joined(
      word(ciphers, policy.ipsecEncryption),
      aead(policy.ipsecEncryption) ? undefined : word(hashes, policy.ipsecIntegrity),
      word(groups, policy.pfsGroup),
    ),
  };
}

/** An instance's namespace, and FRR's path space: no dots, and short. */
export function instanceNamespace({ id }: VirtualNetworkGateway, index: number): string {
  return `vng-${createHash("sha256").update(id).digest("hex").slice(0, 12)}-${String(index)}`;
}

/** A VPN gateway's instances, each with an end of every connection, in order of their ids. */
export function virtualNetworkGatewaySites(world: World, gateway: VirtualNetworkGateway): Site[] {
  const connections = objectsOf(world, "gatewayConnection").filter((one) => one.gateway === gateway.id);
  return gateway.instances.map(({ publicAddress, inside }, index): Site => {
    const address = objectOf(world, "publicAddress", publicAddress)?.address;
    return {
      namespace: instanceNamespace(gateway, index),
      ends:
        address === undefined
          ? []
          : connections.flatMap((connection) =>
              endOf(world, connection, `${instanceNamespace(gateway, index)}-${nameOf(connection)}`, {
                address,
                inside,
              }),
            ),
      habits: vpnGatewayHabits.end,
    };
  });
}

function nameOf({ id }: GatewayConnection): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 8);
}

function endOf(
  world: World,
  { peer, presharedKey, policy }: GatewayConnection,
  name: string,
  own: { readonly address: string; readonly inside: string },
): TunnelEnd[] {
  const router = objectOf(world, "localNetworkGateway", peer);
  if (router === undefined) return [];
  const { bgp, routes, idleMinutesBeyond, ikeLifeSeconds, replayWindow } = vpnGatewayHabits;
  const { ike, esp } = proposalsOf(policy);
  const neighbor = `neighbor ${router.inside}`;
  return [
    {
      name,
      address: own.address,
      router: { address: router.address, asn: router.asn },
      inside: { own: own.inside, router: router.inside, prefix: 32 },
      presharedKey,
      ike: saOf(ike, ikeLifeSeconds),
      esp: saOf(esp, policy.saLifeTimeSeconds),
      replayWindow,
      lines: [
        ...routerLines(own.inside, { address: router.inside, asn: router.asn }, bgp, {
          most: routes,
          idleMinutesBeyond,
        }),
        // "How to configure BGP on Azure VPN Gateways": with link-local addresses it waits for the other end to open.
        `${neighbor} passive`,
        // One hop away, whatever no network shows.
        `${neighbor} disable-connected-check`,
      ],
    },
  ];
}

function saOf(proposal: string, lifeSeconds: number): SaHabits {
  const tenth = Math.floor(lifeSeconds / vpnGatewayHabits.rekeyTenth);
  return { proposals: [proposal], rekeySeconds: lifeSeconds - tenth, randomSeconds: tenth, lifeSeconds };
}
