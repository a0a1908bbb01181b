// The library's dependency injection wants this polyfill loaded first.
import "reflect-metadata";

export * from "@peculiar/x509";
