import { link, linkDevice, uplinkDevice } from "./names";
import type { Piece } from "./piece";

/** The link of a router's namespace that stands beside a network, called there by the router's id, and its routes into it. */
export function besideNetwork(id: string, network: string, cidrs: readonly string[]): Piece[] {
  const device = linkDevice(id);
  const inner = uplinkDevice(`inner ${id}`);
  return [
    {
      key: `vpn network ${id}`,
      stage: "cable",
      up: [
        { ip: `link add ${inner} netns ${id} type veth peer name ${device} netns ${network}` },
        { ip: `addr add ${link.inner.host}/32 dev ${inner}`, in: id },
        { ip: `link set ${inner} up`, in: id },
        { ip: `addr add ${link.inner.network}/32 dev ${device}`, in: network },
        { ip: `link set ${device} up`, in: network },
      ],
      down: [{ ip: `link del ${device}`, in: network }],
    },
    ...cidrs.map((cidr): Piece => ({
      key: `vpn network ${id} ${cidr}`,
      stage: "route",
      up: [{ ip: `route replace ${cidr} via ${link.inner.network} dev ${inner} onlink`, in: id }],
      // A link that is gone has taken its routes along.
      down: [{ sh: `ip -n ${id} route del ${cidr} dev ${inner} 2> /dev/null || true` }],
    })),
  ];
}
