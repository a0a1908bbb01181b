import type { ObjectKind, WorldObject } from "./model";

export interface Reference {
  readonly kind: ObjectKind;
  readonly id: string;
  /** What it is to the object, in a person's words. */
  readonly as: string;
}

/** Everything that an object refers to: it must exist before, and cannot go before it. */
export function referencesOf(object: WorldObject): Reference[] {
  switch (object.kind) {
    case "network":
      return [];
    case "subnet":
      return [
        { kind: "network", id: object.network, as: "network" },
        ...optional("routeTable", object.routeTable, "route table"),
      ];
    case "internetGateway":
      return optional("network", object.network, "network");
    case "routeTable":
      return [
        { kind: "network", id: object.network, as: "network" },
        ...object.routes.map(({ target }): Reference =>
          "interface" in target
            ? { kind: "interface", id: target.interface, as: "route's interface" }
            : "transitGateway" in target
              ? { kind: "transitGateway", id: target.transitGateway, as: "route's transit gateway" }
              : { kind: "internetGateway", id: target.internetGateway, as: "route's internet gateway" },
        ),
        ...object.propagatedFrom.map((id): Reference => ({ kind: "routeService", id, as: "route service" })),
      ];
    case "firewall":
      return [
        ...optional("network", object.network, "network"),
        ...object.rules.flatMap(({ peer }): Reference[] =>
          // A group may admit itself.
          "firewall" in peer && peer.firewall !== object.id
            ? [{ kind: "firewall", id: peer.firewall, as: "rule's peer group" }]
            : [],
        ),
      ];
    case "interface":
      return [
        { kind: "subnet", id: object.subnet, as: "subnet" },
        ...object.firewalls.map((id): Reference => ({ kind: "firewall", id, as: "firewall" })),
      ];
    case "publicAddress":
      return optional("interface", object.interface, "interface");
    case "machine":
      return [
        { kind: "interface", id: object.interface, as: "interface" },
        ...optional("instanceProfile", object.profile, "instance profile"),
      ];
    case "workload":
      return [{ kind: "interface", id: object.interface, as: "interface" }];
    case "role":
      return [];
    case "instanceProfile":
      return [{ kind: "role", id: object.role, as: "role" }];
    case "routeService":
      return optional("network", object.network, "network");
    case "routeServiceEndpoint":
      return [
        { kind: "routeService", id: object.routeService, as: "route service" },
        { kind: "subnet", id: object.subnet, as: "subnet" },
      ];
    case "transitGateway":
      return [];
    case "transitAttachment":
      return [
        { kind: "transitGateway", id: object.transitGateway, as: "transit gateway" },
        { kind: "network", id: object.network, as: "network" },
        ...object.subnets.map((id): Reference => ({ kind: "subnet", id, as: "subnet" })),
      ];
    case "transitConnect":
      return [{ kind: "transitAttachment", id: object.transport, as: "transport attachment" }];
    case "transitConnectPeer":
      return [{ kind: "transitConnect", id: object.connect, as: "Connect attachment" }];
    case "customerGateway":
      return [];
    case "vpnConnection":
      return [
        { kind: "transitGateway", id: object.transitGateway, as: "transit gateway" },
        { kind: "customerGateway", id: object.customerGateway, as: "customer gateway" },
      ];
    case "vpnGateway":
      return [{ kind: "network", id: object.network, as: "network" }];
    case "peerVpnGateway":
      return [];
    case "gatewayTunnel":
      return [
        { kind: "vpnGateway", id: object.vpnGateway, as: "VPN gateway" },
        { kind: "peerVpnGateway", id: object.peer, as: "peer VPN gateway" },
        { kind: "routeService", id: object.routeService, as: "route service" },
      ];
    case "tunnelEndpoint":
      return [
        { kind: "routeService", id: object.routeService, as: "route service" },
        { kind: "gatewayTunnel", id: object.tunnel, as: "tunnel" },
      ];
    case "tunnelPeer":
      return [{ kind: "tunnelEndpoint", id: object.endpoint, as: "endpoint" }];
    case "virtualNetworkGateway":
      return [
        { kind: "subnet", id: object.subnet, as: "subnet" },
        ...object.instances.map(({ publicAddress: id }): Reference => ({
          kind: "publicAddress",
          id,
          as: "public address",
        })),
      ];
    case "localNetworkGateway":
      return [];
    case "gatewayConnection":
      return [
        { kind: "virtualNetworkGateway", id: object.gateway, as: "VPN gateway" },
        { kind: "localNetworkGateway", id: object.peer, as: "local network gateway" },
      ];
    case "heldAddress":
      return [{ kind: "subnet", id: object.subnet, as: "subnet" }];
    case "resourceGroup":
    case "applianceHub":
      return [];
    case "applianceSpoke":
      return [{ kind: "applianceHub", id: object.hub, as: "hub" }];
    case "routeServicePeer":
      return [{ kind: "routeServiceEndpoint", id: object.endpoint, as: "endpoint" }];
  }
}

function optional(kind: ObjectKind, id: string | undefined, as: string): Reference[] {
  return id === undefined ? [] : [{ kind, id, as }];
}
