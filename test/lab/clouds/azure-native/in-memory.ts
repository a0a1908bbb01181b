import { Subscription } from "../../../../lab/clouds/azure-native/context";
import { azureProvider } from "../../../../lab/clouds/azure-native/provider";
import { InMemory as CloudInMemory } from "../in-memory";

export class InMemory extends CloudInMemory<Subscription> {
  constructor() {
    super(
      azureProvider("0.0.0", undefined),
      (open) => new Subscription("00000000-0000-0000-0000-000000000000", undefined, open),
    );
  }
}
