export * from "./managed-connection";
export * from "./managed-gateway";
export * from "./managed-network";
export * from "./network";
export * from "./pair";
export * from "./peer-rules";
