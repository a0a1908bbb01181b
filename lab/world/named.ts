export interface Named {
  readonly id: string;
  /** For people: the Name tag or the like. */
  readonly name: string;
}
