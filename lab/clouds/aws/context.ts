import { createHash } from "node:crypto";
import type { LabClient } from "../../client/client";
import type { ObjectKind, World, WorldObject } from "../../world/model";
import type { Call } from "../provider/resource";
import { Refusal } from "../provider/refusal";
import type { Properties } from "../provider/wire";

type ObjectOf<K extends ObjectKind> = Extract<WorldObject, { kind: K }>;

/** AWS's own example account (AWS, "Account identifiers": documentation examples). */
export const accountId = "123456789012";

/** One region of the account, as one provider instance sees it. */
export class Account {
  readonly id = accountId;
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #adopted = new Set<string>();

  constructor(
    readonly region: string,
    private readonly open: () => Promise<LabClient>,
  ) {}

  lab(): Promise<LabClient> {
    return this.open();
  }

  async world(): Promise<World> {
    return (await this.open()).world();
  }

  arn(kind: string, id: string): string {
    return `arn:aws:ec2:${this.region}:${this.id}:${kind}/${id}`;
  }

  async find<K extends ObjectKind>(kind: K, id: string): Promise<ObjectOf<K> | undefined> {
    return (await this.open()).get(kind, id);
  }

  /** @throws Refusal with EC2's code for an id that does not exist */
  async get<K extends ObjectKind>(kind: K, id: string): Promise<ObjectOf<K>> {
    const found = await this.find(kind, id);
    if (found === undefined) throw new Refusal(notFound[kind], `The ${kind} ID '${id}' does not exist`);
    return found;
  }

  /**
   * Puts a new object. Its id may be there already: then an earlier run made it and was killed before the engine heard
   * of it, and it is taken over, as EC2 does for a repeated client token.
   */
  async make(object: WorldObject): Promise<void> {
    const lab = await this.open();
    if ((await lab.get(object.kind, object.id)) !== undefined) this.#adopted.add(object.id);
    await lab.put(object);
  }

  async unmake(kind: ObjectKind, id: string): Promise<void> {
    // A replacement with the same inputs has taken the object over in this very run: it stays.
    if (this.#adopted.delete(id)) return;
    await (await this.open()).remove(kind, id);
  }

  /** Reads, changes and puts one object; changes of one object wait for each other. */
  async change<K extends ObjectKind>(
    kind: K,
    id: string,
    step: (object: ObjectOf<K>) => ObjectOf<K>,
  ): Promise<void> {
    await this.inTurn(id, async () => {
      const object = await this.get(kind, id);
      await (await this.open()).put(step(object));
    });
  }

  /** As `change`, for what may be gone already. */
  async changeIfThere<K extends ObjectKind>(
    kind: K,
    id: string,
    step: (object: ObjectOf<K>) => ObjectOf<K>,
  ): Promise<void> {
    await this.inTurn(id, async () => {
      const object = await this.find(kind, id);
      if (object !== undefined) await (await this.open()).put(step(object));
    });
  }

  inTurn<T>(key: string, step: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(key) ?? Promise.resolve()).then(step);
    this.#turns.set(
      key,
      turn.catch(() => undefined),
    );
    return turn;
  }
}

/**
 * An id as AWS makes them: 17 hexadecimal digits. It follows from the resource's URN and inputs, so that a creation
 * that is repeated after a crash finds what it made the first time.
 */
export function newId(prefix: string, { urn }: Call<Account>, inputs: Properties): string {
  const text = JSON.stringify([urn, Object.entries(inputs).sort(([one], [other]) => (one < other ? -1 : 1))]);
  return `${prefix}-${createHash("sha256").update(text).digest("hex").slice(0, 17)}`;
}

/** EC2's codes for ids that do not exist (AWS, "Error codes for the Amazon EC2 API"). */
const notFound: Readonly<Record<ObjectKind, string>> = {
  network: "InvalidVpcID.NotFound",
  subnet: "InvalidSubnetID.NotFound",
  internetGateway: "InvalidInternetGatewayID.NotFound",
  routeTable: "InvalidRouteTableID.NotFound",
  firewall: "InvalidGroup.NotFound",
  interface: "InvalidNetworkInterfaceID.NotFound",
  publicAddress: "InvalidAllocationID.NotFound",
  machine: "InvalidInstanceID.NotFound",
  workload: "InvalidInstanceID.NotFound",
  routeService: "InvalidRouteServerId.NotFound",
  routeServiceEndpoint: "InvalidRouteServerEndpointId.NotFound",
  routeServicePeer: "InvalidRouteServerPeerId.NotFound",
  transitGateway: "InvalidTransitGatewayID.NotFound",
  transitAttachment: "InvalidTransitGatewayAttachmentID.NotFound",
  transitConnect: "InvalidTransitGatewayAttachmentID.NotFound",
  transitConnectPeer: "InvalidTransitGatewayConnectPeerID.NotFound",
  // IAM's code (AWS, "Common errors", IAM API Reference).
  role: "NoSuchEntity",
  instanceProfile: "NoSuchEntity",
};
