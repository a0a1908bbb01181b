/** What every resource of a fleet carries, so that a person in the console can tell whose it is. */
export interface TagSpec {
  readonly fleet: string;
  readonly region: string;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}
