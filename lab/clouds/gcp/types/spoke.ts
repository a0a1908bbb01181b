import { z } from "zod";
import { objectOf, objectsOf } from "../../../world/world";
import { Refusal } from "../../provider/refusal";
import type { Project } from "../context";
import { address, allLabels, description, labels, name } from "../fields";
import { lastOf, placeOf, worldId } from "../link";
import { regionOfZone } from "../regions";
import { gcpType } from "../type";
import { hubId } from "./hub";

const inputs = {
  name,
  description,
  location: z.string(),
  hub: z.string(),
  labels,
  linkedRouterApplianceInstances: z.strictObject({
    instances: z
      .array(z.strictObject({ virtualMachine: z.string(), ipAddress: address }))
      .min(1)
      // Google Cloud, "NCC quotas and limits".
      .max(8, "at most 8 router appliance instances can be linked to a spoke"),
    siteToSiteDataTransfer: z.literal(false, "the lab has no stand-in for data transfer between sites"),
  }),
};
type Given = z.output<z.ZodObject<typeof inputs>>;

/** Machines as router appliances. */
export const spoke = gcpType({
  token: "gcp:networkconnectivity/spoke:Spoke",
  inputs,
  replacedBy: ["name", "location", "hub"],
  computed: [
    "createTime",
    "updateTime",
    "uniqueId",
    "state",
    "project",
    "effectiveLabels",
    "pulumiLabels",
    "reasons",
  ],
  changing: ["effectiveLabels", "pulumiLabels", "updateTime"],
  async create(given, call) {
    const { context } = call;
    const region = context.regionOf(given.location);
    const path = `projects/${context.id}/locations/${region}/spokes/${given.name}`;
    await context.claim(
      {
        kind: "applianceSpoke",
        id: worldId("spoke", region, given.name),
        name: call.name,
        hub: hubId(given.hub),
        cloudRegion: region,
        appliances: await appliancesOf(given, context),
      },
      call,
      path,
    );
    return {
      id: path,
      outputs: {
        ...given,
        ...allLabels(given.labels),
        project: context.id,
        createTime: "2026-01-01T00:00:00Z",
        updateTime: "2026-01-01T00:00:00Z",
        uniqueId: "1",
        state: "ACTIVE",
        reasons: [],
      },
    };
  },
  async read(path, _state, { context }) {
    const found = await context.find("applianceSpoke", worldId("spoke", placeOf(path) ?? "", path));
    return found === undefined ? undefined : { state: "ACTIVE" };
  },
  async update(path, given, _state, { context }) {
    const appliances = await appliancesOf(given, context);
    await context.change("applianceSpoke", worldId("spoke", placeOf(path) ?? "", path), (object) => ({
      ...object,
      appliances,
    }));
    return { ...given, ...allLabels(given.labels) };
  },
  async remove(path, _state, { context }) {
    await context.unmake("applianceSpoke", worldId("spoke", placeOf(path) ?? "", path));
  },
});

/** @throws Refusal for a machine that is not there, is of another region, has another address, or does not forward */
async function appliancesOf(given: Given, context: Project) {
  const world = await context.world();
  return given.linkedRouterApplianceInstances.instances.map(({ virtualMachine, ipAddress }) => {
    const machine = lastOf(virtualMachine);
    const zone = placeOf(virtualMachine.replace(/^https:\/\/[^/]+\/compute\/v1/, "")) ?? "";
    const found = objectsOf(world, "machine").find(({ hostname }) => hostname === machine);
    const card = found === undefined ? undefined : objectOf(world, "interface", found.interface);
    if (card === undefined)
      throw new Refusal("INVALID_ARGUMENT", `The virtual machine '${virtualMachine}' was not found`);
    if (regionOfZone(zone) !== given.location)
      throw new Refusal(
        "INVALID_ARGUMENT",
        `The virtual machine '${virtualMachine}' is not in the spoke's location ${given.location}`,
      );
    if (card.address !== ipAddress)
      throw new Refusal("INVALID_ARGUMENT", `${ipAddress} is no internal IP address of '${virtualMachine}'`);
    // Google Cloud, "Create router appliance instances": IP forwarding must be on.
    if (card.sourceDestinationCheck)
      throw new Refusal(
        "INVALID_ARGUMENT",
        `The virtual machine '${virtualMachine}' must have canIpForward enabled`,
      );
    return { machine, address: ipAddress };
  });
}
