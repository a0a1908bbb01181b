import assert from "node:assert/strict";
import type { LabClient } from "../../lab/client/client";
import { contract, undoing } from "../lab/contract";
import { east, gatewayMachine, local, twoNetworks, west } from "../lab/two-networks";
import { giveIpv6, labWith } from "./fabric-lab";
import { type Heard, Listener } from "./listener";
import { hostOf, sendPacket } from "./packets";

const hosts = {
  [west.gatewayInterface]: west.gateway,
  [west.plainInterface]: west.plain,
  [west.workloadInterface]: west.workload,
  [local.interface]: local.workload,
};
const machines = [west.gateway, east.gateway];
const others = [
  ...[west.plain, west.workload, east.plain, east.workload, local.workload],
  ...["stranger", "management"],
];

describe("the contract of both labs, as packets of the kernels' lab show it", function () {
  let lab: LabClient;
  let listeners: readonly Listener[];
  let end = () => Promise.resolve();

  before(async () => {
    ({ lab, end } = await labWith([...twoNetworks(), gatewayMachine("west"), gatewayMachine("east")]));
    await giveIpv6(lab);
    listeners = await Promise.all([
      ...machines.map((place) => Listener.at(lab, place, "wire")),
      ...others.map((place) => Listener.at(lab, place, "door")),
    ]);
  });
  after(() => end());

  contract.forEach((row, index) => {
    const { what, changed = [], from, packet, expected } = row;
    it(what, async () => {
      const marker = `row-${String(index)}-`;
      for (const object of changed) await lab.put(object);
      await sendPacket(lab, hostOf(from, hosts), packet, marker);
      for (const object of undoing(row)) await lab.put(object);
      await fence();
      const heard = await whereHeard(marker);
      if ("refused" in expected) {
        assert.deepEqual([...heard.keys()], []);
        return;
      }
      assert.deepEqual([...heard.keys()], [expected.at]);
      const arrived = heard.get(expected.at);
      if (expected.source !== undefined) assert.equal(arrived?.source, expected.source);
      if (expected.destination !== undefined) assert.equal(arrived?.destination, expected.destination);
    });
  });

  async function whereHeard(marker: string): Promise<Map<string, Heard>> {
    const heard = new Map<string, Heard>();
    for (const listener of listeners) {
      const found = await listener.heard(marker);
      if (found !== undefined) heard.set(listener.place, found);
    }
    return heard;
  }

  /** An admitted packet on the longest way, sent afterwards: when it has been answered, the other one has arrived too. */
  async function fence(): Promise<void> {
    for (const address of [east.public, east.gatewayAddress6]) {
      const { code, stdout } = await lab.exec(west.gateway, ["ping", "-c1", "-W5", address]);
      assert.equal(code, 0, stdout);
    }
  }
});
