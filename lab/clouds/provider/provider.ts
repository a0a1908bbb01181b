import type { Problem, ResourceType } from "./resource";
import type { Properties } from "./wire";

/** A vendor's provider: what of it has a stand-in. `C` is what its configuration makes. */
export interface Provider<C> {
  /** Such as `aws`: the plugin's name. */
  readonly name: string;
  /** Of the SDK's package; the engine asks for exactly this one. */
  readonly version: string;
  readonly types: readonly ResourceType<C>[];
  readonly functions: readonly CloudFunction<C>[];
  /** Problems of a configuration; the engine asks before it configures, with unknowns left out. */
  readonly checkConfig: (config: Properties) => readonly Problem[];
  /** Configuration keys whose change replaces everything that the provider made. */
  readonly replacingConfig: readonly string[];
  readonly configure: (config: Properties) => C;
}

/** A question to a cloud that makes nothing (`ec2.getAmi`). */
export interface CloudFunction<C> {
  readonly token: string;
  readonly invoke: (args: Properties, context: C) => Promise<Properties>;
}
