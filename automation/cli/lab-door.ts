/** The one module that opens `lab/`: the product without the lab stays the product. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { networksOf } from "trunkline/fleet/family";
import type { Plan } from "trunkline/fleet/plan";
import type { LabClient } from "../../lab/client/client";
import * as commands from "../../lab/commands";
import { placeOf, worldId } from "../../lab/clouds/azure-native/id";
import { worldNetwork } from "../../lab/clouds/gcp/link";
import { engineEnvironment } from "../../lab/engine-environment";
import { routeServiceHabits } from "../../lab/fabric/route-service-habits";
import { labInternet } from "../../lab/world/model";
import { artifacts } from "../../tools/setup/artifacts";
import type { Probes, Site } from "../site";

export { commands as lab };
export { LabError } from "../../lab/client/client";

/** Whoever manages gateways in the lab comes from here. */
export const labManagement = [labInternet.managementCidr];

export interface LabSite extends Site {
  readonly kind: "lab";
  readonly probes: Probes;
  /** Workloads to prove reachability with, in a region whose network is there. */
  addWorkload(plan: Plan, region: string, networkId: string): Promise<void>;
  close(): void;
}

/** The lab as a site: the running one, or a new one. */
export async function openLabSite(
  fleet: string,
  onProgress: (step: string) => void,
  folder?: string,
): Promise<LabSite> {
  const lab = await commands.up({ onProgress, ...(folder === undefined ? {} : { folder }) });
  return {
    kind: "lab",
    environment: engineEnvironment(lab),
    stateFolder: join(lab.folder, "state", fleet),
    pulumiRoot: artifacts().pulumiRoot,
    probes: probesOf(lab),
    addWorkload: (plan, region, networkId) => addWorkload(lab, plan, region, networkId),
    close: () => lab.close(),
  };
}

/** A host in the region's first workload subnet, in a group that admits the fleet's networks, as a user's would. */
async function addWorkload(lab: LabClient, plan: Plan, name: string, networkId: string): Promise<void> {
  const region = plan.regions.find((candidate) => candidate.name === name);
  const planned = region?.network.subnets.find(({ role }) => role === "workload");
  const { objects } = await lab.world();
  const subnet = Object.values(objects).find(
    (object) =>
      object.kind === "subnet" && isNetwork(networkId, object.network) && object.cidr === planned?.cidr,
  );
  if (planned === undefined || subnet?.kind !== "subnet") return;
  const id = (kind: string): string => `${kind}-workload-${digest(`${plan.fleet} ${name}`)}`;
  const all = plan.regions.flatMap(networksOf);
  await lab.put({
    kind: "firewall",
    id: id("sg"),
    name: `${name}-workload`,
    network: subnet.network,
    rules: [
      { id: "egress", direction: "egress", protocol: "all", peer: { cidr: "0.0.0.0/0" } },
      ...(planned.ipv6 === undefined
        ? []
        : [{ id: "egress6", direction: "egress", protocol: "all", peer: { cidr: "::/0" } } as const]),
      ...all.map((cidr) => ({
        id: cidr,
        direction: "ingress" as const,
        protocol: "all" as const,
        peer: { cidr },
      })),
    ],
  });
  const [base = "0.0.0.0"] = planned.cidr.split("/");
  await lab.put({
    kind: "interface",
    id: id("eni"),
    name: `${name}-workload`,
    subnet: subnet.id,
    address: base.replace(/\d+$/, (last) => String(Number(last) + 10)),
    ...(planned.ipv6 === undefined ? {} : { ipv6: `${planned.ipv6.slice(0, planned.ipv6.indexOf("/"))}a` }),
    firewalls: [id("sg")],
    sourceDestinationCheck: true,
    mac: `02:00:${(digest(name).match(/../g) ?? []).slice(0, 4).join(":")}`,
  });
  await lab.put({ kind: "workload", id: id("wl"), name: `${name}-workload`, interface: id("eni") });
}

/** By the cloud's id, which of Google's and Azure's is a path. */
function isNetwork(networkId: string, object: string): boolean {
  const azure = placeOf(networkId);
  return (
    object === networkId ||
    object === worldNetwork(networkId) ||
    (azure !== undefined && object === worldId("network", azure))
  );
}

function probesOf(lab: LabClient): Probes {
  return {
    hosts: async () => {
      const { objects } = await lab.world();
      return Object.values(objects).flatMap((object) => {
        const nic = object.kind === "workload" ? objects[object.interface] : undefined;
        if (object.kind !== "workload" || nic?.kind !== "interface") return [];
        const region = object.name.replace(/-workload$/, "");
        const ipv6 = nic.ipv6 === undefined ? {} : { ipv6: nic.ipv6 };
        return [{ region, host: object.id, address: nic.address, ...ipv6 }];
      });
    },
    run: (host, argv, options) => lab.exec(host, argv, options),
    captureInternet: () => lab.capture("internet", `not net ${labInternet.managementCidr}`),
    power: (instanceId, state) => lab.power(instanceId, state),
    cable: (instanceId, state) => lab.fault({ do: state === "cut" ? "cut" : "mend", host: instanceId }),
    lateness: async (step, without) => {
      // A command that was killed has left it measuring.
      if (step === "start") await lab.lateness("stop");
      const kernels = await lab.lateness(step);
      // Every probe's host is in the fabric's kernel.
      const { clock = { wall: 0, monotonic: 0 } } = kernels["fabric"] ?? {};
      const since = clock.monotonic - clock.wall;
      return Object.entries(kernels).flatMap(([kernel, { late }]) =>
        kernel === without
          ? []
          : late.map(({ at, seconds }) => ({ from: at + since - seconds, to: at + since })),
      );
    },
    routeServiceSeconds:
      (routeServiceHabits.bfd.intervalMilliseconds * routeServiceHabits.bfd.multiplier) / 1000,
  };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
