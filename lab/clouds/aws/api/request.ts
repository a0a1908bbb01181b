/** An HTTP request as it came in at a door of the cloud. */
export interface CloudRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface CloudResponse {
  readonly status: number;
  readonly body: string;
}
