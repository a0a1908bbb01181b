import { allTunnels, hostOf, type Plan } from "trunkline/fleet/plan";
import type { GatewayStatus } from "trunkline/gateway/status";
import { bfdNeighbour } from "trunkline/gateway/renderers/frr-bfd";
import { gatewayView } from "trunkline/gateway/view";
import { FailoverRun, type Timed } from "../../automation/verify/failover";
import type { Failover } from "../../automation/verify/judge-failover";
import type { Backbone } from "../scenarios/backbone/backbone";

interface Pairs {
  readonly plan: Plan;
  readonly backbone: Backbone;
  readonly gateways: readonly string[];
}

/** A way to set gateways that is not this fleet's own; a gateway keeps it when it loses its power. */
interface Setting {
  readonly what: string;
  set(pairs: Pairs): Promise<void>;
  /** Power, until everybody has noticed, and back. */
  lose(pairs: Pairs, gateway: string): Promise<Failover>;
}

const frr = "/etc/frr/frr.conf";
const reloadFrr = `/usr/lib/frr/frr-reload.py --reload ${frr}`;
const swanctl = "/etc/swanctl/conf.d/trunkline.conf";
const follower = "/etc/swanctl/static-way";
/** Dead-peer detection takes 175 s by strongSwan's defaults, and a busy machine may add to it. */
const noticedWithinSeconds = 400;

export const settings: readonly Setting[] = [
  {
    what: "no BFD",
    set: ({ plan, backbone, gateways }) =>
      atEach(gateways, async (id) => {
        const lines = gatewayView(plan, id)
          .tunnels.flatMap(({ peer }) => bfdNeighbour(hostOf(peer.inside)))
          .map((line) => ` ${line}\n`);
        await rewrite(backbone, id, frr, (text) =>
          lines.reduce((rest, line) => replaced(rest, line, ""), text),
        );
        await backbone.sh(id, reloadFrr);
      }),
    lose: (pairs, gateway) =>
      losePower(pairs, gateway, async (step, work) => {
        await work();
        // BGP's hold time is 30 s.
        if (step === "loss")
          await atPeers(pairs, gateway, ({ address }, { neighbours }) =>
            neighbours.every((one) => one.address !== address || one.state !== "Established"),
          );
      }),
  },
  {
    what: "static",
    set: async ({ plan, backbone, gateways }) => {
      await atEach(gateways, (id) => retransmitsAsByDefault(plan, backbone, id));
      await atEach(gateways, async (id) => {
        await backbone.untilUp(id, tunnelsOf(plan, id));
        // Until then a drain has a line of its own in FRR's file.
        await backbone.until(id, ({ drained }) => drained.length === 0, "is undrained");
      });
      await atEach(gateways, (id) => routesByHand(plan, backbone, id));
    },
    lose: (pairs, gateway) =>
      losePower(pairs, gateway, async (step, work) => {
        if (step === "loss") {
          await work();
          await atPeers(pairs, gateway, ({ device }, { interfaces }) => !isUp(device, interfaces));
        } else {
          await pairs.backbone.untilUp(gateway, tunnelsOf(pairs.plan, gateway));
          await atPeers(pairs, gateway, ({ device }, { interfaces }) => isUp(device, interfaces));
        }
      }),
  },
];

async function losePower({ plan, backbone }: Pairs, id: string, timed: Timed): Promise<Failover> {
  const lost = { id, instanceId: backbone.instanceOf(id) };
  const status = (gateway: string) => backbone.status(gateway);
  const run = await FailoverRun.begin(plan, lost, "power", backbone.site.probes, status);
  return run.whole(timed);
}

/** strongSwan's own retransmission; and a tunnel's interface is up while its child SA is, for whoever routes by it. */
async function retransmitsAsByDefault(plan: Plan, backbone: Backbone, id: string): Promise<void> {
  await rewrite(backbone, id, "/etc/strongswan.conf", (text) =>
    replaced(text.replace(/^ *retransmit_.*\n/gm, ""), "load = random", "load = updown random"),
  );
  await backbone.sh(
    id,
    `cat > ${follower}; chmod 755 ${follower}; sync`,
    '#!/bin/sh\ncase "$PLUTO_VERB" in\nup-*) to=up ;;\n*) to=down ;;\nesac\nexec /usr/sbin/ip link set dev "$1" $to\n',
  );
  await rewrite(backbone, id, swanctl, (text) =>
    gatewayView(plan, id).tunnels.reduce((rest, { self }) => {
      const line = `        if_id_out = ${String(self.ifId)}\n`;
      return replaced(rest, line, `${line}        updown = ${follower} ${self.interface}\n`);
    }, text),
  );
  await backbone.sh(id, "systemctl restart strongswan");
}

/**
 * A static route by every tunnel in place of its BGP session. The network's route service is told of the same networks by
 * BGP as before: it knows no other way.
 */
async function routesByHand(plan: Plan, backbone: Backbone, id: string): Promise<void> {
  const { tunnels, remotePrefixes } = gatewayView(plan, id);
  const ways = tunnels.flatMap(({ self, accepted }) =>
    accepted.map((prefix) => `ip route ${prefix} ${self.interface}\n`),
  );
  const networks = remotePrefixes.map((prefix) => `  network ${prefix}\n`);
  // Whatever happened while both ends of a tunnel began anew: at first all are up.
  await backbone.sh(id, "trunkline-gateway links");
  await rewrite(backbone, id, frr, (text) => {
    const routed = replaced(
      replaced(text, "ip route ", `${ways.join("")}ip route `),
      "  network ",
      `${networks.join("")}  network `,
    );
    return tunnels.reduce((rest, { peer }) => {
      const line = ` neighbor ${hostOf(peer.inside)} remote-as ${String(peer.asn)}\n`;
      return replaced(rest, line, `${line} neighbor ${hostOf(peer.inside)} shutdown\n`);
    }, routed);
  });
  await backbone.sh(id, reloadFrr);
}

/** A file on a gateway, on its disk before anything is lost. */
async function rewrite(
  backbone: Backbone,
  id: string,
  path: string,
  change: (text: string) => string,
): Promise<void> {
  const text = await backbone.sh(id, `cat ${path}`);
  await backbone.sh(id, `cat > ${path}; sync`, change(text));
}

/** The first of it. @throws Error when a file has no such text: nothing else would be measured than before */
function replaced(text: string, part: string, by: string): string {
  if (!text.includes(part)) throw new Error(`there is no "${part.trim()}"`);
  return text.replace(part, () => by);
}

async function atEach(gateways: readonly string[], work: (gateway: string) => Promise<void>): Promise<void> {
  await Promise.all(gateways.map(work));
}

interface Way {
  /** Inside address of the gateway. */
  readonly address: string;
  /** Interface towards it. */
  readonly device: string;
}

/** Asks those at the other ends of a gateway's tunnels until it holds at each. @throws Error when it never does */
async function atPeers(
  { plan, backbone }: Pairs,
  gateway: string,
  holds: (way: Way, status: GatewayStatus) => boolean,
): Promise<void> {
  const deadline = Date.now() + noticedWithinSeconds * 1000;
  await Promise.all(
    gatewayView(plan, gateway).tunnels.map(async ({ self, peer }) => {
      const way = { address: hostOf(self.inside), device: peer.interface };
      for (;;) {
        const status = await backbone.status(peer.gateway).catch(() => undefined);
        if (status !== undefined && holds(way, status)) return;
        if (Date.now() > deadline) throw new Error(`${peer.gateway} has not heard of ${gateway}`);
      }
    }),
  );
}

function isUp(device: string, interfaces: GatewayStatus["interfaces"]): boolean {
  return interfaces.some(({ name, up }) => name === device && up);
}

function tunnelsOf(plan: Plan, gateway: string): string[] {
  return allTunnels(plan)
    .filter(({ ends }) => ends.some((end) => end.gateway === gateway))
    .map(({ id }) => id);
}
