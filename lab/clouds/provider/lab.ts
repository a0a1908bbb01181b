import { type LabClient, LabError } from "../../client/client";
import { openSocket } from "../../client/open";

/** A cloud's way to its lab, opened when it is first asked for: a provider's process has no other. */
export function labBehind(socket: string | undefined): () => Promise<LabClient> {
  let lab: Promise<LabClient> | undefined;
  return async () => {
    if (socket === undefined)
      throw new LabError("LabDown", "TRUNKLINE_LAB_SOCKET is not set: this provider works in a lab only");
    lab ??= openSocket(socket);
    return lab;
  };
}
