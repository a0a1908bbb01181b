import { allLabels, description, labels, name } from "../fields";
import { lastOf } from "../link";
import { gcpType } from "../type";

/** What spokes of Network Connectivity Center are joined to. */
export const hub = gcpType({
  token: "gcp:networkconnectivity/hub:Hub",
  inputs: { name, description, labels },
  replacedBy: ["name"],
  computed: [
    "createTime",
    "updateTime",
    "uniqueId",
    "state",
    "project",
    "effectiveLabels",
    "pulumiLabels",
    "routingVpcs",
  ],
  changing: ["effectiveLabels", "pulumiLabels", "updateTime"],
  async create(given, call) {
    const { context } = call;
    const path = `projects/${context.id}/locations/global/hubs/${given.name}`;
    await context.claim({ kind: "applianceHub", id: hubId(given.name), name: call.name }, call, path);
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
        routingVpcs: [],
      },
    };
  },
  async read(path, _state, { context }) {
    return (await context.find("applianceHub", hubId(path))) === undefined ? undefined : { state: "ACTIVE" };
  },
  async update(_path, given) {
    return Promise.resolve({ ...given, ...allLabels(given.labels) });
  },
  async remove(path, _state, { context }) {
    await context.unmake("applianceHub", hubId(path));
  },
});

export function hubId(link: string): string {
  return `hub.${lastOf(link)}`;
}
