/** Components on Azure. Needs `@pulumi/azure-native`: npm install "@pulumi/azure-native@^3.28.0". */
export * from "./components/azure";
