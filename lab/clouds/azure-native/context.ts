import type { LabClient } from "../../client/client";
import type { ObjectKind, WorldObject } from "../../world/model";
import { InWorld } from "../provider/in-world";
import { Refusal } from "../provider/refusal";
import type { Call } from "../provider/resource";
import { groupId, type NamedKind, placeOf, type Place, worldId } from "./id";
import { hasZones } from "./locations";

/** A subscription, as one provider instance sees it. */
export class Subscription extends InWorld {
  constructor(
    readonly id: string,
    /** The provider's own, for what says none. */
    readonly location: string | undefined,
    open: () => Promise<LabClient>,
  ) {
    super(open, (_, name) => new Refusal("ResourceNotFound", `The Resource '${name}' was not found.`));
  }

  /** @param type such as `Microsoft.Network/virtualNetworks`; of what is part of another, with the other's name in between */
  resourceId(group: string, type: string, name: string): string {
    return `/subscriptions/${this.id}/resourceGroups/${group}/providers/${type}/${name}`;
  }

  /** @throws Refusal where neither the resource nor the provider names a location that Azure has */
  locationOf(given: string | undefined): string {
    const location = (given ?? this.location ?? "").replaceAll(" ", "").toLowerCase();
    if (location === "")
      throw new Refusal("LocationRequired", "The location property is required for this definition.");
    if (hasZones(location) === undefined)
      throw new Refusal(
        "LocationNotAvailableForResourceType",
        `The provided location '${location}' is not available for resource type.`,
      );
    return location;
  }

  /** @throws Refusal for a group that is not there */
  async inGroup(group: string): Promise<void> {
    if ((await this.find("resourceGroup", groupId(group))) === undefined)
      throw new Refusal("ResourceGroupNotFound", `Resource group '${group}' could not be found.`);
  }

  /**
   * Where a reference leads.
   * @throws Refusal for what is no id of this subscription
   */
  refer(id: string | undefined): Place {
    const place = placeOf(id ?? "");
    if (place === undefined || !id?.toLowerCase().startsWith(`/subscriptions/${this.id}/`.toLowerCase()))
      throw new Refusal("LinkedInvalidPropertyId", `Property id '${id ?? ""}' is invalid.`);
    return place;
  }

  worldIdOf(kind: NamedKind, id: string | undefined): string {
    return worldId(kind, this.refer(id));
  }

  /**
   * A new object under a name that nobody else has. What the same resource made before, when its creation was cut off, is
   * taken over; the provider refuses what is somebody else's.
   */
  async claim(object: WorldObject, { name }: Call<Subscription>, path: string): Promise<void> {
    await this.claimable(object.kind, object.id, name, path);
    await this.make(object);
  }

  /** @throws Refusal as the provider answers for a name that is taken */
  async claimable(kind: ObjectKind, id: string, logical: string, path: string): Promise<void> {
    const there = await this.find(kind, id);
    if (there !== undefined && there.name !== logical)
      throw new Refusal("AlreadyExists", `cannot create already existing resource '${path}'`);
  }
}
