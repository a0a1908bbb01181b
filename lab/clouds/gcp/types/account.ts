import { z } from "zod";
import { Refusal } from "../../provider/refusal";
import { gcpType } from "../type";

/** A service account. It has no role in the lab: there is no type that would give it one. */
export const account = gcpType({
  token: "gcp:serviceaccount/account:Account",
  inputs: {
    // IAM API reference, "projects.serviceAccounts.create".
    accountId: z
      .string()
      .regex(/^[a-z]([-a-z0-9]{4,28}[a-z0-9])$/, "must be 6 to 30 lower-case letters, digits and hyphens"),
    displayName: z.string().max(100).optional(),
    description: z.string().max(256).optional(),
  },
  replacedBy: ["accountId"],
  computed: ["email", "member", "name", "project", "uniqueId"],
  changing: [],
  async create(given, call) {
    const { context } = call;
    const email = `${given.accountId}@${context.id}.iam.gserviceaccount.com`;
    const there = await context.find("role", email);
    if (there !== undefined && there.name !== call.name)
      throw new Refusal(
        "alreadyExists",
        `Service account ${given.accountId} already exists within project ${context.id}.`,
      );
    await context.make({ kind: "role", id: email, name: call.name, policies: {} });
    const path = `projects/${context.id}/serviceAccounts/${email}`;
    return {
      id: path,
      outputs: {
        ...given,
        email,
        member: `serviceAccount:${email}`,
        name: path,
        project: context.id,
        uniqueId: "1",
      },
    };
  },
  async read(path, _state, { context }) {
    const email = path.slice(path.lastIndexOf("/") + 1);
    return (await context.find("role", email)) === undefined ? undefined : { email };
  },
  async update(_path, given) {
    return Promise.resolve({ ...given });
  },
  async remove(path, _state, { context }) {
    await context.unmake("role", path.slice(path.lastIndexOf("/") + 1));
  },
});
