/** Components on Google Cloud. Needs `@pulumi/gcp`: npm install "@pulumi/gcp@^9.37.0". */
export * from "./components/gcp";
