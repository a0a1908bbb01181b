import type { LabClient } from "../../client/client";
import type { ObjectKind, WorldObject } from "../../world/model";
import { InWorld } from "../provider/in-world";
import type { Call } from "../provider/resource";
import { Refusal } from "../provider/refusal";
import { zonesOf } from "./regions";

/** A project, as one provider instance sees it. */
export class Project extends InWorld {
  constructor(
    readonly id: string,
    /** The provider's own, for what says none. */
    readonly region: string | undefined,
    open: () => Promise<LabClient>,
  ) {
    super(open, (_, name) => new Refusal("notFound", `The resource '${name}' was not found`));
  }

  global(kind: string, name: string): string {
    return `projects/${this.id}/global/${kind}/${name}`;
  }

  regional(region: string, kind: string, name: string): string {
    return `projects/${this.id}/regions/${region}/${kind}/${name}`;
  }

  zonal(zone: string, kind: string, name: string): string {
    return `projects/${this.id}/zones/${zone}/${kind}/${name}`;
  }

  /** @throws Refusal where neither the resource nor the provider names a region that Google has */
  regionOf(given: string | undefined): string {
    const region = given ?? this.region;
    if (region === undefined)
      throw new Refusal(
        "required",
        "Cannot determine region: set it in this resource, or set the provider's region",
      );
    if (zonesOf(region) === undefined)
      throw new Refusal("invalid", `Invalid value for field 'region': '${region}'. Unknown region.`);
    return region;
  }

  /**
   * A new object under a name that nobody else has. What the same resource made before, when its creation was cut off, is
   * taken over.
   */
  async claim(object: WorldObject, { name }: Call<Project>, path: string): Promise<void> {
    await this.claimable(object.kind, object.id, name, path);
    await this.make(object);
  }

  /** @throws Refusal as Google answers for a name that is taken */
  async claimable(kind: ObjectKind, id: string, logical: string, path: string): Promise<void> {
    const there = await this.find(kind, id);
    if (there !== undefined && there.name !== logical)
      throw new Refusal("alreadyExists", `The resource '${path}' already exists`);
  }
}

/** https://www.googleapis.com/compute/v1/ and the path. */
export function selfLink(path: string): string {
  return `https://www.googleapis.com/compute/v1/${path}`;
}
