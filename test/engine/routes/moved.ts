import assert from "node:assert/strict";
import type { PublicAddress } from "../../../lab/world/model";
import type { RecordedFleet } from "./recorded-fleet";

/** `apse2`, whose pair shares an address, once it is up: nobody holds it yet, and each gateway can. */
export async function movedIsUp(fleet: RecordedFleet): Promise<void> {
  assert.equal((await sharedAddress(fleet)).interface, undefined);
  for (const [gateway, count] of [
    ["apse2-a", 1],
    ["apse2-b", 1],
    ["euw1-a", 0],
  ] as const)
    assert.equal((await fleet.cardOf(gateway)).secondaryAddresses?.length ?? 0, count, gateway);
  const [role] = await fleet.all("role", "apse2");
  assert.match(Object.values(role?.policies ?? {}).join(), /"ec2:AssociateAddress"/);
}

/** As the agent on a gateway does it. */
export async function moveAddressTo(fleet: RecordedFleet, gateway: string): Promise<void> {
  const { id, secondaryAddresses: [second = ""] = [] } = await fleet.cardOf(gateway);
  await fleet.put({ ...(await sharedAddress(fleet)), interface: id, privateAddress: second });
}

export async function addressStaysAt(fleet: RecordedFleet, gateway: string): Promise<void> {
  assert.equal((await sharedAddress(fleet)).interface, (await fleet.cardOf(gateway)).id);
}

async function sharedAddress(fleet: RecordedFleet): Promise<PublicAddress> {
  const [found] = await fleet.all("publicAddress", "apse2-pair-moved-address");
  assert.ok(found !== undefined);
  return found;
}
