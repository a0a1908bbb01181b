import { type Fault, LabError } from "../client/client";
import type { Change, Fabric, FabricKernel, Host } from "../world/backend";
import { isGlobal6 } from "../world/address";
import { networkOfInterface } from "../world/check";
import { labInternet, type World } from "../world/model";
import { emptyWorld, objectOf, objectsOf } from "../world/world";
import { machinePieces, workloadPieces } from "./hosts";
import { internetIpv6 } from "./internet-ipv6";
import { ipv6Pieces } from "./ipv6";
import { interfaceNamespace, internet, link, management, stranger, uplinkDevice } from "./names";
import { gatewayPieces, networkPieces, publicRoutes, routeTablePieces } from "./networks";
import { mendScript, pathScript } from "./path-fault";
import { type Piece, scriptBetween, scriptOf, type Step } from "./piece";
import { routeServicePieces } from "./route-services";
import { vpnDevice, vpnUplinks } from "./site-to-site/pieces";
import { transitGatewayPieces } from "./transit-gateways";
import { vpnGatewayPieces } from "./ha-vpn";
import { virtualNetworkGatewayPieces } from "./virtual-network-gateways";

/** The world between the machines, in the fabric's kernel. */
export function createFabric(kernel: FabricKernel): Fabric {
  return new FabricInKernel(kernel);
}

class FabricInKernel implements Fabric {
  #world: World = emptyWorld();
  #pieces: readonly Piece[] = [];

  constructor(private readonly kernel: FabricKernel) {}

  async start(): Promise<void> {
    await this.#run(scriptOf(foundation));
  }

  async apply({ after }: Change, cables: ReadonlyMap<string, string>): Promise<void> {
    const pieces = piecesOf(after, cables);
    const script = scriptBetween(this.#pieces, pieces);
    if (script !== "")
      try {
        await this.#run(script);
      } catch (error) {
        await this.#goBack(pieces);
        throw error;
      }
    this.#pieces = pieces;
    this.#world = after;
  }

  namespaceOf(host: Host): string | undefined {
    switch (host.kind) {
      case "internet":
      case "management":
      case "stranger":
        return host.kind;
      case "network":
      case "workload":
        return this.#world.objects[host.id] === undefined ? undefined : host.id;
      case "machine":
      case "fabric":
        return undefined;
    }
  }

  async link(machine: string, state: "up" | "down"): Promise<void> {
    const found = objectOf(this.#world, "machine", machine);
    if (found === undefined) return;
    const namespace = interfaceNamespace(found.interface);
    await this.#run(scriptOf([{ nft: state === "down" ? darkness : light, in: namespace }]));
  }

  async fault(fault: Fault, world: World): Promise<void> {
    switch (fault.do) {
      case "cut":
      case "mend": {
        const machine = objectOf(world, "machine", fault.host);
        if (machine !== undefined) await this.link(machine.id, fault.do === "cut" ? "down" : "up");
        if (fault.do === "mend") await this.#run(mendScript(uplinks(world)));
        if (machine === undefined && fault.do === "cut")
          throw new LabError("NotAMachine", `"${fault.host}" has no cable of its own`);
        return;
      }
      case "path": {
        for (const address of [fault.from, ...[fault.to].flat()])
          if (deviceOf(world, address) === undefined)
            throw new LabError("NotFound", `${address} is no public address that an interface holds`);
        await this.#run(pathScript(fault, (address) => deviceOf(world, address)));
        return;
      }
      case "kill":
      case "fill-disk":
        throw new LabError("NotAMachine", "only a machine has processes and a disk of its own");
    }
  }

  tapOf(host: Host): { readonly namespace: string; readonly device: string } | undefined {
    return host.kind === "internet" ? { namespace: internet, device: "tap" } : undefined;
  }

  /** A change that failed half-way leaves nothing: a second attempt must find what the first one found. */
  async #goBack(attempted: readonly Piece[]): Promise<void> {
    const script = scriptBetween(attempted, this.#pieces, "go on");
    await this.kernel.exec(["sh", "-s"], { stdin: script, deadlineSeconds: 120 });
  }

  async #run(script: string): Promise<void> {
    const { code, stderr } = await this.kernel.exec(["sh", "-s"], { stdin: script, deadlineSeconds: 120 });
    if (code !== 0)
      throw new LabError("FabricFault", `${stderr.trim().slice(-2000)}\n${script.slice(0, 3000)}`);
  }
}

function piecesOf(world: World, cables: ReadonlyMap<string, string>): Piece[] {
  return [
    ...networkPieces(world),
    ...gatewayPieces(world),
    ...machinePieces(world, cables),
    ...workloadPieces(world),
    ...publicRoutes(world),
    ...routeTablePieces(world),
    ...routeServicePieces(world),
    ...transitGatewayPieces(world),
    ...vpnGatewayPieces(world),
    ...virtualNetworkGatewayPieces(world),
    ...ipv6Pieces(world),
  ];
}

function uplinks(world: World): string[] {
  const networks = objectsOf(world, "internetGateway").flatMap(({ network }) =>
    network === undefined ? [] : [uplinkDevice(network)],
  );
  return [...networks, ...vpnUplinks(world)];
}

/** The internet's device towards a public address; of IPv6 towards an interface's own, if it is global. */
function deviceOf(world: World, address: string): string | undefined {
  const nic = isGlobal6(address)
    ? objectsOf(world, "interface").find(({ ipv6 }) => ipv6 === address)?.id
    : objectsOf(world, "publicAddress").find((held) => held.address === address)?.interface;
  return nic === undefined ? vpnDevice(world, address) : uplinkDevice(networkOfInterface(world, nic));
}

/**
 * A cable without signal: both directions at once, ARP too. The device itself stays up: a user-mode kernel that closes
 * one end of a cable cannot open it again.
 */
const light = `table netdev dark
delete table netdev dark
`;
const darkness = `${light}table netdev dark {
  chain in {
    type filter hook ingress device "host" priority -500; policy drop;
  }
  chain out {
    type filter hook egress device "host" priority -500; policy drop;
  }
}
`;

/**
 * Settings that namespaces inherit from the first one, and what no cloud owns. Every cloud's packets wait in this one
 * kernel's one queue: of its usual 1,000 places a burst after a wait for the processor takes all, and a loss at a gateway
 * is measured that was none.
 */
const foundation: readonly Step[] = [
  {
    sh: `for setting in net/core/devconf_inherit_init_net=1 \\
  net/ipv6/conf/all/disable_ipv6=1 net/ipv6/conf/default/disable_ipv6=1 net/ipv4/ip_forward=1 net/ipv4/conf/all/rp_filter=0 net/ipv4/conf/default/rp_filter=0 \\
  net/ipv4/conf/default/proxy_arp=1 net/ipv4/neigh/default/proxy_delay=0 net/ipv4/conf/all/send_redirects=0 \\
  net/ipv4/conf/default/send_redirects=0 net/ipv4/icmp_ratelimit=0 \\
  net/core/netdev_max_backlog=100000; do
  echo "\${setting#*=}" > "/proc/sys/\${setting%%=*}"
done
mkdir -p /run/frr /run/fabric
chown frr:frr /run/frr`,
  },
  { ip: `netns add ${internet}` },
  { ip: "link set lo up", in: internet },
  { ip: `addr add ${labInternet.api}/32 dev lo`, in: internet },
  { ip: "link add tap type dummy", in: internet },
  { ip: "link set tap up", in: internet },
  ...host(management, labInternet.management, "mgmt"),
  ...host(stranger, labInternet.stranger, "stranger"),
  ...internetIpv6,
];

function host(namespace: string, address: string, device: string): Step[] {
  return [
    { ip: `netns add ${namespace}` },
    { ip: `link add wan netns ${namespace} type veth peer name ${device} netns ${internet}` },
    { ip: "link set lo up", in: namespace },
    { ip: `addr add ${address}/32 dev wan`, in: namespace },
    { ip: "link set wan up", in: namespace },
    { ip: `route add default via ${link.outer.internet} dev wan src ${address} onlink`, in: namespace },
    { ip: `addr add ${link.outer.internet}/32 dev ${device}`, in: internet },
    { ip: `link set ${device} up`, in: internet },
    { ip: `route add ${address}/32 dev ${device}`, in: internet },
  ];
}
