import { z } from "zod";
import { Refusal } from "../provider/refusal";
import type { CloudFunction } from "../provider/provider";
import type { Account } from "./context";
import { type Image, imagesOf, notInLab } from "./images";

const args = z.strictObject({
  owners: z.array(z.string()).min(1),
  mostRecent: z.boolean().default(false),
  filters: z.array(z.strictObject({ name: z.string(), values: z.array(z.string()).min(1) })).default([]),
});

/** Filters of DescribeImages that have a stand-in, each as the value of an image. */
const filterable: Readonly<Record<string, (image: Image) => string>> = {
  name: ({ name }) => name,
  architecture: ({ architecture }) => architecture,
  "image-id": ({ id }) => id,
  "owner-id": ({ ownerId }) => ownerId,
  "virtualization-type": () => "hvm",
  "root-device-type": () => "ebs",
  state: () => "available",
};

export const getAmi: CloudFunction<Account> = {
  token: "aws:ec2/getAmi:getAmi",
  invoke(given, { region }) {
    const read = args.safeParse(given);
    if (!read.success)
      throw new Refusal(
        "NoStandIn",
        `the lab's getAmi knows owners, mostRecent and filters only: ${read.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ")}`,
      );
    const { owners, mostRecent, filters } = read.data;
    const absent = owners.map((owner) => notInLab.get(owner)).find((why) => why !== undefined);
    if (absent !== undefined) throw new Refusal("NoStandIn", absent);
    const tests = filters.map(({ name, values }) => {
      const valueOf = filterable[name];
      if (valueOf === undefined)
        throw new Refusal("NoStandIn", `the lab has no stand-in for the filter "${name}"`);
      const patterns = values.map(glob);
      return (image: Image) => patterns.some((pattern) => pattern.test(valueOf(image)));
    });
    const found = imagesOf(region)
      .filter((image) => owners.includes(image.ownerId) && tests.every((test) => test(image)))
      .sort((one, other) => (one.creationDate > other.creationDate ? -1 : 1));
    const [image] = found;
    if (image === undefined)
      throw new Refusal(
        "InvalidAMIID.NotFound",
        "Your query returned no results. Please change your search criteria and try again.",
      );
    if (found.length > 1 && !mostRecent)
      throw new Refusal(
        "InvalidParameterValue",
        "Your query returned more than one result. Please try a more specific search criteria, or set mostRecent to true.",
      );
    const { release, ...described } = image;
    return Promise.resolve({
      ...read.data,
      ...described,
      imageId: image.id,
      arn: `arn:aws:ec2:${region}::image/${image.id}`,
      description: release === "debian-13" ? "Debian 13" : "Debian 12",
      hypervisor: "xen",
      imageType: "machine",
      public: true,
      region,
      rootDeviceName: "/dev/xvda",
      rootDeviceType: "ebs",
      state: "available",
      virtualizationType: "hvm",
    });
  },
};

/** DescribeImages: `*` is any run of characters, `?` any one. */
function glob(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}
