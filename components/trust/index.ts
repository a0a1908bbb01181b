export * from "./authority";
export * from "./identity";
