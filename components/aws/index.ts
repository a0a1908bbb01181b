export * from "./network";
export * from "./pair";
export * from "./peer-rules";
export * from "./remote-routes";
export * from "./transit-gateway";
