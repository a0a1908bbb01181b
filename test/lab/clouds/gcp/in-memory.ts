import { Project } from "../../../../lab/clouds/gcp/context";
import { gcpProvider } from "../../../../lab/clouds/gcp/provider";
import { InMemory as CloudInMemory } from "../in-memory";

export class InMemory extends CloudInMemory<Project> {
  constructor() {
    super(gcpProvider("0.0.0", undefined), (open) => new Project("trunkline-lab", "europe-west1", open));
  }
}
