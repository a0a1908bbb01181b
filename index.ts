/**
 * The package's root: a whole fleet as a component, and the components that belong to no one cloud. No cloud's SDK is
 * loaded from here; each cloud's own components are under `trunkline/aws` and the like.
 */
export * from "./components/backbone";
export * from "./components/trust";
