import { z } from "zod";
import { Refusal } from "../provider/refusal";
import type { Properties } from "../provider/wire";

/** What a question to EC2 may name; any other field, or another filter, has no stand-in. */
export function questionOf<I extends z.ZodRawShape>(
  name: string,
  shape: I,
  given: Properties,
): z.output<z.ZodObject<I>> {
  const read = z.strictObject(shape).safeParse(given);
  if (read.success) return read.data;
  throw new Refusal(
    "NoStandIn",
    `the lab's ${name} knows ${Object.keys(shape).join(", ")} only: ${read.error.issues.map(({ path, message }) => `${path.map(String).join(".")} ${message}`).join("; ")}`,
  );
}

/** As the provider says of one thing that is not there (terraform-provider-aws, `SingularDataSourceFindError`). */
export function noMatch(what: string): Refusal {
  return new Refusal("NotFound", `no matching ${what} found`);
}

/** A VPC's main table has no object in the world: it holds the local routes, and every VPC has one. */
export function mainTableOf(network: string): string {
  return `rtb-${network.slice("vpc-".length)}`;
}
