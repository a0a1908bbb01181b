/** All components in one place, for the analyzer: it looks at what an entry file imports. */
export * from "../../../aws";
export * from "../../../index";
