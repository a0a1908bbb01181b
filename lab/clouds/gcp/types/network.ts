import { z } from "zod";
import { makeWays, unmakeWays } from "../../provider/network-ways";
import { Refusal } from "../../provider/refusal";
import { selfLink } from "../context";
import { description, name } from "../fields";
import { worldNetwork } from "../link";
import { gcpType } from "../type";

/** A VPC network comes with its way to the internet, and its one routing table. */
export const network = gcpType({
  token: "gcp:compute/network:Network",
  inputs: {
    name,
    description,
    autoCreateSubnetworks: z.literal(false, "the lab has no stand-in for networks in auto mode"),
    routingMode: z.enum(["REGIONAL", "GLOBAL"]).default("REGIONAL"),
    // Google Cloud, "Maximum transmission unit".
    mtu: z.int().min(1300).max(8896).default(1460),
  },
  replacedBy: ["name", "description", "autoCreateSubnetworks"],
  computed: ["selfLink", "gatewayIpv4", "numericId", "project"],
  changing: [],
  async create(given, call) {
    const { context } = call;
    const path = context.global("networks", given.name);
    const id = worldNetwork(given.name);
    const before = await context.find("network", id);
    await context.claim(
      {
        kind: "network",
        id,
        name: call.name,
        cloud: "gcp",
        cloudRegion: "",
        cidrs: before?.cidrs ?? [],
        mtu: given.mtu,
      },
      call,
      path,
    );
    await makeWays(context, id, call.name);
    return {
      id: path,
      outputs: { ...given, project: context.id, selfLink: selfLink(path), gatewayIpv4: "", numericId: "1" },
    };
  },
  async read(path, _state, { context }) {
    const found = await context.find("network", worldNetwork(path));
    return found === undefined ? undefined : { mtu: found.mtu };
  },
  async update(path, given, state, { context }) {
    const { mtu } = z.object({ mtu: z.number().optional() }).parse(state);
    if (mtu !== given.mtu)
      throw new Refusal("NoStandIn", "the lab has no stand-in for another MTU of a network that is there");
    await context.get("network", worldNetwork(path));
    return { ...given };
  },
  async remove(path, _state, { context }) {
    const id = worldNetwork(path);
    await unmakeWays(context, id);
    await context.unmake("network", id);
  },
});
