/** Components on AWS. Needs `@pulumi/aws`: npm install "@pulumi/aws@^7.48.0". */
export * from "./components/aws";
