/** What every resource of a fleet carries, so that a person in the console can tell whose it is. */
export interface TagSpec {
  readonly fleet: string;
  readonly region: string;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** The user's tags, then ours: `Name` is what the console shows. */
export function tagsFor(spec: TagSpec, name: string): Record<string, string> {
  return { ...spec.tags, Name: name, "trunkline:fleet": spec.fleet, "trunkline:region": spec.region };
}
