import type { Call } from "../../../lab/clouds/provider/resource";

/** A call as the service makes it. */
export function callWith<C>(context: C, change: Partial<Call<C>> = {}): Call<C> {
  return {
    context,
    urn: "urn:pulumi:test::trunkline::some:index:Type::thing",
    name: "thing",
    timeoutSeconds: 0,
    signal: new AbortController().signal,
    ...change,
  };
}
