export * from "./backbone";
export * from "./bgp-session";
export * from "./release";
