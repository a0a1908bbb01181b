import { z } from "zod";
import type { CloudFunction } from "../provider/provider";
import { Refusal } from "../provider/refusal";
import { type Project, selfLink } from "./context";
import { images } from "./images";

const args = z.strictObject({ project: z.string(), family: z.string() });

/** The newest image of a family. */
export const getImage: CloudFunction<Project> = {
  token: "gcp:compute/getImage:getImage",
  invoke(given) {
    const read = args.safeParse(given);
    if (!read.success)
      throw new Refusal("NoStandIn", "the lab's getImage knows project and family, and needs both");
    const { project, family } = read.data;
    if (project === "ubuntu-os-cloud")
      throw new Refusal(
        "NoStandIn",
        "the lab has no image of Ubuntu, because its images are made from Debian's archive alone: write `system: debian-12` (strongSwan 5.9, FRR 8.4, as in Ubuntu 24.04) or `debian-13` for a fleet in the lab",
      );
    const found = images.find((image) => image.project === project && image.family === family);
    if (found === undefined)
      throw new Refusal(
        "notFound",
        `The resource 'projects/${project}/global/images/family/${family}' was not found`,
      );
    const path = `projects/${project}/global/images/${found.name}`;
    return Promise.resolve({ ...read.data, id: path, name: found.name, selfLink: selfLink(path) });
  },
};
