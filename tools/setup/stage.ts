/** What the making of one artifact gets. */
export interface Stage {
  /** An empty folder beside the artifact's final place; what lies in it at the end becomes the artifact. */
  readonly work: string;
  /** Where child processes' words go. */
  readonly log: string;
  readonly signal: AbortSignal;
  /** Says where it stands, at any rate: "compiling 512 of about 1,150 files". */
  readonly progress: (text: string) => void;
}
