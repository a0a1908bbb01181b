export * from "./network";
export * from "./pair";
export * from "./peer-rules";
